//! One entry of a folder, with what its folder says of it.

use std::ffi::OsString;
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::path::PathBuf;

#[derive(Debug)]
pub struct Entry {
    pub name: OsString,
    /// Or a link to one.
    pub is_folder: bool,
    pub is_link: bool,
    entry: DirEntry,
}

impl Entry {
    /// Looks at the target of a link; for anything else the folder's own entry tells. An error has the path with it.
    pub fn new(entry: DirEntry) -> Result<Self, (PathBuf, io::Error)> {
        let failed = |source| (entry.path(), source);
        let kind = entry.file_type().map_err(failed)?;
        let is_link = kind.is_symlink();
        let is_folder = if is_link { fs::metadata(entry.path()).map_err(failed)?.is_dir() } else { kind.is_dir() };
        Ok(Self { name: entry.file_name(), is_folder, is_link, entry })
    }

    pub fn path(&self) -> PathBuf {
        self.entry.path()
    }

    /// What the file system knows of it, or of what it links to.
    pub fn look(&self) -> io::Result<Metadata> {
        // By way of the folder that is open already, which is cheaper than by path, where there is no link to follow.
        if self.is_link { fs::metadata(self.path()) } else { self.entry.metadata() }
    }
}
