//! How far the reading of whole files is, as the page shows it, as `/events` tells of it, and as the command line says
//! it: every text ready.

use genonaut_db::library::Hashing;
use serde::Serialize;

use super::view::{files_of, seconds};
use crate::web::models::size;

#[derive(Debug, PartialEq, Serialize)]
pub struct HashingView {
    pub files: i64,
    pub line: String,
    /// How fast, and how long still.
    pub pace: String,
    /// The file that is being read.
    pub path: String,
    pub later: bool,
}

impl HashingView {
    pub const fn is_open(&self) -> bool {
        self.files > 0
    }
}

impl From<Hashing> for HashingView {
    fn from(now: Hashing) -> Self {
        let files = files_of(now.files.try_into().unwrap_or_default());
        let pace = match (now.later, now.seconds()) {
            (true, _) => "paused".to_owned(),
            (false, Some(left)) => format!("{} left · {}/s", seconds(left), size(now.rate as i64)),
            (false, None) => String::new(),
        };
        Self {
            files: now.files,
            line: format!("Hashing: {files} ({}) left", size(now.bytes)),
            pace,
            path: now.path.filter(|_| !now.later).unwrap_or_default(),
            later: now.later,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_is_is_said_in_words() {
        let now =
            Hashing { files: 12, bytes: 60_000_000_000, later: false, path: Some("/x/a.st".to_owned()), rate: 1.5e9 };
        let said = HashingView::from(now.clone());
        assert_eq!(said.line, "Hashing: 12 files (60.00 GB) left");
        assert_eq!((said.pace.as_str(), said.path.as_str()), ("40 s left · 1.50 GB/s", "/x/a.st"));
        let waits = HashingView::from(Hashing { later: true, ..now.clone() });
        assert_eq!((waits.pace.as_str(), waits.path.as_str()), ("paused", ""));
        let idle = HashingView::from(Hashing { files: 1, path: None, rate: 0.0, ..now });
        assert_eq!((idle.line.as_str(), idle.pace.as_str()), ("Hashing: 1 file (60.00 GB) left", ""));
    }
}
