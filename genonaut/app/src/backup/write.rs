//! Writes a backup while others go on working: the database as one moment shows it, and the images that it names then,
//! the previews among them that people have chosen for models.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use chrono::Utc;
use genonaut_db::backup::Snapshot;
use genonaut_db::server::Server;
use tempfile::{Builder, NamedTempFile};

use super::archive::add;
use super::check::is_safe;
use super::manifest::{About, Entry, FORMAT, Manifest};
use super::{ABOUT, DATABASE, IMAGES, MANIFEST, Places, Progress, SETTINGS, WILDCARDS};
use crate::previews;

/// Larger files in the data folder are no settings.
const LARGEST_SETTING: u64 = 1 << 20;

/// What a backup holds.
pub struct Written {
    pub size: u64,
    /// Rows of all tables.
    pub rows: i64,
    pub files: usize,
    pub left_out: Vec<String>,
}

/// The file appears when it is complete, for its owner alone.
///
/// # Errors
/// When it is there already, something cannot be read, or the disk is full; nothing is left then.
pub async fn write(server: &Server, places: &Places, file: &Path, progress: &impl Progress) -> anyhow::Result<Written> {
    ensure!(!file.exists(), "{} exists already; name another file", file.display());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let part = temporary(folder)?;
    let mut out = BufWriter::new(part.as_file());
    let manifest = fill(server, places, folder, &mut out, progress).await?;
    out.flush()?;
    drop(out);
    part.as_file().sync_all()?;
    let size = part.as_file().metadata()?.len();
    part.persist_noclobber(file).with_context(|| format!("failed to name the backup {}", file.display()))?;
    let (rows, files) = (manifest.rows.values().sum(), manifest.files.len());
    Ok(Written { size, rows, files, left_out: manifest.left_out })
}

async fn fill(
    server: &Server,
    places: &Places,
    folder: &Path,
    out: &mut impl Write,
    progress: &impl Progress,
) -> anyhow::Result<Manifest> {
    let mut snapshot = Snapshot::take(server).await?;
    let mut manifest = Manifest::default();
    let about = serde_json::to_vec_pretty(&about(&snapshot))?;
    manifest.files.push(add(out, ABOUT, about.len() as u64, about.as_slice())?);
    progress.begin("database", 1);
    let dump = temporary(folder)?;
    snapshot.dump(dump.path()).await?;
    let mut images = snapshot.images().await?;
    images.extend(snapshot.own_previews().await?.iter().map(|name| previews::kept(name)));
    manifest.rows = snapshot.rows().await?;
    snapshot.finish().await?;
    manifest.files.push(add_file(out, DATABASE, dump.path())?);
    drop(dump);
    add_images(out, places, images, &mut manifest, progress).await?;
    add_small(out, places, &mut manifest, progress)?;
    let text = serde_json::to_vec_pretty(&manifest)?;
    add(out, MANIFEST, text.len() as u64, text.as_slice())?;
    super::tar::write_end(out)?;
    Ok(manifest)
}

fn about(snapshot: &Snapshot<'_>) -> About {
    About {
        format: FORMAT,
        genonaut: env!("CARGO_PKG_VERSION").to_owned(),
        made: Utc::now(),
        postgres: snapshot.postgres(),
        migrations: snapshot.migrations.clone(),
    }
}

async fn add_images(
    out: &mut impl Write,
    places: &Places,
    images: Vec<String>,
    manifest: &mut Manifest,
    progress: &impl Progress,
) -> anyhow::Result<()> {
    progress.begin("images", images.len() as u64);
    for image in images {
        let name = format!("{IMAGES}{image}");
        let found = if is_safe(&name) { places.images.find(&image).await? } else { None };
        match found {
            Some(bytes) => manifest.files.push(add(out, &name, bytes.len() as u64, &bytes[..])?),
            None => manifest.left_out.push(image),
        }
        progress.step();
    }
    Ok(())
}

/// Wildcards and settings.
fn add_small(
    out: &mut impl Write,
    places: &Places,
    manifest: &mut Manifest,
    progress: &impl Progress,
) -> anyhow::Result<()> {
    let mut files = Vec::new();
    below(&places.wildcards, WILDCARDS, &mut files)?;
    settings(&places.data, &mut files)?;
    progress.begin("settings", files.len() as u64);
    for (name, path) in files {
        if is_safe(&name) {
            manifest.files.push(add_file(out, &name, &path)?);
        } else {
            manifest.left_out.push(name);
        }
        progress.step();
    }
    Ok(())
}

/// Files of a folder, each with its name in the backup; folders behind links are left out.
fn below(folder: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) -> anyhow::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in sorted(folder)? {
        let path = entry.path();
        let name = format!("{name}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            below(&path, &format!("{name}/"), files)?;
        } else if path.is_file() {
            files.push((name, path));
        }
    }
    Ok(())
}

/// Small files that lie in the data folder itself, but for locks and what begins with a dot.
fn settings(data: &Path, files: &mut Vec<(String, PathBuf)>) -> anyhow::Result<()> {
    if !data.is_dir() {
        return Ok(());
    }
    for entry in sorted(data)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        let found = entry.metadata()?;
        let is_lock = name.ends_with(".lock") || name.starts_with('.');
        if found.is_file() && found.len() <= LARGEST_SETTING && !is_lock {
            files.push((format!("{SETTINGS}{name}"), entry.path()));
        }
    }
    Ok(())
}

fn sorted(folder: &Path) -> anyhow::Result<Vec<fs::DirEntry>> {
    let read = || format!("failed to read the folder {}", folder.display());
    let entries: Result<Vec<_>, _> = fs::read_dir(folder).with_context(read)?.collect();
    let mut entries = entries.with_context(read)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    Ok(entries)
}

fn add_file(out: &mut impl Write, name: &str, path: &Path) -> anyhow::Result<Entry> {
    let failed = || format!("failed to back up {}", path.display());
    let file = File::open(path).with_context(failed)?;
    let size = file.metadata().with_context(failed)?.len();
    add(out, name, size, file).with_context(failed)
}

/// For its owner alone, and gone unless it is kept.
fn temporary(folder: &Path) -> anyhow::Result<NamedTempFile> {
    let made = Builder::new().prefix(".genonaut-backup-").tempfile_in(folder);
    made.with_context(|| format!("failed to write into the folder {}", folder.display()))
}
