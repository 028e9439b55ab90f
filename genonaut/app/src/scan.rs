//! Scans folders of models: what changed since the last time is read and goes into the catalogue, batch by batch.
//! Nothing in a folder is ever written.

mod again;
mod join;
mod keep;
mod presence;
mod read;
mod report;
mod root;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use anyhow::Context;
use genonaut_db::library::Imported;
use genonaut_db::scans::{self, Scan, State};
use genonaut_db::{DbError, PgPool, library};
use genonaut_sources::entry::Knowledge;
use genonaut_sources::folder::{self, Root};
use tokio::sync::watch;
use uuid::Uuid;

pub use again::hear_again;
pub use report::{Report, Trouble, origin};

use crate::app::App;
use crate::patience;
use crate::problem::{Problem, ProblemType};

/// How often whoever waits is told, at most.
const BEAT: Duration = Duration::from_millis(200);

/// What to do with what is found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Read and count, and change nothing.
    pub dry_run: bool,
    /// Read every file again, changed or not.
    pub anew: bool,
    /// A root that is being scanned is left to that scan; without it the scan is waited for.
    pub only_if_free: bool,
}

/// A root with its row; without one in a dry run of a folder that is not known.
struct Known {
    id: Option<Uuid>,
    root: Root,
}

/// What came of a scan.
pub struct Done {
    pub report: Report,
    /// It was stopped; what it had read is kept.
    pub cancelled: bool,
}

/// Scans what these paths stand for, which become known roots; without paths every known root. `tell` hears how far
/// it is and can stop it.
///
/// # Errors
/// When a path cannot be scanned, or the database fails. What is wrong with single files is in the report.
pub async fn scan(
    db: &PgPool,
    paths: &[PathBuf],
    options: Options,
    tell: impl FnMut(&Report) -> ControlFlow<()>,
) -> anyhow::Result<Done> {
    let mut report = Report::default();
    let roots = roots(db, paths, options, &mut report).await?;
    walk(db, roots, options, report, tell).await
}

/// Scans one known root again, unless somebody else is scanning it: `false` then.
///
/// # Errors
/// When the database fails.
pub async fn again(db: &PgPool, root: library::Root) -> anyhow::Result<bool> {
    let options = Options { only_if_free: true, ..Options::default() };
    let go_on = |_: &Report| ControlFlow::Continue(());
    Ok(!walk(db, vec![root.into()], options, Report::default(), go_on).await?.cancelled)
}

/// Scans a root no more. Its models stay, as missing where no other root has them; a copy that stays speaks for its
/// model. `false` when there is no such root.
///
/// # Errors
/// When the database fails.
pub async fn forget(db: &PgPool, root: Uuid) -> Result<bool, DbError> {
    let removed = library::remove_root(db, root).await?;
    // The root is gone all the same; the next scan hears them.
    if let Err(error) = hear_again(db).await {
        tracing::warn!("failed to update models from their files: {}", in_words(&error));
    }
    Ok(removed)
}

async fn walk(
    db: &PgPool,
    roots: Vec<Known>,
    options: Options,
    mut report: Report,
    mut tell: impl FnMut(&Report) -> ControlFlow<()>,
) -> anyhow::Result<Done> {
    let knowledge = knowledge();
    let began = Instant::now();
    let mut told = began;
    report.roots = roots.len() as u64;
    let ids: Vec<Uuid> = roots.iter().filter_map(|known| known.id).collect();
    report.expected = u64::try_from(library::files_there(db, &ids).await?).ok().filter(|files| *files > 0);
    let (mut cancelled, alone) = (false, roots.len() == 1);
    for known in roots {
        let mut own = Report::default();
        let mut beat = |own: &mut Report| {
            own.seconds = began.elapsed().as_secs_f64();
            if told.elapsed() < BEAT {
                return ControlFlow::Continue(());
            }
            told = Instant::now();
            tell(&report.plus(own))
        };
        let flow = root::scan(db, &knowledge, &known, options, &mut own, &mut beat).await;
        // One root that fails stops no other.
        let flow = flow.with_context(|| format!("failed to scan {}", known.root.path.display()));
        let flow = if alone { flow } else { flow.or_else(|error| failed(&known, &mut own, error)) };
        report = report.plus(&own);
        if flow?.is_break() {
            cancelled = true;
            break;
        }
    }
    if !options.dry_run {
        report.imported.updated += hear_again(db).await.context("failed to update models from their files")?;
        if report.imported != Imported::default() {
            report.twins(&library::merge_twins(db).await?);
            // Files of those that were joined speak for them now.
            hear_again(db).await.context("failed to update models from their files")?;
        }
    }
    report.current = None;
    report.seconds = began.elapsed().as_secs_f64();
    Ok(Done { report, cancelled })
}

/// Notes it, as long as the database is there.
fn failed(known: &Known, report: &mut Report, error: anyhow::Error) -> anyhow::Result<ControlFlow<()>> {
    let path = folder::text::of(&known.root.path);
    if error.chain().filter_map(|cause| cause.downcast_ref()).any(genonaut_db::is_unavailable) {
        return Err(error);
    }
    tracing::warn!("{}", in_words(&error));
    report.trouble(path, "failed", in_words(&error));
    Ok(ControlFlow::Continue(()))
}

/// Why a scan failed, for a person: nothing of the database's own language.
pub fn in_words(error: &anyhow::Error) -> String {
    let words = error.chain().map(|cause| match cause.downcast_ref::<DbError>() {
        Some(error) => (genonaut_db::in_words(error), true),
        None => (cause.to_string(), false),
    });
    let mut whole = Vec::new();
    for (words, is_last) in words {
        whole.push(words);
        if is_last {
            break;
        }
    }
    whole.join(": ")
}

/// Made once: it takes as long as scanning some thousand files that have not changed.
fn knowledge() -> Arc<Knowledge> {
    static MADE: LazyLock<Arc<Knowledge>> = LazyLock::new(Arc::default);
    MADE.clone()
}

/// What whoever hears of progress answers.
pub fn unless(stopped: bool) -> ControlFlow<()> {
    if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

async fn roots(db: &PgPool, paths: &[PathBuf], options: Options, report: &mut Report) -> anyhow::Result<Vec<Known>> {
    if paths.is_empty() {
        let rows = library::roots(db).await?;
        anyhow::ensure!(!rows.is_empty(), "no library folders yet; name one, e.g. `genonaut models scan ~/ComfyUI`");
        return Ok(rows.into_iter().map(Known::from).collect());
    }
    let mut known = Vec::new();
    for path in paths {
        let path = std::path::absolute(path).with_context(|| format!("failed to read the path {}", path.display()))?;
        let found = stands_for(&path).await.with_context(|| format!("{} does not respond", path.display()))?;
        let problem = found.problems.first().map(ToString::to_string);
        anyhow::ensure!(
            !found.roots.is_empty(),
            "{}",
            problem.unwrap_or_else(|| format!("{} contains no model folders", path.display()))
        );
        report.problems(&found.problems);
        for root in found.roots {
            known.push(Known { id: remember(db, &root, options).await?, root });
        }
    }
    Ok(known)
}

/// Which roots a path stands for; nothing where its disk is silent.
async fn stands_for(path: &Path) -> Option<folder::Roots> {
    let named = path.to_owned();
    patience::ask(path, move || folder::roots(&named)).await
}

async fn remember(db: &PgPool, root: &Root, options: Options) -> anyhow::Result<Option<Uuid>> {
    let path = folder::text::of(&root.path);
    if options.dry_run {
        return Ok(library::roots(db).await?.into_iter().find(|row| row.path == path).map(|row| row.id));
    }
    let kind = root.kind.map(|kind| format!("{kind:?}"));
    let added = library::add_root(db, &path, kind.as_deref(), &report::origin(&root.origin), root.shallow).await?;
    Ok(Some(added.id))
}

impl From<library::Root> for Known {
    fn from(row: library::Root) -> Self {
        let path = folder::text::path(&row.path);
        let root = Root { path, kind: None, origin: folder::Origin::Plain, shallow: row.shallow };
        Self { id: Some(row.id), root }
    }
}

/// Scans in the background of this process, seen by everyone through the table of scans.
///
/// # Errors
/// When a path is no folder that can be read.
pub async fn start(app: &App, paths: Vec<String>) -> Result<Scan, Problem> {
    let folders: Vec<PathBuf> = paths.iter().map(|path| PathBuf::from(path.trim())).collect();
    for folder in &folders {
        if !folder.is_absolute() {
            return Err(Problem::new(
                ProblemType::InvalidField,
                format!("enter the full path of {}, starting with /", folder.display()),
            ));
        }
        let found = stands_for(folder).await;
        let silent = || {
            Problem::new(
                ProblemType::InvalidField,
                format!("{} does not respond; check that its disk is connected", folder.display()),
            )
        };
        let found = found.ok_or_else(silent)?;
        if let (true, Some(problem)) = (found.roots.is_empty(), found.problems.first()) {
            return Err(Problem::new(ProblemType::InvalidField, problem.to_string()));
        }
    }
    let scan = scans::begin(&app.db, &paths).await?;
    let (db, id) = (app.db.clone(), scan.id);
    tokio::spawn(async move {
        if let Err(error) = follow(&db, id, &folders, |_| ControlFlow::Continue(())).await {
            tracing::warn!("scan failed: {}", in_words(&error));
        }
    });
    Ok(scan)
}

/// Scans, and writes down how far it is until it is over: everyone can see it, and cancel it.
///
/// # Errors
/// As [`scan`]; the reason is written down too.
pub async fn follow(
    db: &PgPool,
    id: Uuid,
    paths: &[PathBuf],
    mut tell: impl FnMut(&Report) -> ControlFlow<()>,
) -> anyhow::Result<Done> {
    let (send, told) = watch::channel(Report::default());
    let (stop, stopped) = watch::channel(false);
    let writing = tokio::spawn(write(db.clone(), id, told, stop));
    let done = scan(db, paths, Options::default(), |report| {
        send.send_replace(report.clone());
        if *stopped.borrow() { ControlFlow::Break(()) } else { tell(report) }
    })
    .await;
    drop(send);
    let last = writing.await.unwrap_or_default();
    let (state, report, problem) = match &done {
        Ok(Done { report, cancelled: false }) => (State::Done, report, None),
        Ok(Done { report, cancelled: true }) => (State::Cancelled, report, None),
        Err(error) => (State::Failed, &last, Some(in_words(error))),
    };
    scans::end(db, id, state, &serde_json::to_value(report)?, problem.as_deref()).await?;
    done
}

async fn write(db: PgPool, id: Uuid, mut told: watch::Receiver<Report>, stop: watch::Sender<bool>) -> Report {
    let mut last = Report::default();
    while told.changed().await.is_ok() {
        last = told.borrow_and_update().clone();
        let report = serde_json::to_value(&last).unwrap_or_default();
        if let Ok(false) = scans::tell(&db, id, &report).await {
            stop.send_replace(true);
        }
    }
    last
}
