//! Folders as people have them, walked; and files hashed in one reading.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "walking/hash.rs"]
mod hash;
#[path = "walking/layout.rs"]
mod layout;
mod support;
#[path = "walking/walk.rs"]
mod walk;

use std::path::Path;

/// Makes the folders above, too.
fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}
