//! The text that A1111 writes and most others read (`modules/infotext_utils.py`): the prompt, a line that begins
//! with `Negative prompt:`, and a last line of `Name: value` pairs; values with , : or newlines are JSON strings.

mod write;

use super::read::{Lora, Made, Model, Program};
use super::{samplers, tags};

pub use write::write;

const NEGATIVE: &str = "Negative prompt:";
/// Fewer pairs than this are a prompt's own last line.
const FEWEST_PAIRS: usize = 3;

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
        "Schedule type" => made.scheduler = Some(samplers::find_scheduler(value).unwrap_or(value).to_owned()),
        "Sampler" => {
            let (sampler, scheduler) = samplers::find(value).unwrap_or((value, None));
            made.sampler = Some(sampler.to_owned());
            if let Some(scheduler) = scheduler {
                made.scheduler.get_or_insert_with(|| scheduler.to_owned());
            }
        }
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
