//! Opens files, on every core: an entry for each, or why there is none.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;

use genonaut_db::library::{Entry, NewFile};
use genonaut_sources::entry::{self, Knowledge, Model, beside_digest};
use genonaut_sources::folder::{Found, Root, text};
use genonaut_sources::meaning::FileHashes;

/// The longest path that the catalogue keeps, in characters.
const LONGEST: usize = 1000;
/// The longest that an index of it holds.
pub(super) const MOST_BYTES: usize = 2600;

/// A file to open.
pub(super) struct ToRead {
    pub found: Found,
    /// Of the whole file as it lies there, and of the data behind its header, where they are known.
    pub sha256: Option<String>,
    pub tensors_sha256: Option<String>,
}

/// Reads files in their order.
pub(super) fn all(knowledge: &Knowledge, root: &Root, files: &[ToRead]) -> Vec<NewFile> {
    let waiting = Mutex::new(files.iter().enumerate().collect::<VecDeque<_>>());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.pop_front());
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let work = || std::iter::from_fn(next).map(|(at, file)| (at, one(knowledge, root, file))).collect::<Vec<_>>();
    let mut read: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    });
    read.sort_by_key(|(at, _)| *at);
    read.into_iter().map(|(_, file)| file).collect()
}

fn one(knowledge: &Knowledge, root: &Root, ToRead { found, sha256, tensors_sha256 }: &ToRead) -> NewFile {
    let (folder, name) = place(&found.path);
    let file = NewFile {
        folder,
        name,
        size: whole(found.size),
        modified: found.modified,
        device: whole(found.device),
        inode: whole(found.inode),
        beside: beside_digest(found).to_vec(),
        sha256: sha256.clone(),
        kind: "unknown".to_owned(),
        ..NewFile::default()
    };
    let path = text::of(&root.path.join(&found.path));
    if path.chars().count() > LONGEST || path.len() > MOST_BYTES {
        let reason = format!("its path has more than {LONGEST} characters or {MOST_BYTES} bytes");
        return NewFile { problem: Some(("path-too-long".to_owned(), reason)), ..file };
    }
    let hashes = FileHashes { sha256: sha256.as_deref(), tensors_sha256: tensors_sha256.as_deref() };
    match entry::read(knowledge, &Model { root, found, hashes }) {
        Ok(read) => filled(file, read),
        Err(error) => NewFile { problem: Some((error.reason(), error.to_string())), ..file },
    }
}

fn filled(file: NewFile, read: entry::Entry) -> NewFile {
    NewFile {
        digest: Some(read.digest.to_vec()),
        tensors_digest: read.tensors_digest.map(|digest| digest.to_vec()),
        kind: word(&read.kind),
        format: Some(word(&read.format)),
        tensors_at: read.tensors_at.map(whole),
        preview: read.preview.as_deref().map(text::of),
        part: read.part,
        entry: read.table.map(|table| Entry { table, fields: read.fields, told: read.said_by }),
        ..file
    }
}

/// Folder and name, as the catalogue writes them.
pub(super) fn place(path: &Path) -> (String, String) {
    let folder = path.parent().map(text::of).unwrap_or_default();
    (folder, path.file_name().map(Path::new).map(text::of).unwrap_or_default())
}

fn word(kind: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(kind).ok();
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Sizes and inodes are 64 bits on both sides.
pub(super) const fn whole(number: u64) -> i64 {
    number.cast_signed()
}
