//! One root: walked in a thread of its own, read on all cores, imported while the next batch is read.

mod same;
mod walked;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use genonaut_db::library::{self, Batch, NewFile};
use genonaut_db::{DbError, PgPool};
use genonaut_sources::entry::Knowledge;
use genonaut_sources::folder::{Folder, Trouble, text};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use same::{is_same, is_unreadable, is_untouched};
use walked::{BATCH, Met, walked};

use super::join::{self, Joined, Progress};
use super::keep::{Kept, keep};
use super::read::{self, ToRead};
use super::{Known, Options, Report};
use crate::{parts, patience};

/// How long a disk may say nothing in the middle of a walk: a folder of very many files is read in one piece.
const STALLED: Duration = Duration::from_secs(120);
/// How long the headers of one batch may take.
const READING: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_millis(500);

pub(super) async fn scan(
    db: &PgPool,
    knowledge: &Arc<Knowledge>,
    known: &Known,
    options: Options,
    report: &mut Report,
    beat: &mut impl FnMut(&mut Report) -> ControlFlow<()>,
) -> anyhow::Result<ControlFlow<()>> {
    let mut held = genonaut_db::connection_for_locks(db).await?;
    let id = known.id.filter(|_| !options.dry_run);
    let joined = match id {
        Some(id) => match join::hold(db, &mut held, id, options.only_if_free, beat).await? {
            Joined::Held(joined) => joined.map(|report| *report),
            Joined::Stopped => return Ok(ControlFlow::Break(())),
        },
        None => None,
    };
    let mut progress = id.map(|id| Progress::new(db, id));
    let mut tell = |report: &mut Report| {
        progress.iter_mut().for_each(|progress| progress.tell(report));
        beat(report)
    };
    let flow = held_root(db, knowledge, known, options, report, &mut tell).await;
    if let Some(progress) = progress {
        progress.end(report).await?;
    }
    joined.iter().for_each(|joined| report.join(joined));
    flow
}

/// With the root held.
async fn held_root(
    db: &PgPool,
    knowledge: &Arc<Knowledge>,
    known: &Known,
    options: Options,
    report: &mut Report,
    beat: &mut impl FnMut(&mut Report) -> ControlFlow<()>,
) -> anyhow::Result<ControlFlow<()>> {
    let path = known.root.path.clone();
    match patience::ask(&known.root.path, move || path.is_dir()).await {
        Some(true) => {}
        Some(false) => return away(db, known, options, report).await,
        None => {
            report.silent(text::of(&known.root.path));
            return Ok(ControlFlow::Continue(()));
        }
    }
    let digests = match known.id {
        Some(id) if !options.anew => library::folders(db, id).await?,
        _ => HashMap::new(),
    };
    let mut scan = Scan { db, knowledge, known, options, report, met: Vec::new(), unread: Vec::new(), importing: None };
    let flow = scan.all(digests, beat).await?;
    scan.imported().await?;
    let Scan { mut met, unread, .. } = scan;
    if let (Some(id), ControlFlow::Continue(()), false) = (known.id, flow, options.dry_run) {
        // What could not be read is unknown, not gone.
        let folders = library::folders_of_files(db, id).await?;
        let below = |folder: &String| {
            unread
                .iter()
                .any(|path: &String| path.is_empty() || folder == path || folder.starts_with(&format!("{path}/")))
        };
        met.extend(folders.into_iter().filter(below));
        report.imported.missing += library::finish(db, id, &met).await?;
    }
    Ok(flow)
}

async fn away(db: &PgPool, known: &Known, options: Options, report: &mut Report) -> anyhow::Result<ControlFlow<()>> {
    let path = text::of(&known.root.path);
    report.trouble(path, "away", "the folder is unavailable; its models are marked as missing".to_owned());
    if let Some(id) = known.id.filter(|_| !options.dry_run) {
        report.imported.missing += library::root_is_away(db, id).await?;
    }
    Ok(ControlFlow::Continue(()))
}

struct Scan<'a> {
    db: &'a PgPool,
    knowledge: &'a Arc<Knowledge>,
    known: &'a Known,
    options: Options,
    report: &'a mut Report,
    /// Folders that are there.
    met: Vec<String>,
    /// Folders that could not be read.
    unread: Vec<String>,
    importing: Option<JoinHandle<Result<Kept, DbError>>>,
}

impl Scan<'_> {
    async fn all(
        &mut self,
        digests: HashMap<String, Vec<u8>>,
        beat: &mut impl FnMut(&mut Report) -> ControlFlow<()>,
    ) -> anyhow::Result<ControlFlow<()>> {
        let mut met = walked(self.known.root.clone(), digests);
        while let Some(next) = self.next(&mut met, beat).await? {
            match next {
                Met::Unchanged { path, files } => {
                    self.report.folders += 1;
                    self.report.files += files;
                    self.report.unchanged += files;
                    self.met.push(path);
                }
                Met::Changed(folders) => {
                    if self.changed(folders, beat).await?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Met::Trouble(trouble) => self.trouble(&trouble),
            }
            if beat(self.report).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What the walk meets next. A disk that goes silent in the middle of it leaves the rest as it was.
    async fn next(
        &mut self,
        met: &mut mpsc::Receiver<Met>,
        beat: &mut impl FnMut(&mut Report) -> ControlFlow<()>,
    ) -> anyhow::Result<Option<Met>> {
        let began = Instant::now();
        while began.elapsed() < STALLED {
            match tokio::time::timeout(LOOK, met.recv()).await {
                Ok(next) => return Ok(next),
                // Whoever wants it to stop is heard at the next folder, or when this one never comes.
                Err(_) => {
                    let _ = beat(self.report);
                }
            }
        }
        anyhow::bail!("the disk has not responded for {} seconds; imported files are kept", STALLED.as_secs())
    }

    fn trouble(&mut self, trouble: &Trouble) {
        self.report.met(trouble);
        if let Trouble::Unreadable { path, .. } = trouble
            && let Ok(below) = path.strip_prefix(&self.known.root.path)
        {
            self.unread.push(text::of(below));
        }
    }

    async fn changed(
        &mut self,
        folders: Vec<Folder>,
        beat: &mut impl FnMut(&mut Report) -> ControlFlow<()>,
    ) -> anyhow::Result<ControlFlow<()>> {
        let paths: Vec<String> = folders.iter().map(|folder| text::of(&folder.path)).collect();
        self.report.folders += folders.len() as u64;
        self.report.current = paths.first().cloned();
        let (mut unchanged, mut changed) = self.sorted(&folders, &paths).await?;
        self.report.files += (unchanged.len() + changed.len()) as u64;
        self.report.unchanged += unchanged.len() as u64;
        // A folder of very many files goes in parts; only the last one says that it was read whole.
        let parts = changed.len() > BATCH * 2;
        while changed.len() > BATCH * 2 {
            let rest = changed.split_off(BATCH);
            let files = self.read(std::mem::replace(&mut changed, rest)).await?;
            self.import(Vec::new(), Vec::new(), files).await?;
            if beat(self.report).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        let files = self.read(changed).await?;
        self.imported().await?;
        if parts {
            unchanged = self.sorted(&folders, &paths).await?.0;
        }
        let unread = |folder: &str| files.iter().any(|file| file.folder == folder && is_unreadable(file));
        let digests = folders.iter().zip(&paths).map(|(folder, path)| {
            // One that cannot be opened may be readable the next time, and nothing would show it.
            let digest = if unread(path) { Vec::new() } else { folder.digest.to_vec() };
            (path.clone(), digest)
        });
        let digests = digests.collect();
        self.import(digests, unchanged, files).await?;
        self.met.extend(paths);
        Ok(ControlFlow::Continue(()))
    }

    /// Ids of known files that are as they were, and the files to read.
    async fn sorted(&self, folders: &[Folder], paths: &[String]) -> anyhow::Result<(Vec<i64>, Vec<ToRead>)> {
        let known = match self.known.id {
            Some(id) => library::known(self.db, id, paths).await?,
            None => HashMap::new(),
        };
        let (mut unchanged, mut changed) = (Vec::new(), Vec::new());
        for found in folders.iter().flat_map(|folder| &folder.models) {
            let file = known.get(&read::place(&found.path)).filter(|file| is_untouched(file, found));
            match file.filter(|file| is_same(file, found) && !self.options.anew) {
                Some(file) => unchanged.push(file.id),
                None => {
                    changed.push(ToRead {
                        found: found.clone(),
                        sha256: file.and_then(|file| file.sha256.clone()),
                        tensors_sha256: file.and_then(|file| file.tensors_sha256.clone()),
                    });
                }
            }
        }
        Ok((unchanged, changed))
    }

    async fn read(&mut self, files: Vec<ToRead>) -> anyhow::Result<Vec<NewFile>> {
        let (knowledge, root) = (self.knowledge.clone(), self.known.root.clone());
        let place = self.known.root.path.clone();
        let read = patience::ask_for(READING, &place, move || read::all(&knowledge, &root, &files)).await;
        let read =
            read.with_context(|| format!("files could not be read within {} minutes", READING.as_secs() / 60))?;
        self.report.read += read.len() as u64;
        for file in &read {
            *self.report.kinds.entry(file.kind.clone()).or_default() += 1;
            if let Some(part) = &file.part {
                *self.report.parts.entry(parts::words(&file.kind, part)).or_default() += 1;
            }
            if let Some((code, reason)) = &file.problem {
                let path = text::of(&self.known.root.path.join(text::path(&file.folder)).join(text::path(&file.name)));
                self.report.trouble(path, code, reason.clone());
            }
        }
        Ok(read)
    }

    /// Imports in the background, after what is being imported.
    async fn import(
        &mut self,
        folders: Vec<(String, Vec<u8>)>,
        unchanged: Vec<i64>,
        files: Vec<NewFile>,
    ) -> anyhow::Result<()> {
        self.imported().await?;
        let Some(root) = self.known.id.filter(|_| !self.options.dry_run) else { return Ok(()) };
        let mut batch =
            Batch { root, path: text::of(&self.known.root.path), folders, unchanged, files, met: Vec::new() };
        // What no index can hold is in the report only.
        batch.files.retain(|file| file.folder.len() + file.name.len() <= read::MOST_BYTES);
        batch.folders.retain(|(path, _)| path.len() <= read::MOST_BYTES);
        let db = self.db.clone();
        self.importing = Some(tokio::spawn(async move { keep(&db, batch).await }));
        Ok(())
    }

    /// Waits for what is being imported.
    async fn imported(&mut self) -> anyhow::Result<()> {
        if let Some(importing) = self.importing.take() {
            self.report.kept(&importing.await??);
        }
        Ok(())
    }
}
