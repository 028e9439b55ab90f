//! The text that A1111 writes and most others read (`modules/infotext_utils.py`): the prompt, a line that begins
//! with `Negative prompt:`, and a last line of `Name: value` pairs; values with , : or newlines are JSON strings.

mod layout;
mod pairs;
mod read;
mod resources;

use super::read::Made;
use super::samplers;

pub use read::{prompts, read};

const NEGATIVE: &str = "Negative prompt:";

/// What others need to make the same picture.
pub fn write(made: &Made) -> String {
    let loras = made.loras.iter().map(|lora| format!(" <lora:{}:{}>", lora.model.name, lora.weight));
    let mut text = made.prompt.clone();
    text.extend(loras);
    if !made.negative_prompt.is_empty() {
        text = format!("{text}\n{NEGATIVE} {}", made.negative_prompt);
    }
    let pairs: Vec<_> = pairs(made).into_iter().map(|(name, value)| format!("{name}: {}", quoted(&value))).collect();
    format!("{text}\n{}", pairs.join(", "))
}

fn pairs(made: &Made) -> Vec<(&'static str, String)> {
    let name = |list: &[(&'static str, &'static str)], id: &String| {
        list.iter().find(|(known, _)| known == id).map_or_else(|| id.clone(), |(_, name)| (*name).to_owned())
    };
    let size = made.width.zip(made.height).map(|(width, height)| format!("{width}x{height}"));
    let all = [
        ("Steps", made.steps.map(|steps| steps.to_string())),
        ("Sampler", made.sampler.as_ref().map(|id| name(samplers::SAMPLERS, id))),
        ("Schedule type", made.scheduler.as_ref().map(|id| name(samplers::SCHEDULERS, id))),
        ("CFG scale", made.cfg.map(|cfg| cfg.to_string())),
        ("Seed", made.seed.map(|seed| seed.to_string())),
        ("Size", size),
        ("Model", made.checkpoint.as_ref().map(|model| model.name.clone())),
        ("Clip skip", made.clip_skip.filter(|skip| *skip > 1).map(|skip| skip.to_string())),
        ("Version", Some("Genonaut".to_owned())),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn quoted(value: &str) -> String {
    let plain = !value.contains([',', ':', '\n', '"']);
    if plain { value.to_owned() } else { serde_json::Value::from(value).to_string() }
}
