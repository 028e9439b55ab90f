//! Compares what the program says with what a file is known to be.

use std::path::Path;
use std::sync::LazyLock;

use genonaut_sources::architectures::TABLE;
use genonaut_sources::header::{Header, Metadata, Tensor};
use genonaut_sources::identify::{Identity, Rules};
use genonaut_sources::model_file;
use serde_json::{Value, json};

use crate::support;

pub static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::from_json(TABLE).unwrap());

/// Name, number type, shape.
pub type Rows = Vec<(String, String, Vec<u64>)>;

/// What a file has to come out as; what is null is not looked at.
pub struct Expected {
    pub id: String,
    pub answer: Value,
}

pub fn rows<'a>(names_and_shapes: impl IntoIterator<Item = (&'a str, Vec<u64>)>) -> Rows {
    names_and_shapes.into_iter().map(|(name, shape)| (name.to_owned(), "F16".to_owned(), shape)).collect()
}

/// Writes a sparse file, and reads it as a scan would.
pub fn through_a_file(folder: &Path, id: &str, rows: &Rows, metadata: &[(&str, &str)]) -> Identity {
    let path = folder.join(id).with_added_extension("safetensors");
    let borrowed: Vec<_> =
        rows.iter().map(|(name, dtype, shape)| (name.as_str(), dtype.as_str(), shape.as_slice())).collect();
    support::write_safetensors(&path, &borrowed, Some(metadata), &[]);
    let file = model_file::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(file.header.warnings, [""; 0], "{id}");
    RULES.identify(&file.header, "")
}

pub fn in_memory(rows: &Rows) -> Header {
    let tensor = |(name, dtype, shape): &(String, String, Vec<u64>)| Tensor {
        name: name.clone(),
        dtype: dtype.clone(),
        bytes: shape.iter().product::<u64>() * 2,
        shape: Some(shape.clone()),
    };
    Header { tensors: rows.iter().map(tensor).collect(), metadata: Metadata::default(), ..Header::default() }
}

/// What is wrong with an answer, in words; nothing if it is right.
pub fn wrong(expected: &Expected, got: &Identity) -> Option<String> {
    let answer = &expected.answer;
    let got = serde_json::to_value(got).unwrap();
    let kind = |kind: &Value| if kind == "checkpoint" { json!("diffusion_model") } else { kind.clone() };
    let architecture = &got["detection"]["architecture"];
    let allowed =
        answer["arch_alternatives"].as_array().cloned().unwrap_or_else(|| vec![answer["architecture"].clone()]);
    let fits = |field: &str, found: &Value| answer[field].is_null() || &answer[field] == found;
    let right = kind(&answer["type"]) == kind(&got["kind"])
        && allowed.contains(architecture)
        && fits("adapter", &got["adapter"])
        && fits("rank", &got["rank"]["mode"])
        && fits("subtype", &got["subtype"])
        && (!has_known_variants(&answer["architecture"]) || fits("variant", &got["variant"]));
    (!right).then(|| format!("{}: {got} instead of {answer}", expected.id))
}

/// Variants of other architectures are not told from the header.
fn has_known_variants(architecture: &Value) -> bool {
    ["sd1", "sdxl", "flux1"].iter().any(|known| architecture == known)
}
