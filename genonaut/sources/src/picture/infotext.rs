//! The text that A1111 writes and most others read (`modules/infotext_utils.py`): the prompt, a line that begins
//! with `Negative prompt:`, and a last line of `Name: value` pairs; values with , : or newlines are JSON strings.

use super::read::{Lora, Made, Model};
use super::{Program, samplers, tags};

const NEGATIVE: &str = "Negative prompt:";
/// Fewer pairs than this are a prompt's own last line.
const FEWEST_PAIRS: usize = 3;

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

/// `None` when the text has no line of pairs.
pub fn read(text: &str) -> Option<Made> {
    let text = text.trim();
    let (above, last) = text.rsplit_once('\n').unwrap_or(("", text));
    let pairs = split_pairs(last);
    if pairs.len() < FEWEST_PAIRS {
        return None;
    }
    let (prompt, negative) = above.split_once(NEGATIVE).unwrap_or((above, ""));
    let mut made = Made { by: Program::A1111, negative_prompt: negative.trim().to_owned(), ..Made::default() };
    (made.prompt, made.loras) = take_loras(prompt.trim());
    for (name, value) in &pairs {
        take(&mut made, name, value);
    }
    let pair = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if let Some(sampler) = pair("Sampler") {
        made.set_sampling(sampler, pair("Schedule type"));
    }
    hashes(&mut made, &pairs);
    Some(made)
}

fn take(made: &mut Made, name: &str, value: &str) {
    match name {
        "Steps" => made.steps = value.parse().ok(),
        "CFG scale" => made.cfg = value.parse().ok(),
        "Seed" => made.seed = value.parse().ok(),
        "Clip skip" => made.clip_skip = value.parse().ok(),
        "Size" => {
            (made.width, made.height) =
                value.split_once('x').map_or((None, None), |(w, h)| (w.parse().ok(), h.parse().ok()))
        }
        "Model" => made.checkpoint.get_or_insert_default().set_name(value),
        "Model hash" => made.checkpoint.get_or_insert_default().hash = Some(value.to_lowercase()),
        _ => {}
    }
}

/// `Lora hashes: "name: 12hex, …"`.
fn hashes(made: &mut Made, pairs: &[(String, String)]) {
    let listed = pairs.iter().find(|(name, _)| name == "Lora hashes").map(|(_, value)| value.as_str());
    for (name, hash) in listed.unwrap_or_default().split(',').filter_map(|pair| pair.split_once(':')) {
        for lora in made.loras.iter_mut().filter(|lora| lora.model.name == name.trim()) {
            lora.model.hash = Some(hash.trim().to_lowercase());
        }
    }
}

/// Takes LoRAs out of a prompt. Who writes this text writes the text encoder's weight first.
fn take_loras(prompt: &str) -> (String, Vec<Lora>) {
    let mut plain = prompt.to_owned();
    let mut loras = Vec::new();
    for tag in tags::find(prompt).iter().rev().filter(|tag| tag.kind == tags::Kind::Lora) {
        let (weight, clip_weight) = tag.weights(tags::Order::TextEncoderFirst);
        loras.insert(0, Lora { model: Model::named(&tag.name), weight: weight.unwrap_or(1.0), clip_weight });
        plain = tags::without(&plain, &tag.range);
    }
    (plain.trim().to_owned(), loras)
}

/// `Name: value, Name: "quoted, value"`.
fn split_pairs(line: &str) -> Vec<(String, String)> {
    let (mut pairs, mut rest) = (Vec::new(), line.trim());
    while let Some((name, behind)) = rest.split_once(':') {
        let behind = behind.trim_start();
        let (value, after) = match behind.starts_with('"').then(|| quoted_end(behind)).flatten() {
            Some(end) => {
                (serde_json::from_str(&behind[..end]).unwrap_or_else(|_| behind[..end].to_owned()), &behind[end..])
            }
            None => behind
                .split_once(',')
                .map_or((behind.trim().to_owned(), ""), |(value, after)| (value.trim().to_owned(), after)),
        };
        pairs.push((name.trim().to_owned(), value));
        rest = after.trim_start_matches([',', ' ']);
    }
    pairs
}

/// Behind the quote that ends a JSON string.
fn quoted_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return Some(at + 1),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}
