//! A file that has been looked at, and how a folder of them is told from what it was.

use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;

use super::entry::Entry;
use crate::folder::{Found, Listed};

pub struct Seen {
    pub listed: Listed,
    pub device: u64,
    pub inode: u64,
    pub is_link: bool,
}

impl Seen {
    pub fn new(entry: Entry, file: &Metadata) -> Self {
        let modified = file.mtime().saturating_mul(1_000_000_000).saturating_add(file.mtime_nsec());
        let listed = Listed { name: entry.name, size: file.len(), modified };
        Self { listed, device: file.dev(), inode: file.ino(), is_link: entry.is_link }
    }
}

/// Without devices: their numbers change when a disk is plugged in again.
pub fn digest(files: &[Seen], models: &[Found]) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(files.len() * 80);
    for Seen { listed, inode, .. } in files {
        bytes.extend(listed.name.as_bytes());
        // No name has a NUL in it.
        bytes.push(0);
        bytes.extend([listed.size, listed.modified.cast_unsigned(), *inode].map(u64::to_le_bytes).as_flattened());
    }
    // A file's other name may lie in another folder, and go from there.
    bytes.extend(models.iter().map(|model| u8::from(model.again)));
    blake3::hash(&bytes).into()
}
