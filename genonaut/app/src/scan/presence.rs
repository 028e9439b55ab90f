//! Whether files that the catalogue knows are still where it knows them, asked of the disk before a batch is imported:
//! outside of every transaction, and of a silent disk only so long.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use genonaut_db::library::{Candidate, Presence};
use genonaut_sources::folder::text;

use super::read::whole;
use crate::patience;

/// By the ids of their rows. Where the folder itself cannot be looked at nothing is known of what lies in it.
pub(super) async fn presence(candidates: Vec<Candidate>) -> HashMap<i64, Presence> {
    let mut roots: HashMap<PathBuf, Vec<Candidate>> = HashMap::new();
    for candidate in candidates {
        roots.entry(text::path(&candidate.root)).or_default().push(candidate);
    }
    let mut presence = HashMap::new();
    for (root, files) in roots {
        let place = root.clone();
        presence.extend(patience::ask(&root, move || in_root(&place, &files)).await.unwrap_or_default());
    }
    presence
}

fn in_root(root: &Path, files: &[Candidate]) -> Vec<(i64, Presence)> {
    if !root.is_dir() {
        return Vec::new();
    }
    files.iter().map(|file| (file.id, of_file(root, file))).collect()
}

fn of_file(root: &Path, file: &Candidate) -> Presence {
    match fs::metadata(root.join(text::path(&file.path))) {
        Ok(found) if is_as_it_was(file, &found) => Presence::There,
        Ok(_) => Presence::Gone,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            Presence::Gone
        }
        Err(_) => Presence::Unknown,
    }
}

fn is_as_it_was(file: &Candidate, found: &fs::Metadata) -> bool {
    let modified = found.mtime().saturating_mul(1_000_000_000).saturating_add(found.mtime_nsec());
    (file.size, file.modified, file.inode) == (whole(found.len()), modified, whole(found.ino()))
}
