//! The model files below a root, folder by folder: one entry of a folder and one look at each file, and no more.

mod entry;
mod names;

use std::collections::{HashSet, VecDeque};
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec;

use super::Root;
use super::found::{Found, Listing, Trouble};
use entry::Entry;
pub(super) use names::is_hidden;

/// Files in the order of their names, a folder's own before those of the folders in it. Folders behind links come
/// last, so that a file is known by its own path where it has one. What goes away meanwhile is passed over. To stop,
/// drop it.
pub fn walk(root: &Root) -> Walk {
    Walk {
        root: root.path.clone(),
        shallow: root.shallow,
        folders: vec![PathBuf::new()],
        links: VecDeque::new(),
        models: Vec::new().into_iter(),
        listing: Arc::default(),
        walked: above(&root.path),
        files: HashSet::new(),
        troubles: VecDeque::new(),
    }
}

/// Iterates over what is found, and what is in the way.
#[derive(Debug)]
pub struct Walk {
    root: PathBuf,
    shallow: bool,
    /// Still to be walked, the next one last. Paths are below the root.
    folders: Vec<PathBuf>,
    /// Links to folders, for later.
    links: VecDeque<PathBuf>,
    /// Of the folder at hand, still to be looked at.
    models: vec::IntoIter<Entry>,
    listing: Arc<Listing>,
    walked: HashSet<Id>,
    files: HashSet<Id>,
    troubles: VecDeque<Trouble>,
}

/// Device and inode.
type Id = (u64, u64);

impl Iterator for Walk {
    type Item = Result<Found, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(trouble) = self.troubles.pop_front() {
                return Some(Err(trouble));
            }
            if let Some(entry) = self.models.next() {
                if let Some(found) = self.look(&entry) {
                    return Some(Ok(found));
                }
                continue;
            }
            let folder = self.folders.pop().or_else(|| self.links.pop_front())?;
            let path = self.root.join(&folder);
            if let Err(source) = self.open(folder) {
                self.unreadable(path, source);
            }
        }
    }
}

impl Walk {
    /// Sorts a folder's entries into files to look at and folders to walk.
    fn open(&mut self, folder: PathBuf) -> io::Result<()> {
        let path = self.root.join(&folder);
        if !self.walked.insert(id(&fs::metadata(&path)?)) {
            self.troubles.push_back(Trouble::Again { path });
            return Ok(());
        }
        let (mut files, folders): (Vec<_>, Vec<_>) = self.read(&path)?.into_iter().partition(|entry| !entry.is_folder);
        let names = files.iter().map(|file| file.name.clone()).collect();
        self.listing = Arc::new(Listing { folder, names });
        files.retain(|file| self.is_model(file));
        self.models = files.into_iter();
        if !self.shallow {
            self.enqueue(folders);
        }
        Ok(())
    }

    /// Sorted by name.
    fn read(&mut self, path: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(path)? {
            // Where the folder itself fails, the names that follow are lost, those before are not.
            match entry.map_err(|source| (path.to_owned(), source)).and_then(Entry::new) {
                Ok(entry) => entries.push(entry),
                Err((path, source)) => self.unreadable(path, source),
            }
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn is_model(&mut self, file: &Entry) -> bool {
        let partial = names::is_partial(&file.name) || names::has_partial(&file.name, &self.listing.names);
        if partial {
            self.troubles.push_back(Trouble::Partial { path: file.path() });
        }
        !partial && names::is_model(&file.name)
    }

    fn enqueue(&mut self, folders: Vec<Entry>) {
        let waiting = self.folders.len();
        for entry in folders {
            let below = self.listing.folder.join(&entry.name);
            if is_hidden(&entry.name) {
                self.troubles.push_back(Trouble::Hidden { path: entry.path() });
            } else if names::is_partial(&entry.name) {
                self.troubles.push_back(Trouble::Partial { path: entry.path() });
            } else if entry.is_link {
                self.links.push_back(below);
            } else {
                self.folders.push(below);
            }
        }
        self.folders[waiting..].reverse();
    }

    fn look(&mut self, entry: &Entry) -> Option<Found> {
        match entry.look() {
            Ok(file) if file.is_file() => Some(Found {
                path: self.listing.folder.join(&entry.name),
                size: file.len(),
                modified: file.mtime().saturating_mul(1_000_000_000).saturating_add(file.mtime_nsec()),
                device: file.dev(),
                inode: file.ino(),
                is_link: entry.is_link,
                again: !self.files.insert(id(&file)),
                beside: self.listing.clone(),
            }),
            // A pipe or a socket with a model's name.
            Ok(_) => None,
            Err(source) => {
                self.unreadable(entry.path(), source);
                None
            }
        }
    }

    /// A link without a target is broken; anything else that is not there any more has gone away during the walk.
    fn unreadable(&mut self, path: PathBuf, source: io::Error) {
        match source.kind() {
            ErrorKind::NotFound if path == self.root => self.troubles.push_back(Trouble::Unreadable { path, source }),
            ErrorKind::NotFound if path.is_symlink() => self.troubles.push_back(Trouble::BrokenLink { path }),
            ErrorKind::NotFound => {}
            _ => self.troubles.push_back(Trouble::Unreadable { path, source }),
        }
    }
}

/// The folders that hold the root: a link to one of them would bring the walk back to where it began.
fn above(root: &Path) -> HashSet<Id> {
    let root = fs::canonicalize(root).unwrap_or_default();
    root.ancestors().skip(1).filter_map(|folder| fs::metadata(folder).ok()).map(|folder| id(&folder)).collect()
}

fn id(file: &Metadata) -> Id {
    (file.dev(), file.ino())
}
