//! The model files below a root, folder by folder: one entry of a folder and one look at each file, and no more.

mod entry;
mod names;
mod seen;

use std::collections::{HashSet, VecDeque};
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Root;
use super::found::{Folder, Found, Listing, Trouble};
use entry::Entry;
pub(super) use names::is_hidden;
use seen::Seen;

/// Folders in the order of their names, each before those in it. Folders behind links come last, so that a file is
/// known by its own path where it has one. What goes away meanwhile is passed over. To stop, drop it.
pub fn walk(root: &Root) -> Walk {
    Walk {
        root: root.path.clone(),
        inside: fs::canonicalize(&root.path).unwrap_or_default(),
        shallow: root.shallow,
        folders: vec![PathBuf::new()],
        links: VecDeque::new(),
        walked: above(&root.path),
        files: HashSet::new(),
        met: VecDeque::new(),
    }
}

/// One folder of a root once more, without those below it; nothing where it holds no models any more.
pub fn again(root: &Root, folder: &Path) -> Option<Folder> {
    Walk { shallow: true, folders: vec![folder.to_owned()], ..walk(root) }.find_map(Result::ok)
}

/// Iterates over folders with models in them, and over what is in the way.
#[derive(Debug)]
pub struct Walk {
    root: PathBuf,
    /// The root without any link.
    inside: PathBuf,
    shallow: bool,
    /// Still to be walked, the next one last. Paths are below the root.
    folders: Vec<PathBuf>,
    /// Links to folders, for later.
    links: VecDeque<PathBuf>,
    walked: HashSet<Id>,
    files: HashSet<Id>,
    /// Still to be handed out.
    met: VecDeque<Result<Folder, Trouble>>,
}

/// Device and inode.
type Id = (u64, u64);

impl Iterator for Walk {
    type Item = Result<Folder, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.met.is_empty() {
            let folder = self.folders.pop().or_else(|| self.links.pop_front())?;
            let path = self.root.join(&folder);
            if let Err(source) = self.open(folder) {
                self.unreadable(path, source);
            }
        }
        self.met.pop_front()
    }
}

impl Walk {
    /// Looks at a folder's files, and remembers the folders in it.
    fn open(&mut self, folder: PathBuf) -> io::Result<()> {
        let path = self.root.join(&folder);
        if !self.walked.insert(id(&fs::metadata(&path)?)) {
            self.trouble(Trouble::Again { path });
            return Ok(());
        }
        let (folders, files): (Vec<_>, Vec<_>) = self.read(&path)?.into_iter().partition(|entry| entry.is_folder);
        if !self.shallow {
            self.enqueue(&folder, folders);
        }
        let seen: Vec<Seen> = files.into_iter().filter_map(|entry| self.look(entry)).collect();
        let beside = Arc::new(Listing::new(folder, seen.iter().map(|seen| seen.listed.clone()).collect()));
        let models: Vec<Found> = seen.iter().filter_map(|seen| self.model(seen, &beside)).collect();
        if !models.is_empty() {
            let digest = seen::digest(&seen, &models);
            self.met.push_back(Ok(Folder { path: beside.folder.clone(), digest, models, beside }));
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

    fn enqueue(&mut self, folder: &Path, folders: Vec<Entry>) {
        let waiting = self.folders.len();
        for entry in folders {
            let below = folder.join(&entry.name);
            if is_hidden(&entry.name) {
                self.trouble(Trouble::Hidden { path: entry.path() });
            } else if names::is_partial(&entry.name) {
                self.trouble(Trouble::Partial { path: entry.path() });
            } else if entry.is_link {
                self.links.push_back(below);
            } else {
                self.folders.push(below);
            }
        }
        self.folders[waiting..].reverse();
    }

    /// `None` for a pipe or a socket, and for what is not to be read.
    fn look(&mut self, entry: Entry) -> Option<Seen> {
        match entry.look() {
            Ok(file) if file.is_file() && self.is_outside(&entry) => {
                self.trouble(Trouble::Outside { path: entry.path() });
                None
            }
            Ok(file) => file.is_file().then(|| Seen::new(entry, &file)),
            Err(source) => {
                self.unreadable(entry.path(), source);
                None
            }
        }
    }

    fn is_outside(&self, entry: &Entry) -> bool {
        let target = || fs::canonicalize(entry.path());
        entry.is_link && !names::is_model(&entry.name) && target().is_ok_and(|path| !path.starts_with(&self.inside))
    }

    fn model(&mut self, seen: &Seen, beside: &Arc<Listing>) -> Option<Found> {
        let name = &seen.listed.name;
        if names::is_partial(name) || names::has_partial(name, beside) {
            self.trouble(Trouble::Partial { path: self.root.join(&beside.folder).join(name) });
            return None;
        }
        names::is_model(name).then(|| Found {
            path: beside.folder.join(name),
            size: seen.listed.size,
            modified: seen.listed.modified,
            device: seen.device,
            inode: seen.inode,
            is_link: seen.is_link,
            again: !self.files.insert((seen.device, seen.inode)),
            beside: beside.clone(),
        })
    }

    /// A link without a target is broken; anything else that is not there any more has gone away during the walk.
    fn unreadable(&mut self, path: PathBuf, source: io::Error) {
        match source.kind() {
            ErrorKind::NotFound if path == self.root => self.trouble(Trouble::Unreadable { path, source }),
            ErrorKind::NotFound if path.is_symlink() => self.trouble(Trouble::BrokenLink { path }),
            ErrorKind::NotFound => {}
            _ => self.trouble(Trouble::Unreadable { path, source }),
        }
    }

    fn trouble(&mut self, trouble: Trouble) {
        self.met.push_back(Err(trouble));
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
