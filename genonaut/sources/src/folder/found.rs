//! What a walk meets.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use unicode_normalization::UnicodeNormalization;

/// A folder with at least one model file directly in it.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Below the root; empty for the root itself.
    pub path: PathBuf,
    /// BLAKE3 of every file's name, size, time and inode: the same as last time if nothing that a scan looks at has
    /// changed, the folders below it left aside.
    pub digest: [u8; 32],
    /// Sorted by name.
    pub models: Vec<Found>,
    pub beside: Arc<Listing>,
}

/// A model file, by its name and without a look inside.
#[derive(Debug, Clone)]
pub struct Found {
    /// Below the root. Any bytes: [`super::text`] writes them.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified: i64,
    pub device: u64,
    pub inode: u64,
    /// The name is a symbolic link to the file.
    pub is_link: bool,
    /// The same file (device and inode) came before, by another path.
    pub again: bool,
    /// What lies beside it, for sidecars.
    pub beside: Arc<Listing>,
}

/// The files of one folder, models and others.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Below the root; empty for the root itself.
    pub folder: PathBuf,
    /// Sorted by the bytes of their names.
    pub files: Vec<Listed>,
    /// Places by folded name; made for the first who looks for one.
    folded: OnceLock<HashMap<String, Vec<usize>>>,
}

/// A file in a listing. What stands here of a link is true of its target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    pub name: OsString,
    /// Bytes.
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified: i64,
}

impl Listing {
    pub fn new(folder: PathBuf, mut files: Vec<Listed>) -> Self {
        files.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Self { folder, files, folded: OnceLock::new() }
    }

    /// The files of that name in any case, and in any of Unicode's forms. Windows and macOS take them for one; their
    /// programs name files so.
    pub fn alike<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Listed> + use<'a> {
        let places = self.folded.get_or_init(|| self.fold()).get(&folded(name));
        places.into_iter().flatten().map(|at| &self.files[*at])
    }

    fn fold(&self) -> HashMap<String, Vec<usize>> {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, file) in self.files.iter().enumerate() {
            if let Some(name) = file.name.to_str() {
                places.entry(folded(name)).or_default().push(at);
            }
        }
        places
    }

    pub fn find(&self, name: &OsStr) -> Option<&Listed> {
        let at = self.files.binary_search_by(|file| file.name.as_os_str().cmp(name));
        at.ok().map(|at| &self.files[at])
    }
}

fn folded(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).collect()
}

/// What was met and is no model file. The walk goes on. Paths are whole.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// What is below is unknown, not gone.
    #[error("{path:?} cannot be read: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    /// The link's target is missing: moved, or on a disk that is not there.
    #[error("the link {path:?} is broken")]
    BrokenLink { path: PathBuf },
    /// Models may lie anywhere. A description that is elsewhere could be any file of the computer's.
    #[error("{path:?} is a link to a file outside the folder")]
    Outside { path: PathBuf },
    /// A link to a folder above the root, or to one that has been walked by another path, which its files have.
    #[error("{path:?} is a folder that was already scanned")]
    Again { path: PathBuf },
    /// Worth another walk later.
    #[error("{path:?} is an unfinished download")]
    Partial { path: PathBuf },
    /// Not for models: `.git`, `.cache`, a bin.
    #[error("{path:?} is hidden")]
    Hidden { path: PathBuf },
}
