//! Puts a backup in place: all of it, or nothing. Everything is checked and laid out beside its place first.

use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use genonaut_db::backup::{self, Beside};
use genonaut_db::server::Server;

use super::check::check;
use super::manifest::Manifest;
use super::moves::{Moves, is_empty};
use super::{Places, Progress};

mod stage;
mod upload;

use stage::Stage;
use upload::Uploads;

/// What a restore came to.
pub struct Restored {
    /// Rows of all tables.
    pub rows: i64,
    pub files: usize,
    /// Where what was there before is kept.
    pub aside: Vec<String>,
}

/// # Errors
/// When the backup is damaged or a newer program's, something is there already and `replace` is not set, others use the
/// database, or anything fails; all is as it was then.
pub async fn restore(
    server: &Server,
    places: &Places,
    path: &Path,
    replace: bool,
    progress: &impl Progress,
) -> anyhow::Result<Restored> {
    let mut file = File::open(path).with_context(|| format!("failed to open the backup {}", path.display()))?;
    let (about, manifest) = check(&file, path, progress)?;
    backup::ensure_unused(server).await?;
    let had_rows = !backup::is_empty(server).await?;
    if !replace {
        ensure_free(server, places, &manifest, had_rows)?;
    }
    file.rewind()?;
    let stage = Stage::unpack(&mut BufReader::with_capacity(1 << 17, &file), places, &manifest, progress)?;
    progress.begin("database", 1);
    let beside = Beside::restore(server, stage.dump(), about.postgres, &manifest.rows).await?;
    let aside = match put_in_place(server, places, &manifest, &stage, &beside, had_rows).await {
        Ok(aside) => aside,
        Err(error) => {
            beside.discard().await.ok();
            return Err(error.context("the restore failed, and all is as it was"));
        }
    };
    Ok(Restored { rows: manifest.rows.values().sum(), files: manifest.files.len(), aside })
}

/// The database comes last: it is the one step that cannot be taken back.
async fn put_in_place(
    server: &Server,
    places: &Places,
    manifest: &Manifest,
    stage: &Stage,
    beside: &Beside<'_>,
    had_rows: bool,
) -> anyhow::Result<Vec<String>> {
    let date = chrono::Local::now().format("%Y%m%d_%H%M%S").to_string();
    let (mut uploads, mut moves, mut aside) = (Uploads::default(), Moves::default(), Vec::new());
    let name: String = server.database().chars().take(40).collect();
    let old = had_rows.then(|| format!("{name}_{date}"));
    let done = async {
        if places.images.folder().is_none() {
            uploads.put(&places.images, stage, manifest).await?;
        }
        for (new, place) in stage.moves() {
            let kept = aside_of(place, &date);
            if moves.put(new, place, &kept)? {
                aside.push(kept.display().to_string());
            }
        }
        beside.take_place(old.as_deref()).await
    };
    let done = done.await;
    match done {
        Ok(()) => {
            aside.extend(old.map(|old| format!("the database {old}")));
            Ok(aside)
        }
        Err(error) => {
            moves.undo();
            uploads.undo(&places.images).await;
            Err(error)
        }
    }
}

fn aside_of(place: &Path, date: &str) -> PathBuf {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    place.with_file_name(format!("{name}_{date}"))
}

/// # Errors
/// Names everything that is there already.
fn ensure_free(server: &Server, places: &Places, manifest: &Manifest, had_rows: bool) -> anyhow::Result<()> {
    let database = had_rows.then(|| format!("the database {}", server.database()));
    let files = stage::places(places, manifest).into_iter().filter(|place| !is_empty(place));
    let there: Vec<String> = database.into_iter().chain(files.map(|place| place.display().to_string())).collect();
    ensure!(
        there.is_empty(),
        "not empty: {}; restore into an empty data folder and database, or use --replace, which keeps what is there under \
         other names",
        there.join(", ")
    );
    Ok(())
}
