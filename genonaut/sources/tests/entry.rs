//! From files in a folder to what the catalogue gets to know of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "entry/fields.rs"]
mod fields;
#[path = "support/meaning/mod.rs"]
mod fixtures;
#[path = "entry/limits.rs"]
mod limits;
#[path = "support/other.rs"]
mod other;
#[path = "support/pickled.rs"]
mod pickled;
#[path = "entry/same.rs"]
mod same;
mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fixtures::Case;
use genonaut_sources::entry::{self, Entry, Knowledge, Model};
use genonaut_sources::folder::{Found, Origin, Root, walk};
use genonaut_sources::meaning::FileHashes;
use genonaut_sources::not_read::NotRead;
use serde_json::{Value, json};

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(Knowledge::default);

fn root(path: &Path) -> Root {
    Root { path: path.to_owned(), kind: None, origin: Origin::Plain, shallow: false }
}

/// Every model below a folder.
fn models(path: &Path) -> Vec<Found> {
    walk(&root(path)).flat_map(|folder| folder.unwrap().models).collect()
}

fn read(path: &Path, found: &Found) -> Result<Entry, NotRead> {
    entry::read(&KNOWLEDGE, &Model { root: &root(path), found, hashes: FileHashes::default() })
}

/// What every model below a folder says, by path.
fn all(path: &Path) -> BTreeMap<PathBuf, Entry> {
    models(path).into_iter().map(|found| (found.path.clone(), read(path, &found).unwrap())).collect()
}

/// The only model below a folder.
fn only(path: &Path) -> Entry {
    all(path).into_values().next().unwrap()
}

/// An entry under the names that the cases expect.
fn as_expected(entry: &Entry, case: &Case) -> Value {
    let (fields, metadata) = (&entry.fields, &entry.fields["metadata"]);
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let words = [list(&field("trigger_words")), list(&metadata["suggested_words"])].concat();
    json!({
        "type": entry.kind,
        "architecture": metadata["detection"]["architecture"],
        "conflict": metadata["detection"]["conflict"],
        "family": field("family"),
        "name": fields.get("name").cloned().unwrap_or_else(|| case.stem().into()),
        "version": field("version"),
        "description": field("description"),
        "tags": list(&field("tags")),
        "trigger_words": words,
        "optimal_checkpoints": list(&field("optimal_checkpoints")),
        "rank": metadata["rank"]["mode"],
        "alpha": metadata["alpha"],
        "prediction_type": metadata["prediction_type"],
        "zero_terminal_snr": metadata["zero_terminal_snr"],
        "warnings": entry.warnings,
        "preview": entry.preview,
        "metadata": {
            "preferred_weight": metadata["recommended_weight"],
            "clip_skip": metadata["usage"]["clip_skip"],
            "negative_text": metadata["negative_text"],
            "notes": metadata["notes"],
            "favorite": metadata["favorite"],
        },
    })
}

/// Compares every field that a case expects.
fn score(case: &Case, entries: &BTreeMap<PathBuf, Entry>) -> usize {
    let found = as_expected(&entries[Path::new(case.path)], case);
    let expected = case.expected.as_object().unwrap();
    for (key, expected) in expected {
        match expected.as_object() {
            Some(inner) => inner.iter().for_each(|(name, value)| assert_eq!(&found[key][name], value, "{}", case.path)),
            None => assert_eq!(&found[key], expected, "{key} of {}", case.path),
        }
    }
    expected.len()
}

#[test]
fn every_model_with_metadata_or_files_beside_it_gets_its_fields() {
    let home = tempfile::tempdir().unwrap();
    let cases: Vec<Case> = fixtures::embedded().into_iter().chain(fixtures::beside()).collect();
    cases.iter().for_each(|case| case.write(home.path()));
    fixtures::write_beside(home.path());
    let entries = all(home.path());
    let judged: usize = cases.iter().map(|case| score(case, &entries)).sum();
    assert_eq!((entries.len(), judged), (21, 90));
}

#[test]
fn every_other_kind_has_its_table_or_none() {
    for (id, answer, tensors) in other::other() {
        let home = tempfile::tempdir().unwrap();
        let rows: Vec<_> = tensors.iter().map(|(name, shape)| (*name, "F16", *shape)).collect();
        support::write_safetensors(&home.path().join("x.safetensors"), &rows, None, b"");
        let entry = only(home.path());
        assert_eq!(json!(entry.kind), answer["type"], "{id}");
        assert_eq!(entry.table.is_some(), answer["type"] == "lora", "{id}");
        let words = match id {
            "lora_with_bundled_embedding" => json!(["mytoken"]),
            _ if answer["type"] == "embedding" => json!(["x"]),
            _ => Value::Null,
        };
        assert_eq!(entry.fields.get("trigger_words").unwrap_or(&Value::Null), &words, "{id}");
        assert_eq!(entry.fields.get("compatible_architectures").is_some(), answer["type"] == "lora", "{id}");
    }
}
