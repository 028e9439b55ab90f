//! Writes what others need to make the same image, and what Civitai recognises its models by.

use serde_json::{Map, Value};

use super::super::samplers;
use super::NEGATIVE;
use crate::picture::{Lora, Made};

/// Digits of a SHA-256 that name a model file: AutoV2.
const AUTOV2: usize = 10;
/// Digits of a LoRA's hash: AutoV3, where it is known.
const AUTOV3: usize = 12;

pub fn write(made: &Made) -> String {
    let mut text = made.prompt.clone();
    text.extend(made.loras.iter().map(|lora| format!(" {}", tag(lora))));
    if !made.negative_prompt.is_empty() {
        text = format!("{text}\n{NEGATIVE} {}", made.negative_prompt);
    }
    let pairs: Vec<_> =
        pairs(made).into_iter().map(|(name, value)| format!("{name}: {}", quoted(name, &value))).collect();
    format!("{text}\n{}", pairs.join(", "))
}

/// Programs disagree about which of two bare numbers is which, so each has its name.
fn tag(lora: &Lora) -> String {
    let Lora { model, weight, clip_weight } = lora;
    match clip_weight.filter(|clip| clip != weight) {
        Some(clip) => format!("<lora:{}:te={clip}:unet={weight}>", model.name),
        None => format!("<lora:{}:{weight}>", model.name),
    }
}

fn pairs(made: &Made) -> Vec<(&'static str, String)> {
    let name = |list: &[(&'static str, &'static str)], id: &String| samplers::name(list, id).to_owned();
    let size = made.width.zip(made.height).map(|(width, height)| format!("{width}x{height}"));
    let checkpoint = made.checkpoint.as_ref();
    let all = [
        ("Steps", made.steps.map(|steps| steps.to_string())),
        ("Sampler", made.sampler.as_ref().map(|id| name(samplers::SAMPLERS, id))),
        ("Schedule type", made.scheduler.as_ref().map(|id| name(samplers::SCHEDULERS, id))),
        ("CFG scale", made.cfg.map(|cfg| cfg.to_string())),
        ("Seed", made.seed.map(|seed| seed.to_string())),
        ("Size", size),
        ("Model hash", checkpoint.and_then(|model| short(model.hash.as_deref(), AUTOV2))),
        ("Model", checkpoint.map(|model| model.name.clone())),
        ("Clip skip", made.clip_skip.filter(|skip| *skip > 1).map(|skip| skip.to_string())),
        ("Lora hashes", lora_hashes(made)),
        ("Hashes", hashes(made)),
        ("Version", Some("Genonaut".to_owned())),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// `name: digits, …`, as A1111 and Forge write and read it.
fn lora_hashes(made: &Made) -> Option<String> {
    let known = made.loras.iter().filter_map(|lora| Some((lora, short(lora.model.hash.as_deref(), AUTOV3)?)));
    // What separates names and hashes cannot be in a name.
    let listed: Vec<_> =
        known.map(|(lora, hash)| format!("{}: {hash}", lora.model.name.replace([':', ','], ""))).collect();
    (!listed.is_empty()).then(|| listed.join(", "))
}

/// `{"model": digits, "lora:name": digits}`, as Civitai reads it.
fn hashes(made: &Made) -> Option<String> {
    let model = made.checkpoint.as_ref().and_then(|model| short(model.hash.as_deref(), AUTOV2));
    let loras = made
        .loras
        .iter()
        .filter_map(|lora| Some((format!("lora:{}", lora.model.name), short(lora.model.hash.as_deref(), AUTOV3)?)));
    let all: Map<_, _> = model
        .map(|hash| ("model".to_owned(), hash))
        .into_iter()
        .chain(loras)
        .map(|(name, hash)| (name, Value::from(hash)))
        .collect();
    (!all.is_empty()).then(|| Value::from(all).to_string())
}

fn short(hash: Option<&str>, digits: usize) -> Option<String> {
    hash.map(|hash| hash.chars().take(digits).collect())
}

/// `Hashes` is JSON as it stands; anything else with a separator in it is a JSON string.
fn quoted(name: &str, value: &str) -> String {
    let plain = name == "Hashes" || !value.contains([',', ':', '\n', '"']);
    if plain { value.to_owned() } else { Value::from(value).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Model;

    #[test]
    fn models_are_named_with_the_hashes_that_others_look_for() {
        let model = |name: &str, hash: &str| Model { hash: Some(hash.repeat(64)), ..Model::named(name) };
        let lora = |name: &str, clip_weight| Lora { model: model(name, "b"), weight: 0.8, clip_weight };
        let made = Made {
            prompt: "a lighthouse".to_owned(),
            negative_prompt: "blur".to_owned(),
            checkpoint: Some(model("x/base.safetensors", "a")),
            loras: vec![
                lora("film", Some(0.3)),
                lora("it's, a name", Some(0.8)),
                Lora { model: Model::named("bare"), ..lora("", None) },
            ],
            steps: Some(20),
            ..Made::default()
        };
        let written = [
            "a lighthouse <lora:film:te=0.3:unet=0.8> <lora:it's, a name:0.8> <lora:bare:0.8>",
            "Negative prompt: blur",
            r#"Steps: 20, Model hash: aaaaaaaaaa, Model: base, Lora hashes: "film: bbbbbbbbbbbb, it's a name: bbbbbbbbbbbb", "#,
        ];
        let text = write(&made);
        assert!(text.starts_with(&written.join("\n")), "{text}");
        let hashes = text.split_once("Hashes: ").and_then(|(_, rest)| rest.split_once(", Version: Genonaut"));
        let hashes: Value = serde_json::from_str(hashes.map_or("", |(hashes, _)| hashes)).unwrap_or_default();
        assert_eq!(
            (&hashes["model"], &hashes["lora:film"]),
            (&Value::from("a".repeat(10)), &Value::from("b".repeat(12)))
        );
    }
}
