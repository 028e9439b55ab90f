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
        let files = names.into_iter().map(named).collect();
        Self::listed(folder, Arc::new(Listing::new(PathBuf::new(), files)))
    }

    /// What a walk found in `folder`, which is where the listing's folder lies.
    pub fn listed(folder: &Path, listing: Arc<Listing>) -> Self {
        Self { folder: folder.to_owned(), listing }
    }

    /// The file called `stem` and `suffix`, unless it belongs to another model: beside a model `a.metadata`, the file
    /// `a.metadata.json` is not of the model `a`.
    pub(super) fn find(&self, stem: &str, suffix: &str) -> Option<(String, PathBuf)> {
        let name = &self.file(stem, suffix)?.name;
        Some((name.to_string_lossy().into_owned(), self.folder.join(name)))
    }

    /// The same, as it is listed. Where no file is called exactly so, one in another case is meant, if it can be of no
    /// other model.
    pub(crate) fn file(&self, stem: &str, suffix: &str) -> Option<&Listed> {
        let name = format!("{stem}{suffix}");
        let file = self.listing.find(OsStr::new(&name)).or_else(|| self.in_another_case(stem, suffix))?;
        let is_exact = file.name == *name;
        let inner = suffix.match_indices('.').filter(|(at, _)| *at > 0);
        let mut longer = inner.map(|(at, _)| &name[..stem.len() + at]);
        (!longer.any(|other| self.models(other).any(|model| model == other || !is_exact))).then_some(file)
    }

    fn in_another_case(&self, stem: &str, suffix: &str) -> Option<&Listed> {
        let alike: Vec<&Listed> = self.listing.alike(&format!("{stem}{suffix}")).collect();
        let only_suffix = |file: &&&Listed| stem_of(file, suffix.len()) == Some(stem);
        match (alike.iter().find(only_suffix), &alike[..]) {
            (Some(file), _) => Some(file),
            (None, [file]) => self.models(stem).all(|model| model == stem).then_some(file),
            _ => None,
        }
    }

    /// What models of that name in any case are called, without their extensions.
    fn models(&self, stem: &str) -> impl Iterator<Item = &str> {
        MODELS.iter().flat_map(move |ending| {
            self.listing.alike(&format!("{stem}{ending}")).filter_map(|model| stem_of(model, ending.len()))
        })
    }
}

/// The name without so many bytes at its end.
fn stem_of(file: &Listed, ending: usize) -> Option<&str> {
    let name = file.name.to_str()?;
    name.get(..name.len().checked_sub(ending)?)
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

    #[test]
    fn a_file_in_another_case_belongs_to_the_only_model_it_can() {
        let names = [
            "Mixed.safetensors",
            "mixed.CIVITAI.info",
            "pic.safetensors",
            "pic.PNG",
            "A.safetensors",
            "a.safetensors",
            "a.json",
            "B.gguf",
            "b.pt",
            "B.JSON",
            "C.pt",
            "c.txt",
            "C.TXT",
            "E\u{301}t\u{e9}.pt",
            "\u{e9}te\u{301}.txt",
            "d.Metadata.pt",
            "D.pt",
            "d.metadata.json",
        ];
        let siblings = Siblings::new(Path::new("/x"), names.map(str::to_owned));
        let find = |stem: &str, suffix: &str| siblings.find(stem, suffix).map(|(name, _)| name);
        assert_eq!(find("Mixed", ".civitai.info").as_deref(), Some("mixed.CIVITAI.info"));
        assert_eq!(find("pic", ".png").as_deref(), Some("pic.PNG"));
        assert_eq!((find("A", ".json"), find("a", ".json").as_deref()), (None, Some("a.json")));
        assert_eq!((find("b", ".json"), find("B", ".json").as_deref()), (None, Some("B.JSON")));
        assert_eq!(find("C", ".txt").as_deref(), Some("C.TXT"));
        assert!(find("E\u{301}t\u{e9}", ".txt").is_some());
        assert_eq!(find("d.Metadata", ".json").as_deref(), Some("d.metadata.json"));
        assert_eq!(find("D", ".metadata.json"), None);
    }
}
