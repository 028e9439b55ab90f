//! The folder of wildcards: text files, one choice a line. Names come from prompts, so they are data: none leads out of
//! the folder, by dots or by a link.

mod glob;

use std::io::Read;
use std::path::{Path, PathBuf};

use super::Refused;

/// Bytes that one name reads, of all its files together.
const LARGEST: u64 = 8 << 20;

#[derive(Debug, Clone)]
pub struct Wildcards {
    folder: PathBuf,
}

impl Wildcards {
    /// The folder may come later.
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The choices: lines that are neither blank nor a comment (`#`). There is always one.
    pub(super) fn lines(&self, name: &str) -> Result<Vec<String>, Refused> {
        let unreadable = |error: std::io::Error| {
            let (name, reason) = (name.to_owned(), error.to_string());
            Refused::Unreadable { name, reason }
        };
        let unknown = || Refused::Unknown { name: name.to_owned(), folder: self.folder.clone() };
        let files =
            if name.contains('*') { glob::files(&self.folder, name) } else { self.find(name).into_iter().collect() };
        let mut left = LARGEST;
        let mut lines = Vec::new();
        for file in &files {
            let mut bytes = Vec::new();
            std::fs::File::open(file).map_err(unreadable)?.take(left).read_to_end(&mut bytes).map_err(unreadable)?;
            left -= bytes.len() as u64;
            lines.extend(choices(&String::from_utf8_lossy(&bytes)));
        }
        match (files.is_empty(), lines.is_empty()) {
            (true, _) => Err(unknown()),
            (false, true) => Err(Refused::Empty { name: name.to_owned() }),
            (false, false) => Ok(lines),
        }
    }

    /// Why a wildcard of that name cannot be drawn from; `None` when it can.
    pub fn problem(&self, name: &str) -> Option<Refused> {
        self.lines(name).err()
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        let mut file = self.folder.clone();
        for part in name.split('/') {
            let odd = part.is_empty() || part.starts_with('.') || part.contains(['\\', ':', '\0']);
            file.push(Some(part).filter(|_| !odd)?);
        }
        let mut ending = file.into_os_string();
        ending.push(".txt");
        within(&self.folder, Path::new(&ending))
    }
}

fn choices(text: &str) -> impl Iterator<Item = String> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(|line| line.trim().replace('\0', ""));
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Where the file truly is, if that is in the folder.
fn within(folder: &Path, file: &Path) -> Option<PathBuf> {
    let (folder, file) = (folder.canonicalize().ok()?, file.canonicalize().ok()?);
    (file.starts_with(folder) && file.is_file()).then_some(file)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn no_name_and_no_link_leads_out_of_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("wildcards");
        std::fs::create_dir_all(folder.join("in")).unwrap();
        std::fs::write(place.path().join("secret.txt"), "secret").unwrap();
        std::fs::write(folder.join("in/side.txt"), "\u{feff}one\r\n#no\r\ntwo").unwrap();
        std::os::unix::fs::symlink(place.path().join("secret.txt"), folder.join("out.txt")).unwrap();
        std::os::unix::fs::symlink(folder.join("in/side.txt"), folder.join("here.txt")).unwrap();
        let wildcards = Wildcards::new(folder);
        for name in
            ["../secret", "in/../../secret", "out", "/etc/passwd", "in", "", "in//side", ".", "a\0b", "in\\side"]
        {
            assert!(wildcards.problem(name).is_some(), "{name}");
        }
        assert_eq!(wildcards.lines("in/side").unwrap(), ["one", "two"]);
        assert!(wildcards.problem("here").is_none(), "a link within the folder is a file of it");
    }
}
