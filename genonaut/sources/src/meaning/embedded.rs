//! What the metadata in a model file's header says, by kohya's, ModelSpec's and other writers' keys.

mod dataset;
mod folder;
mod training;

use serde_json::Value;

use super::text::{self, stated};
use super::words::{self, Word, settled};
use super::{Claim, Prediction, Said, Statement, Trust, Usage, extra, file_name, html};
use crate::header::Metadata;
pub use training::Training;

/// What a header holds about its model.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// The header's word first, then what only the file's name tells.
    pub statements: Vec<Statement>,
    pub training: Training,
    /// `bad-embedded-json:<key>` where a table is cut off.
    pub warnings: Vec<String>,
}

/// Reads the metadata of the file whose name without extension is `stem`.
pub fn read(metadata: &Metadata, stem: &str) -> Embedded {
    let tables = dataset::Tables::read(metadata);
    let mut said = stated_by(metadata);
    let hint = first(metadata, &["ss_output_name", "modelspec.title"]).unwrap_or(stem);
    let (guessed, trained): (Vec<_>, Vec<_>) = tables.words(hint).into_iter().partition(Word::guessed);
    (said.trigger_words, said.suggested_words) = settled([said.trigger_words, trained].concat(), guessed);
    said.optimal_checkpoints.extend(checkpoint(metadata));
    let named = Said {
        name: Some(stem.to_owned()),
        version: file_name::version(stem).or_else(|| file_name::version(said.name.as_deref()?)),
        ..Said::default()
    };
    Embedded {
        training: Training::read(metadata, stem, &tables),
        warnings: tables.broken.iter().map(|key| format!("bad-embedded-json:{key}")).collect(),
        statements: vec![
            Statement { source: "header".to_owned(), trust: Trust::Header, said },
            Statement { source: "file name".to_owned(), trust: Trust::FileName, said: named },
        ],
    }
}

/// What the metadata says in so many words; SwarmUI writes the same keys into a file beside the model.
pub(super) fn stated_by(metadata: &Metadata) -> Said {
    const TITLES: [&str; 5] = ["modelspec.title", "ssmd_display_name", "ss_output_name", "name", "title"];
    let one = |key: &str| first(metadata, &[key]).and_then(text::line);
    let raw = metadata.0.iter().map(|(key, text)| (key.as_str(), Value::from(text.as_str())));
    Said {
        // kohya's title when nobody gave one is "LoRA@" and the time.
        name: TITLES.iter().filter_map(|key| one(key)).find(|title| !title.starts_with("LoRA@")),
        version: first(metadata, &["ssmd_version", "version"]).and_then(text::line),
        description: first(metadata, &["modelspec.description", "ssmd_description", "description"])
            .and_then(html::description),
        tags: text::tags(["modelspec.tags", "ssmd_tags"].iter().filter_map(|key| first(metadata, &[key]))),
        trigger_words: trigger_words(metadata),
        base: base(metadata).and_then(text::line),
        prediction_type: one("modelspec.prediction_type").and_then(|text| Prediction::spelled(&text)),
        author: first(metadata, &["modelspec.author", "ssmd_author", "author"]).and_then(text::line),
        license: first(metadata, &["modelspec.license", "license"]).and_then(text::line),
        usage: usage(metadata),
        hashes: ["modelspec.hash_sha256", "sshs_model_hash"]
            .iter()
            .filter_map(|key| Claim::of_tensors(metadata.get(key)?))
            .take(1)
            .collect(),
        extra: extra::small(raw),
        ..Said::default()
    }
}

/// The architecture or family as the header spells it.
pub(super) fn base(metadata: &Metadata) -> Option<&str> {
    first(metadata, &["modelspec.architecture", "architecture", "general.architecture", "ss_base_model_version"])
}

/// The text of the first key that has one; `None` and the like count as none.
fn first<'a>(metadata: &'a Metadata, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| stated(metadata.get(key)?))
}

fn trigger_words(metadata: &Metadata) -> Vec<Word> {
    const KEYS: [&str; 5] =
        ["modelspec.trigger_phrase", "ssmd_keywords", "trigger_word", "trigger_words", "trigger_phrase"];
    let lists = KEYS.iter().filter_map(|key| Some(words::from_lists([first(metadata, &[key])?], key)));
    words::unique(lists.flatten())
}

fn usage(metadata: &Metadata) -> Usage {
    let number = |key: &str| number(metadata, key);
    let side = |text: &str| text.trim().parse().ok().filter(|pixels| *pixels > 0);
    let size = first(metadata, &["modelspec.resolution"]).and_then(|text| text.split_once(['x', 'X', '×']));
    Usage {
        preferred_weight: ["modelspec.lora_default_weight", "lora_default_weight"]
            .iter()
            .find_map(|key| number(key).filter(|weight| *weight != 0.0)),
        width: size.and_then(|(width, _)| side(width)),
        height: size.and_then(|(_, height)| side(height)),
        clip_skip: number("modelspec.encoder_layer")
            .or_else(|| number("ss_clip_skip"))
            .filter(|skip| (1.0..=12.0).contains(skip))
            .map(|skip| skip as u32),
        ..Usage::default()
    }
}

/// A finite number that is written as one: `"16"`, `"8.0"`, not `"Dynamic"`.
fn number(metadata: &Metadata, key: &str) -> Option<f64> {
    text::number(first(metadata, &[key])?).filter(|number| number.is_finite())
}

/// The checkpoint that the model was trained on, where its name tells one.
fn checkpoint(metadata: &Metadata) -> Option<String> {
    const ANY: [&str; 9] =
        ["model", "checkpoint", "unet", "transformer", "diffusion pytorch model", "sd", "base", "main", "snapshot"];
    let given = first(metadata, &["ss_sd_model_name"])?.trim_end_matches(['/', '\\']);
    let name = crate::picture::Model::named(given).name;
    let snapshot = name.len() == 40 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    // A number is a version on Civitai: `families` reads it.
    let number = name.chars().all(|c| c.is_ascii_digit());
    (!snapshot && !number && !ANY.contains(&text::key(&name).as_str())).then(|| text::line(&name))?
}
