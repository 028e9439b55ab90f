//! The files of one folder, and which belong to which model.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::folder::{Listed, Listing};

/// What model files end in.
const MODELS: [&str; 8] = [".safetensors", ".sft", ".gguf", ".ckpt", ".pt", ".pth", ".bin", ".pkl"];

/// The files in a folder. Whoever lists them leaves out what must not be read, e.g. links that lead elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Siblings {
    folder: PathBuf,
    listing: Arc<Listing>,
}

impl Siblings {
    /// Names are without folder.
    pub fn new(folder: &Path, names: impl IntoIterator<Item = String>) -> Self {
        let named = |name: String| Listed { name: name.into(), ..Listed::default() };
        let mut files: Vec<Listed> = names.into_iter().map(named).collect();
        files.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Self::listed(folder, Arc::new(Listing { files, ..Listing::default() }))
    }

    /// What a walk found in `folder`, which is where the listing's folder lies.
    pub fn listed(folder: &Path, listing: Arc<Listing>) -> Self {
        Self { folder: folder.to_owned(), listing }
    }

    /// The file called `stem` and `suffix`, unless it belongs to another model: beside a model `a.metadata`, the file
    /// `a.metadata.json` is not of the model `a`.
    pub(super) fn find(&self, stem: &str, suffix: &str) -> Option<(String, PathBuf)> {
        self.file(stem, suffix)?;
        let name = format!("{stem}{suffix}");
        let path = self.folder.join(&name);
        Some((name, path))
    }

    /// The same, as it is listed.
    pub(crate) fn file(&self, stem: &str, suffix: &str) -> Option<&Listed> {
        let name = format!("{stem}{suffix}");
        let file = self.listing.find(OsStr::new(&name))?;
        let inner = suffix.match_indices('.').filter(|(at, _)| *at > 0);
        let mut longer = inner.map(|(at, _)| &name[..stem.len() + at]);
        (!longer.any(|other| self.has_model(other))).then_some(file)
    }

    fn has_model(&self, stem: &str) -> bool {
        MODELS.iter().any(|ending| self.listing.find(OsStr::new(&format!("{stem}{ending}"))).is_some())
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
