//! ComfyUI's graph (the chunk `prompt`): `{"3": {"class_type": "KSampler", "inputs": {"seed": 1, "model": ["4", 0]}}}`.
//! Read from the sampler backwards. Links may lead in a circle, in a file that someone made to do so.

mod left_out;

use serde_json::{Map, Value};

use super::{Lora, Made, Model};
use crate::picture::values::{float, whole};
use crate::picture::{Program, Reason};
use crate::setting_limits::MOST_LORAS;

/// No chain of nodes is longer.
const DEEPEST: usize = 200;

struct Graph<'a>(&'a Map<String, Value>);

pub fn read(graph: &Map<String, Value>) -> Option<Made> {
    let graph = Graph(graph);
    let sampler = graph.sampler()?;
    let text = |key: &str| graph.text(sampler, key);
    let mut made = Made {
        by: Program::ComfyUi,
        prompt: graph.prompt(sampler, "positive"),
        negative_prompt: graph.prompt(sampler, "negative"),
        steps: graph.found(sampler, "steps").and_then(|value| u32::try_from(whole(value)?.0).ok()),
        cfg: graph.found(sampler, "cfg").and_then(float),
        seed: graph
            .found(sampler, "seed")
            .or(graph.found(sampler, "noise_seed"))
            .and_then(|value| Some(whole(value)?.0)),
        ..Made::default()
    };
    if let Some(name) = text("sampler_name") {
        made.set_sampling(&name, text("scheduler").as_deref());
    }
    graph.models(sampler, &mut made);
    let latent = graph.upwards(sampler, "latent_image").find(|node| number(inputs(node), "width").is_some());
    if let Some(latent) = latent {
        (made.width, made.height) = (number(inputs(latent), "width"), number(inputs(latent), "height"));
    }
    left_out::report(graph.0, sampler, &mut made);
    Some(made)
}

fn number(inputs: &Value, key: &str) -> Option<u32> {
    u32::try_from(whole(inputs.get(key)?)?.0).ok()
}

fn inputs(node: &Value) -> &Value {
    node.get("inputs").unwrap_or(&Value::Null)
}

fn class(node: &Value) -> &str {
    node.get("class_type").and_then(Value::as_str).unwrap_or_default()
}

impl<'a> Graph<'a> {
    /// The sampler that comes last: the one that no other sampler's latent image comes from is the first.
    fn sampler(&self) -> Option<&'a Value> {
        let samples = |node: &&'a Value| class(node).contains("Sampler") && inputs(node).get("positive").is_some();
        self.0.values().find(samples)
    }

    fn linked(&self, node: &'a Value, input: &str) -> Option<&'a Value> {
        let id = inputs(node).get(input)?.as_array()?.first()?.as_str()?;
        self.0.get(id)
    }

    /// The nodes that an input comes through, by the first link of each that is of the same kind.
    fn upwards(&self, node: &'a Value, input: &'static str) -> impl Iterator<Item = &'a Value> {
        let mut next = self.linked(node, input);
        let step = move || {
            let node = next?;
            let ways = [input, "model", "clip", "conditioning", "positive", "samples", "latent", "latent_image"];
            next = ways.iter().find_map(|way| self.linked(node, way));
            Some(node)
        };
        std::iter::from_fn(step).take(DEEPEST)
    }

    /// A value, or what a node that holds a value has in its place.
    fn found(&self, node: &'a Value, input: &str) -> Option<&'a Value> {
        let mut value = inputs(node).get(input)?;
        for _ in 0..DEEPEST {
            let Some(id) = value.as_array().and_then(|link| link.first()?.as_str()) else { return Some(value) };
            let held = inputs(self.0.get(id)?);
            value = ["value", "seed", "noise_seed", "text", "string", "int", "float"]
                .iter()
                .find_map(|key| held.get(key))?;
        }
        None
    }

    fn text(&self, node: &'a Value, input: &str) -> Option<String> {
        self.found(node, input)?.as_str().map(str::to_owned)
    }

    fn prompt(&self, sampler: &'a Value, input: &'static str) -> String {
        let mut nodes = self.upwards(sampler, input);
        nodes
            .find_map(|node| ["text", "text_g", "prompt"].iter().find_map(|key| self.text(node, key)))
            .unwrap_or_default()
    }

    fn models(&self, sampler: &'a Value, made: &mut Made) {
        for node in self.upwards(sampler, "model") {
            if let Some(name) = self.text(node, "lora_name") {
                let weight = self.found(node, "strength_model").and_then(float).unwrap_or(1.0);
                let clip = self.found(node, "strength_clip").and_then(float);
                made.loras.push(Lora {
                    model: Model::named(&name),
                    weight,
                    clip_weight: clip.filter(|clip| *clip != weight),
                });
            }
            if let Some(name) = self.text(node, "ckpt_name").or_else(|| self.text(node, "unet_name")) {
                made.checkpoint.get_or_insert_with(|| Model::named(&name));
            }
        }
        // The one nearest to the checkpoint is applied first.
        made.loras.reverse();
        for lora in made.loras.split_off(made.loras.len().min(MOST_LORAS)) {
            made.report.leave_out("lora", &lora.model.name, Reason::TooManyLoras);
        }
        let skips = self.upwards(sampler, "positive").find_map(|node| inputs(node).get("stop_at_clip_layer")?.as_i64());
        made.clip_skip = skips.and_then(|layer| u32::try_from(layer.checked_neg()?).ok());
    }
}
