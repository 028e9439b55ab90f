//! From files to model, text encoder and VAE: loaders, LoRAs, clip skip, shift.

use serde_json::Value;

use super::family::Family;
use super::graph::{Graph, Link};
use crate::comfyui::models::Models;
use crate::{ModelKind, Request};

pub(super) struct Loaded {
    pub model: Link,
    pub clip: Link,
    pub vae: Link,
}

pub(super) fn add(graph: &mut Graph, request: &Request, family: &Family, models: &Models) -> Loaded {
    let mut loaded = files(graph, request, family, models);
    loras(graph, request, models, &mut loaded);
    if family.clip_skip && request.clip_skip > 1 {
        let last = -i64::from(request.clip_skip);
        let inputs = [("clip", loaded.clip.into()), ("stop_at_clip_layer", last.into())];
        loaded.clip = graph.add("13", "CLIPSetLastLayer", inputs);
    }
    if let Some(shift) = family.shift {
        let inputs = [("model", loaded.model.into()), ("shift", shift.into())];
        loaded.model = graph.add("14", "ModelSamplingAuraFlow", inputs);
    }
    loaded
}

fn files(graph: &mut Graph, request: &Request, family: &Family, models: &Models) -> Loaded {
    let name: Value = models.main.as_str().into();
    let model = match request.kind {
        ModelKind::Checkpoint => graph.add("4", "CheckpointLoaderSimple", [("ckpt_name", name)]),
        ModelKind::DiffusionModel => {
            graph.add("4", "UNETLoader", [("unet_name", name), ("weight_dtype", "default".into())])
        }
    };
    let clip = text(graph, family, models).unwrap_or_else(|| model.output(1));
    let vae = match &models.vae {
        Some(name) => graph.add("12", "VAELoader", [("vae_name", name.as_str().into())]),
        None => model.output(2),
    };
    Loaded { model, clip, vae }
}

fn text(graph: &mut Graph, family: &Family, models: &Models) -> Option<Link> {
    let kind: Value = family.text.kind.into();
    let class = family.text.loader;
    let names: Vec<Value> = models.text.iter().map(|name| name.as_str().into()).collect();
    Some(match &names[..] {
        [] => return None,
        [one] => graph.add("11", class, [("clip_name", one.clone()), ("type", kind)]),
        [one, two] => {
            graph.add("11", class, [("clip_name1", one.clone()), ("clip_name2", two.clone()), ("type", kind)])
        }
        [one, two, three, ..] => {
            let [one, two, three] = [one, two, three].map(Value::clone);
            graph.add("11", class, [("clip_name1", one), ("clip_name2", two), ("clip_name3", three)])
        }
    })
}

/// Each LoRA changes what the one before it gives.
fn loras(graph: &mut Graph, request: &Request, models: &Models, loaded: &mut Loaded) {
    for (place, (lora, name)) in request.loras.iter().zip(&models.loras).enumerate() {
        let changed = graph.add(
            &(100 + place).to_string(),
            "LoraLoader",
            [
                ("lora_name", name.as_str().into()),
                ("strength_model", lora.weight.into()),
                ("strength_clip", lora.clip_weight.into()),
                ("model", (&loaded.model).into()),
                ("clip", (&loaded.clip).into()),
            ],
        );
        loaded.clip = changed.output(1);
        loaded.model = changed;
    }
}
