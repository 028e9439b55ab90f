//! The files of one folder, and which belong to which model.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What model files end in.
const MODELS: [&str; 8] = [".safetensors", ".sft", ".gguf", ".ckpt", ".pt", ".pth", ".bin", ".pkl"];

/// The names in a folder. Whoever lists them leaves out what must not be read, e.g. links that lead elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Siblings {
    folder: PathBuf,
    names: BTreeSet<String>,
    /// Models' names without extension.
    stems: BTreeSet<String>,
}

impl Siblings {
    /// Names are without folder.
    pub fn new(folder: &Path, names: impl IntoIterator<Item = String>) -> Self {
        let names: BTreeSet<String> = names.into_iter().collect();
        let stems = names.iter().filter_map(|name| MODELS.iter().find_map(|end| name.strip_suffix(end)));
        Self { folder: folder.to_owned(), stems: stems.map(str::to_owned).collect(), names }
    }

    /// The file called `stem` and `suffix`, unless it belongs to another model: beside a model `a.metadata`, the file
    /// `a.metadata.json` is not of the model `a`.
    pub(super) fn find(&self, stem: &str, suffix: &str) -> Option<(String, PathBuf)> {
        let name = format!("{stem}{suffix}");
        let inner = suffix.match_indices('.').filter(|(at, _)| *at > 0);
        let mut longer = inner.map(|(at, _)| &name[..stem.len() + at]);
        let belongs = self.names.contains(&name) && !longer.any(|other| self.stems.contains(other));
        belongs.then(|| (name.clone(), self.folder.join(&name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_the_model_with_the_longest_name() {
        let names = ["a.safetensors", "a.b.gguf", "a.b.json", "a.json", "c.pt", "c.metadata.ckpt", "c.metadata.json"];
        let siblings = Siblings::new(Path::new("/x"), names.map(str::to_owned));
        let has = |stem: &str, suffix: &str| siblings.find(stem, suffix).is_some();
        assert!(has("a", ".json") && has("a.b", ".json") && has("c.metadata", ".json"));
        assert!(!has("a", ".b.json") && !has("c", ".metadata.json") && !has("a", ".txt"));
        assert_eq!(siblings.find("a", ".json").unwrap().1, Path::new("/x/a.json"));
    }
}
