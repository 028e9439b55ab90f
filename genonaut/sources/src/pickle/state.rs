//! Finds the tensors in what a pickle holds, and the few plain values beside them.

use std::collections::HashSet;

use super::machine::Dict;
use super::value::Value;
use crate::header::{Header, Tensor};
use crate::safetensors;
use crate::text;

/// Dicts in dicts in dicts: no program writes deeper ones.
const DEEPEST: usize = 8;

/// Keys under which programs put all of a model's tensors, beside what training left.
const WRAPPERS: [&str; 3] = ["state_dict", "params_ema", "params"];

/// Tensors by their names, dotted through dicts; texts and numbers beside them are metadata.
pub fn header(root: &Value, dicts: &[Dict]) -> Header {
    let mut found = Found { header: Header::default(), dicts, seen: HashSet::new() };
    if let Value::Dict(root) = root {
        found.metadata(&dicts[*root]);
        found.tensors(found.wrapped(*root), "", DEEPEST);
    }
    if found.header.tensors.is_empty() {
        found.header.warn("no-tensors");
    }
    found.header
}

struct Found<'a> {
    header: Header,
    dicts: &'a [Dict],
    /// A dict that stands in many places is read once, or a small file could name millions of tensors.
    seen: HashSet<usize>,
}

impl Found<'_> {
    fn wrapped(&self, root: usize) -> usize {
        let inner = |wrapper: &&str| match self.dicts[root].iter().find(|(key, _)| **key == **wrapper) {
            Some((_, Value::Dict(inner))) => Some(*inner),
            _ => None,
        };
        WRAPPERS.iter().find_map(inner).unwrap_or(root)
    }

    fn metadata(&mut self, root: &Dict) {
        for (key, value) in root.iter().take(text::MOST_KEYS) {
            let text = match value {
                Value::Number(number) => number.to_string(),
                Value::Text(text) if text.len() <= text::LONGEST_TEXT => text.to_string(),
                _ => continue,
            };
            let name = self.name(key.to_string());
            let text = self.clean(text);
            self.header.metadata.0.push((name, text));
        }
    }

    fn tensors(&mut self, dict: usize, prefix: &str, deeper: usize) {
        if !self.seen.insert(dict) {
            return;
        }
        let dicts = self.dicts;
        for (key, value) in &dicts[dict] {
            let name = || if prefix.is_empty() { key.to_string() } else { format!("{prefix}.{key}") };
            match value {
                Value::Tensor(tensor) => self.tensor(name(), tensor.dtype, tensor.shape.clone()),
                Value::Dict(inner) if deeper > 0 => {
                    let prefix = self.name(name());
                    self.tensors(*inner, &prefix, deeper - 1);
                }
                _ => {}
            }
        }
    }

    fn tensor(&mut self, name: String, dtype: &'static str, shape: Option<Vec<u64>>) {
        if self.header.tensors.len() == text::MOST_TENSORS {
            self.header.warn("too-many-tensors");
            return;
        }
        let bytes = shape.as_ref().and_then(|shape| safetensors::bytes(dtype, shape)).unwrap_or(0);
        let name = self.name(name);
        self.header.tensors.push(Tensor { name, dtype: dtype.to_owned(), shape, bytes });
    }

    fn name(&mut self, name: String) -> String {
        let mut name = self.clean(name);
        if text::cut_name(&mut name) {
            self.header.warn("oversized-key");
        }
        name
    }

    fn clean(&mut self, mut text: String) -> String {
        if text::strip_nul(&mut text) {
            self.header.note("nul-stripped");
        }
        text
    }
}
