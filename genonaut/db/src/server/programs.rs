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
        let chosen = chosen();
        if let Some(folder) = &chosen {
            check(folder)?;
        }
        let all = folders();
        let mut found: Vec<Self> = all.iter().cloned().filter_map(Self::look).collect();
        // PG_BIN comes first, and a stable sort keeps it there among equals.
        found.sort_by_key(|programs| (Some(&programs.folder) != chosen.as_ref(), std::cmp::Reverse(programs.major)));
        let fits = |programs: &&Self| wanted.is_none_or(|major| major == programs.major);
        if let Some(programs) = found.iter().find(fits) {
            return Ok(programs.clone());
        }
        // What is there but for the extension is nearer than anything else.
        if let Some(lacks) = all.iter().find_map(|folder| without_trigrams(folder, wanted)) {
            bail!(lacks);
        }
        match wanted {
            Some(major) => bail!(gone(major, found.first().map(|programs| programs.major))),
            None => bail!(
                "PostgreSQL {OLDEST} or newer with pg_trgm is not installed; install it with `make demo`, `apt-get install postgresql` or `brew install postgresql@17`; PG_BIN names the folder of its programs, DATABASE_URL your own server"
            ),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn look(folder: PathBuf) -> Option<Self> {
        let major = major(&folder.join("postgres"))?;
        let good = major >= OLDEST && lacking(&folder).is_none() && has_trigrams(&folder, major);
        good.then_some(Self { folder, major })
    }
}

/// What to do when the programs that a cluster was made with are not there any more.
fn gone(major: u32, installed: Option<u32>) -> String {
    let upgrade = match installed {
        Some(newer) if newer > major => format!(
            ". PostgreSQL {newer} is installed but cannot read these files: with both versions installed, `genonaut db \
             upgrade` moves the catalogue to PostgreSQL {newer}"
        ),
        _ => String::new(),
    };
    format!(
        "the catalogue was created by PostgreSQL {major}, but PostgreSQL {major} with pg_trgm is not installed; install \
         postgresql-{major}, or set PG_BIN to the folder of its programs{upgrade}"
    )
}

/// The folder that somebody has named.
fn chosen() -> Option<PathBuf> {
    std::env::var_os("PG_BIN").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// What somebody has named is used or refused, never passed over.
fn check(folder: &Path) -> anyhow::Result<()> {
    if let Some(program) = lacking(folder) {
        bail!(
            "PG_BIN is {}, but there is no program {program}; set it to the folder of postgres, initdb and pg_ctl, or unset it",
            folder.display()
        );
    }
    match major(&folder.join("postgres")) {
        None => bail!("PG_BIN is {}, and its postgres does not run", folder.display()),
        Some(major) if major < OLDEST => {
            bail!("PG_BIN is {}, a PostgreSQL {major}; {OLDEST} is the oldest that works", folder.display())
        }
        Some(_) => without_trigrams(folder, None).map_or(Ok(()), |lacks| bail!(lacks)),
    }
}

/// The first of the programs that we need and that is not there.
fn lacking(folder: &Path) -> Option<&'static str> {
    ["postgres", "initdb", "pg_ctl"].into_iter().find(|name| !folder.join(name).is_file())
}

/// The major version that a program of PostgreSQL says it has.
pub(super) fn major(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().find_map(|word| word.split(['.', 'b', 'r']).next()?.parse().ok())
}

/// What to install where a PostgreSQL lacks nothing but the extension.
fn without_trigrams(folder: &Path, wanted: Option<u32>) -> Option<String> {
    let major = major(&folder.join("postgres"))
        .filter(|major| *major >= OLDEST && wanted.is_none_or(|wanted| wanted == *major))?;
    (lacking(folder).is_none() && !has_trigrams(folder, major)).then(|| {
        format!(
            "the PostgreSQL {major} in {} has no pg_trgm, which search needs; install the package with PostgreSQL's extensions: postgresql-contrib, on Alpine and FreeBSD postgresql{major}-contrib",
            folder.display()
        )
    })
}

fn folders() -> Vec<PathBuf> {
    let mut folders = candidates();
    folders.retain(|folder| folder.join("postgres").is_file());
    folders
}

/// Where programs of PostgreSQL may be; what somebody has named comes first.
pub(super) fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = chosen().into_iter().collect();
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
    folders
}

/// Whether the extension that text search needs is installed beside the programs, as PostgreSQL itself looks for it:
/// from where its program really lies.
fn has_trigrams(folder: &Path, major: u32) -> bool {
    let real = folder.join("postgres").canonicalize().unwrap_or_default();
    let folder = real.parent().unwrap_or(folder);
    let near = |share: &str| folder.join("..").join(share).join("extension/pg_trgm.control");
    let debian = format!("/usr/share/postgresql/{major}/extension/pg_trgm.control");
    let debian = folder.starts_with("/usr/lib/postgresql").then(|| PathBuf::from(debian));
    let shares = ["share", "share/postgresql", &format!("share/postgresql@{major}"), "share/pgsql"].map(near);
    shares.iter().chain(&debian).any(|control| control.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_are_gone_are_named_and_a_newer_version_offers_the_upgrade() {
        let only = gone(15, None);
        assert!(only.contains("install postgresql-15") && !only.contains("upgrade"), "{only}");
        assert!(!gone(15, Some(14)).contains("upgrade"));
        let newer = gone(15, Some(17));
        assert!(newer.contains("install postgresql-15") && newer.contains("`genonaut db upgrade`"), "{newer}");
    }
}
