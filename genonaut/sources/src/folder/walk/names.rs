//! What a name says: a model, a download under way, or nothing for us.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::folder::Listing;

const MODELS: [&str; 7] = ["safetensors", "sft", "gguf", "ckpt", "pt", "pth", "bin"];

/// Of browsers, aria2, Hugging Face and download managers.
const PARTIAL: [&str; 6] = ["part", "crdownload", "tmp", "aria2", "incomplete", "download"];

pub fn is_model(name: &OsStr) -> bool {
    // macOS leaves `._` files with its own data beside every file on foreign disks.
    ends_in(name, &MODELS) && !name.as_bytes().starts_with(b"._")
}

pub fn is_partial(name: &OsStr) -> bool {
    ends_in(name, &PARTIAL)
}

/// aria2 gives a file its name and size at once, and keeps its own notes beside it until all is there.
pub fn has_partial(name: &OsStr, beside: &Listing) -> bool {
    is_model(name) && beside.find(OsStr::from_bytes(&[name.as_bytes(), b".aria2"].concat())).is_some()
}

/// Folders of tools and bins: what lies there was not put there to be used.
pub fn is_hidden(folder: &OsStr) -> bool {
    [".git", ".cache"].iter().any(|name| folder == *name) || folder.as_bytes().starts_with(b".Trash")
}

fn ends_in(name: &OsStr, endings: &[&str]) -> bool {
    let ending = Path::new(name).extension().unwrap_or_default();
    endings.iter().any(|known| ending.eq_ignore_ascii_case(known))
}
