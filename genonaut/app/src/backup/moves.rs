//! Files and folders put in place one after another, and back again if one cannot be.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

#[derive(Default)]
pub struct Moves {
    /// From where to where.
    done: Vec<(PathBuf, PathBuf)>,
}

impl Moves {
    /// What is at the place already goes to `aside`. Returns whether there was something.
    pub fn put(&mut self, new: &Path, place: &Path, aside: &Path) -> anyhow::Result<bool> {
        if is_empty(place) {
            // An empty folder, or nothing.
            fs::remove_dir(place).ok();
            return self.rename(new, place).map(|()| false);
        }
        self.rename(place, aside)?;
        self.rename(new, place).map(|()| true)
    }

    /// The last one first. What cannot be moved back is still where it was put.
    pub fn undo(self) {
        for (from, to) in self.done.into_iter().rev() {
            if let Err(error) = fs::rename(&to, &from) {
                tracing::error!("move {} back to {}: {error}", to.display(), from.display());
            }
        }
    }

    fn rename(&mut self, from: &Path, to: &Path) -> anyhow::Result<()> {
        fs::rename(from, to).with_context(|| format!("failed to move {} to {}", from.display(), to.display()))?;
        self.done.push((from.to_owned(), to.to_owned()));
        Ok(())
    }
}

/// Whether there is nothing, or a folder without anything in it.
pub fn is_empty(place: &Path) -> bool {
    match fs::symlink_metadata(place) {
        Err(_) => true,
        Ok(found) if found.is_dir() => fs::read_dir(place).is_ok_and(|mut entries| entries.next().is_none()),
        Ok(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_is_kept_aside_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("place")).unwrap();
        fs::write(at("place/old"), "").unwrap();
        fs::create_dir(at("new")).unwrap();
        fs::write(at("new/new"), "").unwrap();
        let mut moves = Moves::default();
        assert!(moves.put(&at("new"), &at("place"), &at("aside")).unwrap());
        assert!(at("place/new").exists() && at("aside/old").exists());
        assert!(moves.put(&at("nowhere"), &at("other"), &at("aside2")).is_err());
        moves.undo();
        assert!(at("place/old").exists() && at("new/new").exists() && !at("aside").exists());
    }
}
