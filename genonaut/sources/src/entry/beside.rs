//! Whether what lies beside a model has changed.

use std::path::Path;

use crate::folder::Found;
use crate::meaning::{Siblings, preview, sidecar};

/// BLAKE3 of name, size and time of the files that describe or show this model, and of no others in its folder.
pub fn beside_digest(found: &Found) -> [u8; 32] {
    let siblings = Siblings::listed(Path::new(""), found.beside.clone());
    let stem = super::stem(found);
    let sidecars = sidecar::SUFFIXES.iter().map(|(suffix, _)| *suffix);
    let mut hasher = blake3::Hasher::new();
    for file in sidecars.chain(preview::SUFFIXES).filter_map(|suffix| siblings.file(&stem, suffix)) {
        hasher.update(file.name.as_encoded_bytes()).update(&[0]);
        hasher.update(&file.size.to_le_bytes()).update(&file.modified.to_le_bytes());
    }
    hasher.finalize().into()
}
