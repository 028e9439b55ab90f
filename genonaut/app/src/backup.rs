//! All that Genonaut keeps, in one file, and back again: the database, images, wildcards, and files of settings. The file
//! is a tar, which any program opens: `about.json` says what made it, `manifest.json` at its end what must be in it.

mod archive;
mod check;
mod manifest;
mod moves;
mod restore;
mod tar;
mod write;

use std::path::PathBuf;

use crate::pictures::Pictures;

pub use restore::{Restored, restore};
pub use write::{Written, write};

/// Where everything is that a backup holds, but for the database.
pub struct Places {
    pub data: PathBuf,
    pub images: Pictures,
    pub wildcards: PathBuf,
}

/// How far it is, for the terminal.
pub trait Progress {
    /// What is done now, and how many files of it there are.
    fn begin(&self, what: &'static str, files: u64);
    /// One more file is done.
    fn step(&self);
}

const ABOUT: &str = "about.json";
const MANIFEST: &str = "manifest.json";
const DATABASE: &str = "database.dump";
const IMAGES: &str = "images/";
const WILDCARDS: &str = "wildcards/";
const SETTINGS: &str = "settings/";
