//! Finds the programs of a PostgreSQL that is good enough.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;

/// The oldest major version that works.
const OLDEST: u32 = 14;

#[derive(Debug, Clone)]
pub(super) struct Programs {
    pub folder: PathBuf,
    pub major: u32,
}

impl Programs {
    /// The newest there is, or those of the major version that an existing cluster wants.
    pub fn find(wanted: Option<u32>) -> anyhow::Result<Self> {
        let mut found: Vec<Self> = folders().into_iter().filter_map(Self::look).collect();
        // PG_BIN comes first, and a stable sort keeps it there among equals.
        let chosen = std::env::var_os("PG_BIN").map(PathBuf::from);
        found.sort_by_key(|programs| (Some(&programs.folder) != chosen.as_ref(), std::cmp::Reverse(programs.major)));
        let fits = |programs: &Self| wanted.is_none_or(|major| major == programs.major);
        match (found.iter().find(|programs| fits(programs)), wanted) {
            (Some(programs), _) => Ok(programs.clone()),
            (None, Some(major)) => bail!(
                "the catalogue was created by PostgreSQL {major}, but PostgreSQL {major} with pg_trgm is not installed; install postgresql-{major}, or set PG_BIN to the folder of its programs"
            ),
            (None, None) => bail!(
                "PostgreSQL {OLDEST} or newer with pg_trgm is not installed; install it with `make demo`, `apt-get install postgresql` or `brew install postgresql@17`; PG_BIN names the folder of its programs, DATABASE_URL your own server"
            ),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn look(folder: PathBuf) -> Option<Self> {
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let major = text.split_whitespace().find_map(|word| word.split(['.', 'b', 'r']).next()?.parse().ok())?;
        let complete = ["initdb", "pg_ctl"].iter().all(|name| folder.join(name).exists());
        let good = major >= OLDEST && complete && has_trigrams(&folder, major);
        good.then_some(Self { folder, major })
    }
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os("PG_BIN").map(PathBuf::from).into_iter().collect();
    for (parent, rest) in [
        ("/usr/lib/postgresql", "bin"),
        ("/usr", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "bin"),
    ] {
        let Ok(entries) = std::fs::read_dir(parent) else { continue };
        let named = |path: &PathBuf| {
            parent != "/usr" || path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pgsql-"))
        };
        folders.extend(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(named).map(|path| path.join(rest)));
    }
    folders.push(super::default_data().join("pg/bin"));
    folders.retain(|folder| folder.join("postgres").is_file());
    folders
}

/// Whether the extension that text search needs is installed beside the programs.
fn has_trigrams(folder: &Path, major: u32) -> bool {
    let near = |share: &str| folder.join("..").join(share).join("extension/pg_trgm.control");
    let debian = PathBuf::from(format!("/usr/share/postgresql/{major}/extension/pg_trgm.control"));
    let shares = ["share", "share/postgresql", &format!("share/postgresql@{major}"), "share/pgsql"].map(near);
    shares.iter().chain([&debian]).any(|control| control.exists())
}
