//! What has no column of its own, by the names that the catalogue and the recipe look it up by.

use serde_json::{Map, Value, json};

use super::Table;
use super::known::Known;
use crate::meaning::{Usage, Word};

/// What these settings are called in [`Usage`] and in the metadata alike.
const SETTINGS: [&str; 7] = ["width", "height", "steps", "cfg", "sampler", "scheduler", "clip_skip"];

/// What a source said, as [`Merged`](crate::meaning::Merged) calls it and as the metadata does.
const SAID: [(&str, &str); 10] = [
    ("preferred_weight", "recommended_weight"),
    ("weight_range", "weight_range"),
    ("clip_weight", "clip_weight"),
    ("negative_text", "negative_text"),
    ("notes", "notes"),
    ("favorite", "favorite"),
    ("author", "author"),
    ("license", "license"),
    ("civitai", "civitai"),
    ("examples", "examples"),
];

/// What only the model's own file tells.
const OF_FILE: [&str; 12] = [
    "kind",
    "format",
    "adapter",
    "subtype",
    "variant",
    "zero_terminal_snr",
    "precision",
    "quantization",
    "components",
    "rank",
    "alpha",
    "training",
];

/// Names and values, the most useful first; what is not known is null or empty.
pub fn parts(known: &Known, table: Option<Table>) -> Vec<(&'static str, Value)> {
    let (said, usage) = (&known.merged.said, &known.merged.said.usage);
    let mut parts = of_file(known);
    parts.extend([
        ("recommended_weight", json!(usage.preferred_weight)),
        ("weight_range", json!(usage.weight_range.filter(|(least, most)| least <= most))),
        ("clip_weight", json!(usage.clip_weight)),
        (group(table), settings(usage)),
        ("favorite", json!(said.favorite)),
        ("author", json!(said.author)),
        ("license", json!(said.license)),
        ("notes", json!(said.notes)),
        ("negative_text", json!(usage.negative_text)),
        ("examples", said.examples.as_ref().map(settings).unwrap_or_default()),
        ("suggested_words", suggested(known, table)),
        ("trigger_words_source", word_sources(known)),
        ("civitai", json!(said.civitai)),
        ("claimed_hashes", claimed_hashes(known)),
        ("training", json!(known.training)),
        ("raw", known.merged.extra.clone().into()),
    ]);
    parts
}

/// Where in the metadata something stands that a source said, and the source.
pub fn sources(known: &Known, table: Option<Table>) -> Vec<(String, String)> {
    let setting = |name: &&'static str| (*name, format!("{}.{name}", group(table)));
    let said = SAID.iter().map(|(name, key)| (*name, (*key).to_owned())).chain(SETTINGS.iter().map(setting));
    let source = |name: &str| known.merged.sources.get(name).cloned();
    let said = said.filter_map(|(name, key)| Some((key, source(name)?)));
    let prediction = match known.identity.prediction_type {
        Some(_) => Some("header".to_owned()),
        None => source("prediction_type"),
    };
    let of_file = OF_FILE.map(|key| (key.to_owned(), "header".to_owned()));
    said.chain(of_file)
        .chain(prediction.map(|source| ("prediction_type".to_owned(), source)))
        .chain(gathered(known).map(|(key, source)| (key.to_owned(), source)))
        .filter(|(_, source)| !source.is_empty())
        .collect()
}

/// What is put together from several sources, or found out.
fn gathered(known: &Known) -> impl Iterator<Item = (&'static str, String)> {
    let said = &known.merged.said;
    let words: Vec<Word> = said.trigger_words.iter().chain(&said.suggested_words).cloned().collect();
    let words = known.sources_of(&words);
    [
        ("detection", known.architecture_by.clone()),
        ("distilled", known.distilled_by.clone()),
        ("suggested_words", words.clone()),
        ("trigger_words_source", words),
        ("claimed_hashes", known.sources_with(|said| !said.hashes.is_empty())),
        ("raw", known.sources_with(|said| !said.extra.is_empty())),
    ]
    .into_iter()
}

/// A recipe starts from a checkpoint's settings; a LoRA's are hints.
fn group(table: Option<Table>) -> &'static str {
    if table == Some(Table::Checkpoints) { "defaults" } else { "usage" }
}

fn of_file(known: &Known) -> Vec<(&'static str, Value)> {
    let identity = &known.identity;
    vec![
        ("kind", json!(identity.kind)),
        ("format", json!(known.format)),
        ("adapter", json!(identity.adapter)),
        ("subtype", json!(identity.subtype)),
        ("detection", detection(known)),
        ("variant", json!(known.variant)),
        ("prediction_type", prediction_type(known)),
        ("zero_terminal_snr", json!(identity.zero_terminal_snr.then_some(true))),
        ("precision", json!(identity.precision)),
        ("quantization", json!(identity.quantization)),
        ("components", json!(identity.components)),
        ("rank", json!(identity.rank)),
        ("alpha", json!(identity.alpha)),
        ("distilled", json!(known.distilled)),
    ]
}

fn detection(known: &Known) -> Value {
    let mut detection = json!(known.identity.detection);
    if let Some((base, source)) = &known.excluded {
        detection["claim"] = json!({"base": base, "by": source});
    }
    detection
}

fn prediction_type(known: &Known) -> Value {
    match known.identity.prediction_type {
        Some(found) => found.into(),
        None => json!(known.merged.said.prediction_type),
    }
}

fn settings(usage: &Usage) -> Value {
    let all = json!(usage);
    let pairs = SETTINGS.map(|name| (name.to_owned(), all[name].clone()));
    pairs.into_iter().collect::<Map<_, _>>().into()
}

/// A checkpoint has no column for words, whoever says them.
fn suggested(known: &Known, table: Option<Table>) -> Value {
    let said = &known.merged.said;
    let required = said.trigger_words.iter().filter(|_| table == Some(Table::Checkpoints));
    required.chain(&said.suggested_words).map(|word| word.text.as_str()).collect()
}

fn word_sources(known: &Known) -> Value {
    let said = &known.merged.said;
    let words = said.trigger_words.iter().chain(&said.suggested_words);
    words.map(|word| (word.text.clone(), Value::from(word.source.as_str()))).collect::<Map<_, _>>().into()
}

/// Digits by the kind of hash: a version may have several files.
fn claimed_hashes(known: &Known) -> Value {
    let mut hashes = Map::new();
    for claim in &known.merged.said.hashes {
        let of_kind = hashes.entry(claim.kind).or_insert_with(|| json!([]));
        of_kind.as_array_mut().into_iter().for_each(|digits| digits.push(claim.digits.as_str().into()));
    }
    hashes.into()
}
