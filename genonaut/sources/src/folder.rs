//! Folders of model files: which roots a folder of the user stands for, and what lies in them. Nothing is written.

mod entered;
mod extra_paths;
mod found;
pub mod identity;
mod kind;
mod known;
mod layout;
mod normal;
pub mod text;
mod walk;

use std::io;
use std::path::{Path, PathBuf};

pub use entered::entered;
pub use found::{Folder, Found, Listed, Listing, Trouble};
pub use kind::FolderKind;
pub use known::known;
pub use layout::roots;
pub use normal::normal;
pub use walk::{Walk, again, walk};

/// A folder to walk. Roots can lie inside each other where a user's settings say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    pub path: PathBuf,
    /// What its program keeps there; missing where the name says nothing.
    pub kind: Option<FolderKind>,
    pub origin: Origin,
    /// Only the files directly in it: the folders below are roots of their own.
    pub shallow: bool,
}

/// Whose layout a root belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    ComfyUi,
    /// A section of ComfyUI's `extra_model_paths.yaml`; the default ones are searched first.
    ExtraPaths {
        section: String,
        is_default: bool,
    },
    /// Stable Diffusion web UI, and Forge.
    A1111,
    SwarmUi,
    StabilityMatrix,
    /// It moves and deletes files by its own database: what lies there can go without notice.
    InvokeAi,
    /// A folder in nobody's layout.
    Plain,
}

/// What a path of the user stands for.
#[derive(Debug, Default)]
pub struct Roots {
    /// In the order in which their program searches them; each folder once.
    pub roots: Vec<Root>,
    pub problems: Vec<Problem>,
}

/// What was named and cannot be walked. The other roots stand.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("there is no folder {path:?} on the computer that runs Genonaut (named by {by})")]
    Missing { path: PathBuf, by: String },
    #[error("{path:?}: {reason}")]
    Settings { path: PathBuf, reason: String },
    #[error("{}", unreadable(path, source))]
    Unreadable { path: PathBuf, source: io::Error },
}

fn unreadable(path: &Path, source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::NotFound => format!("there is no folder {path:?} on the computer that runs Genonaut"),
        _ => format!("{path:?} cannot be read: {source}"),
    }
}
