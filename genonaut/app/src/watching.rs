//! Watches the folders of models while the server runs: what changes there is in the catalogue a moment later. Folders
//! whose file system tells of nothing (a network's, often) are looked through every few minutes all the same.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use genonaut_db::PgPool;
use genonaut_db::library::{self, Root};
use genonaut_db::scans::Change;
use genonaut_sources::folder::text;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::{patience, scan};

/// How long a folder must be quiet: whoever copies many files is not interrupted by a scan for each.
const QUIET: Duration = Duration::from_secs(2);
/// A folder that is never quiet is scanned this often.
const PATIENCE: Duration = Duration::from_secs(15);
/// Folders that are scanned at once.
const MOST: usize = 4;
/// How often to ask which folders there are to watch; sooner when a scan tells of itself, which may be a new one's.
const ROOTS: Duration = Duration::from_secs(10);
const ROOTS_SOON: Duration = Duration::from_secs(1);

/// Scans every known root now, when something in it changes, and every `interval`; until `stop` says so.
pub async fn work(db: PgPool, interval: Duration, mut news: Receiver<Change>, mut stop: watch::Receiver<bool>) {
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut watched = Watched { watchers: HashMap::new(), due: HashMap::new(), tell };
    let mut running: HashMap<PathBuf, JoinHandle<bool>> = HashMap::new();
    let (mut asked, mut scanning) = (None::<Instant>, false);
    while !*stop.borrow() {
        let patience = if scanning { ROOTS_SOON } else { ROOTS };
        if asked.is_none_or(|asked| asked.elapsed() >= patience) {
            (asked, scanning) = (Some(Instant::now()), false);
            match library::roots(&db).await {
                Ok(roots) => watched.follow(roots, interval).await,
                Err(error) => tracing::warn!("failed to load the folders to watch: {}", genonaut_db::in_words(&error)),
            }
        }
        for (path, scan) in running.extract_if(|_, scan| scan.is_finished()) {
            // What somebody else's scan has passed already, this one may have to see.
            if matches!(scan.await, Ok(false)) {
                watched.postpone(&path);
            }
        }
        // A disk that is slow or silent keeps no other folder waiting.
        let free = MOST.saturating_sub(running.len());
        for (path, root) in watched.take_due(interval, free, |path| running.contains_key(path)) {
            running.insert(path, tokio::spawn(scan_again(db.clone(), root)));
        }
        tokio::select! {
            event = told.recv() => if let Some(path) = event { watched.changed(&path) },
            () = scan_in(&mut news) => scanning = true,
            () = tokio::time::sleep(QUIET / 4) => {}
            _ = stop.changed() => {}
        }
    }
    // What they have imported is kept; the next start goes on from there.
    running.into_values().for_each(|scan| scan.abort());
}

/// `false` when somebody else is scanning it.
async fn scan_again(db: PgPool, root: Root) -> bool {
    let path = root.path.clone();
    scan::again(&db, root).await.unwrap_or_else(|error| {
        tracing::warn!("failed to scan {path} after a change: {}", scan::in_words(&error));
        true
    })
}

/// A scan began, is further, or is over.
async fn scan_in(news: &mut Receiver<Change>) {
    loop {
        match news.recv().await {
            Ok(Change::Scan(_)) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

struct Watched {
    /// A root, and what watches it; nothing where its file system cannot be watched.
    watchers: HashMap<PathBuf, (Root, Option<RecommendedWatcher>)>,
    due: HashMap<PathBuf, Due>,
    tell: mpsc::UnboundedSender<PathBuf>,
}

/// When a root is to be scanned.
struct Due {
    /// It has changed at first and at last.
    changed: Option<(Instant, Instant)>,
    scanned: Option<Instant>,
    /// When its turn was, whatever came of it.
    tried: Option<Instant>,
}

impl Watched {
    async fn follow(&mut self, roots: Vec<Root>, interval: Duration) {
        let known: HashMap<PathBuf, Root> = roots.into_iter().map(|root| (text::path(&root.path), root)).collect();
        self.watchers.retain(|path, _| known.contains_key(path));
        self.due.retain(|path, _| known.contains_key(path));
        for (path, root) in known {
            // A root that was scanned by somebody else a moment ago needs no scan of ours.
            let fresh =
                root.scanned.is_some_and(|at| (chrono::Utc::now() - at).to_std().is_ok_and(|ago| ago < interval));
            let first = !self.watchers.contains_key(&path);
            if first || self.watchers[&path].1.is_none() {
                let watcher = watcher(self.tell.clone(), path.clone(), root.shallow).await;
                self.watchers.insert(path.clone(), (root, watcher));
            }
            let scanned = (fresh && !first).then(Instant::now);
            self.due.entry(path).or_insert(Due { changed: None, scanned, tried: None });
        }
    }

    fn changed(&mut self, path: &Path) {
        let now = Instant::now();
        if let Some(due) = self.due.get_mut(path) {
            due.changed = Some((due.changed.map_or(now, |(first, _)| first), now));
        }
    }

    /// It is due still.
    fn postpone(&mut self, path: &Path) {
        if let Some(due) = self.due.get_mut(path) {
            due.scanned = None;
        }
    }

    /// At most so many, those whose turn is longest ago first.
    fn take_due(&mut self, interval: Duration, most: usize, runs: impl Fn(&Path) -> bool) -> Vec<(PathBuf, Root)> {
        let mut due: Vec<_> = self.due.iter_mut().filter(|(path, due)| due.is_now(interval) && !runs(path)).collect();
        due.sort_by_key(|(_, due)| due.tried);
        let mut roots = Vec::new();
        for (path, due) in due.into_iter().take(most) {
            let now = Some(Instant::now());
            *due = Due { changed: None, scanned: now, tried: now };
            roots.extend(self.watchers.get(path).map(|(root, _)| (path.clone(), root.clone())));
        }
        roots
    }
}

/// Watches a folder; `None` where it is not there, its disk is silent, or its file system cannot be watched.
async fn watcher(tell: mpsc::UnboundedSender<PathBuf>, path: PathBuf, shallow: bool) -> Option<RecommendedWatcher> {
    let root = path.clone();
    let watch = move || {
        if !path.is_dir() {
            return None;
        }
        let changed = path.clone();
        let told = move |event: notify::Result<Event>| {
            // Reading is what we do ourselves.
            if event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
                let _ = tell.send(changed.clone());
            }
        };
        let mode = if shallow { RecursiveMode::NonRecursive } else { RecursiveMode::Recursive };
        let watcher =
            notify::recommended_watcher(told).and_then(|mut watcher| watcher.watch(&path, mode).map(|()| watcher));
        watcher
            .inspect_err(|error| {
                tracing::info!("{} cannot be watched and is scanned periodically: {error}", path.display())
            })
            .ok()
    };
    patience::ask(&root, watch).await.flatten()
}

impl Due {
    fn is_now(&self, interval: Duration) -> bool {
        let settled = |(first, last): (Instant, Instant)| last.elapsed() >= QUIET || first.elapsed() >= PATIENCE;
        self.changed.is_some_and(settled) || self.scanned.is_none_or(|scanned| scanned.elapsed() >= interval)
    }
}
