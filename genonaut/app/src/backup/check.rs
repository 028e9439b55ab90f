//! Whether a file is a whole backup that this program can restore; nothing is changed to find out.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use anyhow::{Context, ensure};
use genonaut_db::schema;

use super::manifest::{About, Entry, FORMAT, Manifest};
use super::{ABOUT, DATABASE, IMAGES, MANIFEST, Progress, SETTINGS, WILDCARDS, archive};

/// What a backup says of itself is no longer than this.
const LONGEST: u64 = 1 << 30;

/// # Errors
/// When it is damaged, not complete, or made by a newer program; the message says what to do.
pub fn check(file: &File, path: &Path, progress: &impl Progress) -> anyhow::Result<(About, Manifest)> {
    let context = || format!("failed to read the backup {}", path.display());
    progress.begin("check", 0);
    let mut found = Found::default();
    let read = archive::each(&mut BufReader::with_capacity(1 << 17, file), |name, size, content| {
        progress.step();
        found.take(name, size, content)
    });
    read.with_context(context)?;
    found.whole().with_context(context)
}

/// Whether a name leads to a place of its own kind, and nowhere else.
pub fn is_safe(name: &str) -> bool {
    let known = [IMAGES, WILDCARDS, SETTINGS].iter().any(|kind| name.starts_with(kind));
    let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
    let one_file = !name.starts_with(SETTINGS) || name.matches('/').count() == 1;
    // A name that was not UTF-8 is not the file's.
    known && one_file && name.split('/').all(is_plain) && !name.contains(char::REPLACEMENT_CHARACTER)
}

#[derive(Default)]
struct Found {
    about: Option<About>,
    manifest: Option<Manifest>,
    files: Vec<Entry>,
    names: HashSet<String>,
}

impl Found {
    fn take(&mut self, name: &str, size: u64, content: &mut impl Read) -> anyhow::Result<()> {
        ensure!(self.manifest.is_none(), "something stands behind its end");
        ensure!(self.names.insert(name.to_owned()), "{name} is in it twice");
        match name {
            MANIFEST => {
                ensure!(size <= LONGEST, "its manifest is too long");
                self.manifest = Some(serde_json::from_reader(content).context("its manifest is damaged")?);
                return Ok(());
            }
            ABOUT => ensure!(size <= LONGEST, "its first entry is too long"),
            _ => ensure!(self.about.is_some(), "it is not a backup of Genonaut"),
        }
        let mut text = Vec::new();
        let (read, sha256) = match name {
            ABOUT => archive::copy(content, &mut text)?,
            _ => archive::copy(content, &mut io::sink())?,
        };
        ensure!(read == size, "the file ends too early; copy it again");
        self.files.push(Entry { name: name.to_owned(), size, sha256 });
        if name == ABOUT {
            self.about = Some(readable(&text)?);
        } else {
            ensure!(name == DATABASE || is_safe(name), "it has a file of a strange name in it: {name:?}");
        }
        Ok(())
    }

    fn whole(self) -> anyhow::Result<(About, Manifest)> {
        let about = self.about.context("it is not a backup of Genonaut")?;
        let manifest = self.manifest.context("it is not complete; copy it again")?;
        ensure!(self.names.contains(DATABASE), "it has no database in it");
        for (read, wanted) in self.files.iter().zip(&manifest.files) {
            ensure!(read == wanted, "{} is damaged in it; use another copy of the backup", wanted.name);
        }
        ensure!(self.files.len() == manifest.files.len(), "it has not all files that it should have");
        Ok((about, manifest))
    }
}

/// Refused before all of it is read.
fn readable(text: &[u8]) -> anyhow::Result<About> {
    #[derive(serde::Deserialize)]
    struct Format {
        format: u32,
        genonaut: String,
    }
    let Format { format, genonaut } = serde_json::from_slice(text).context("it is not a backup of Genonaut")?;
    let newer = || {
        format!(
            "it was made by a newer Genonaut ({genonaut}; this is {}); install that version or a newer one, and restore with it",
            env!("CARGO_PKG_VERSION")
        )
    };
    ensure!(format <= FORMAT, newer());
    let about: About = serde_json::from_slice(text).context("its first entry is damaged")?;
    ensure!(schema::knows(&about.migrations), newer());
    Ok(about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_else() {
        for name in ["images/2026-11/a.png", "wildcards/a/b.txt", "settings/a.toml"] {
            assert!(is_safe(name), "{name}");
        }
        for name in
            ["images/../a", "/images/a", "images//a", "images/.", "settings/a/b", "other/a", "a", "images/a\u{fffd}"]
        {
            assert!(!is_safe(name), "{name}");
        }
    }

    #[test]
    fn one_of_a_newer_program_is_refused_with_advice() {
        for about in [
            r#"{"format": 2, "genonaut": "9.0.0"}"#,
            r#"{"format": 1, "genonaut": "9.0.0", "made": "2026-11-30T10:00:00Z", "postgres": 17, "migrations": [1, 9999]}"#,
        ] {
            let refused = format!("{:#}", readable(about.as_bytes()).unwrap_err());
            assert!(refused.contains("newer Genonaut (9.0.0") && refused.contains("install"), "{refused}");
        }
    }
}
