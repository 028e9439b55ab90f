//! Whether a file is as it was when it was read.

use genonaut_db::library::{self, NewFile};
use genonaut_sources::entry::beside_digest;
use genonaut_sources::folder::Found;

use crate::scan::read;

pub fn is_same(known: &library::Known, found: &Found) -> bool {
    let again = known.problem.as_deref().is_some_and(|code| ["unreadable", "not-kept"].contains(&code));
    known.beside == beside_digest(found) && !again && !known.unjudged
}

/// The file itself; something beside it may be new.
pub fn is_untouched(known: &library::Known, found: &Found) -> bool {
    let here = (known.size, known.modified, known.inode);
    here == (read::whole(found.size), found.modified, read::whole(found.inode))
}

pub fn is_unreadable(file: &NewFile) -> bool {
    file.problem.as_ref().is_some_and(|(code, _)| code == "unreadable")
}
