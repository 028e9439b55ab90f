//! What a header, the files beside a model and its name say.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/meaning/mod.rs"]
mod fixtures;
#[path = "meaning/formats.rs"]
mod formats;
#[path = "meaning/hostile.rs"]
mod hostile;
#[path = "meaning/lineage.rs"]
mod lineage;
mod support;

use std::path::Path;

use fixtures::Case;
use genonaut_sources::architectures::TABLE;
use genonaut_sources::header::Metadata;
use genonaut_sources::meaning::families::Evidence;
use genonaut_sources::meaning::{Families, FileHashes, Siblings, claims, embedded, merge, preview, sidecar};
use serde_json::{Map, Value, json};

/// The names in a folder.
fn siblings(folder: &Path) -> Siblings {
    let names = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    Siblings::new(folder, names)
}

/// All that this crate part knows of a case, under the names that the cases expect.
fn found(case: &Case, root: &Path) -> Map<String, Value> {
    let folder = root.join(case.path).parent().unwrap().to_owned();
    let siblings = siblings(&folder);
    let metadata = Metadata(case.texts());
    let header = embedded::read(&metadata, case.stem());
    let beside = sidecar::gather(&siblings, case.stem(), FileHashes::default());
    let statements = [beside.statements, header.statements].concat();
    let said = merge(&statements).said;
    let families = Families::from_json(TABLE).unwrap();
    let lineage = families.lineage(&Evidence {
        // By the tensors, in a catalogue.
        architectures: &[case.expected["architecture"].as_str().unwrap_or("sdxl")],
        claims: &claims(&statements),
        metadata: Some(&metadata),
        stem: case.stem(),
        title: said.name.as_deref(),
        ..Evidence::default()
    });
    let preview = preview::find(&siblings, case.stem());
    let mut found = json!({
        "architecture": said.base.as_ref().and_then(|base| Some(&families.spelled(base)?.architecture)),
        "family": lineage.family.map(|family| family.id),
        "trigger_words": said.words().collect::<Vec<_>>(),
        "rank": header.training.rank,
        "alpha": header.training.alpha,
        "warnings": beside.warnings,
        "preview": preview.map(|preview| preview.path.strip_prefix(root).unwrap().to_owned()),
    });
    for key in ["name", "version", "description", "tags", "optimal_checkpoints"] {
        found[key] = json!(said)[key].clone();
    }
    for key in ["preferred_weight", "clip_skip", "negative_text"] {
        found["metadata"][key] = json!(said.usage)[key].clone();
    }
    found["metadata"]["notes"] = json!(said.notes);
    found["metadata"]["favorite"] = json!(said.favorite);
    found.as_object().unwrap().clone()
}

/// Compares every field that a case expects. What only tensors tell is not judged here.
fn score(case: &Case, root: &Path) -> usize {
    const BY_TENSORS: [&str; 4] = ["type", "conflict", "prediction_type", "zero_terminal_snr"];
    let found = found(case, root);
    let contradicts = case.expected["conflict"] == true;
    let judged = case.expected.as_object().unwrap().iter().filter(|(key, _)| {
        let silent = *key == "architecture" && (found["architecture"].is_null() || contradicts);
        !silent && !BY_TENSORS.contains(&key.as_str())
    });
    judged
        .map(|(key, expected)| match expected.as_object().filter(|_| key == "metadata") {
            Some(settings) => {
                settings.iter().for_each(|(name, value)| assert_eq!(&found[key][name], value, "{}", case.path))
            }
            None => assert_eq!(&found[key], expected, "{key} of {}", case.path),
        })
        .count()
}

#[test]
fn every_header_and_every_file_beside_a_model_says_what_it_should() {
    let root = tempfile::tempdir().unwrap();
    let (embedded, beside) = (fixtures::embedded(), fixtures::beside());
    embedded.iter().for_each(|case| case.write(root.path()));
    fixtures::write_beside(root.path());
    let judged = |cases: &[Case]| cases.iter().map(|case| score(case, root.path())).sum::<usize>();
    assert_eq!((embedded.len(), judged(&embedded)), (13, 34));
    assert_eq!((beside.len(), judged(&beside)), (8, 45));
}

#[test]
fn each_field_remembers_who_said_it() {
    let root = tempfile::tempdir().unwrap();
    fixtures::write_beside(root.path());
    let metadata = Metadata(vec![("modelspec.trigger_phrase".to_owned(), "embedded trigger".to_owned())]);
    let beside = sidecar::gather(&siblings(&root.path().join("all")), "hero", FileHashes::default()).statements;
    let merged = merge(&[beside, embedded::read(&metadata, "hero").statements].concat());
    let source = |field: &str| merged.sources[field].as_str();
    assert_eq!((source("name"), source("description")), ("hero.civitai.info", "hero.txt"));
    assert_eq!((source("base"), source("tags")), ("hero.metadata.json", "hero.civitai.info"));
    let words: Vec<&str> = merged.said.trigger_words.iter().map(|word| word.source.as_str()).collect();
    assert_eq!(words, ["hero.json", "hero.civitai.info", "hero.civitai.info", "modelspec.trigger_phrase"]);
    assert_eq!(merged.extra["hero.civitai.info"]["baseModelType"], "Standard");
}
