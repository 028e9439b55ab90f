//! Reads the catalogue's files whole, for their hashes, when there is nothing better to do: one reader on a spinning
//! disk, several on others, and the catalogue is there all the while.

mod progress;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use genonaut_db::library::{self, Reader, ToHash};
use genonaut_db::scans::Change;
use genonaut_db::{DbError, PgPool};
use genonaut_sources::folder::text;
use genonaut_sources::{disk, hash};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};

use crate::scan::{hear_again, in_words, unless};
use progress::Progress;

/// Files that are taken at once: few, so that what was scanned meanwhile has its turn, and other processes too.
const TAKEN: i64 = 32;
/// Readers of a disk that does not spin.
const READERS: usize = 2;
/// How long to wait before asking again whether there is anything to read.
const PAUSE: Duration = Duration::from_secs(20);

/// What a reader tells.
enum Told {
    Bytes(Arc<ToHash>, u64),
    Done(Arc<ToHash>, Result<hash::Hashes, hash::Error>),
}

/// Hashes all that is left and that nobody else reads. `tell` hears of the bytes that were read and can stop it.
/// Returns how many files were done.
///
/// # Errors
/// When the database fails. Why a file cannot be read is kept with it.
pub async fn all(db: &PgPool, tell: impl FnMut(u64) -> ControlFlow<()>) -> anyhow::Result<u64> {
    read_all(db, false, tell).await
}

/// Hashes whatever is found, until `stop` says so, and as long as nobody wants it to wait.
pub async fn work(db: PgPool, mut news: Receiver<Change>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = unless_later(&db, &stop).await {
            tracing::warn!("failed to hash files: {}", in_words(&error));
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = told(&mut news) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn unless_later(db: &PgPool, stop: &watch::Receiver<bool>) -> anyhow::Result<()> {
    if library::is_later(db).await? {
        return Ok(());
    }
    read_all(db, true, |_| unless(*stop.borrow())).await.map(drop)
}

async fn read_all(db: &PgPool, waits: bool, tell: impl FnMut(u64) -> ControlFlow<()>) -> anyhow::Result<u64> {
    // A reader takes a connection of its own.
    if library::hashes_left(db).await?.0 == 0 {
        return Ok(0);
    }
    let mut reading = Reading::new(db, waits).await?;
    let read = reading.all(tell).await;
    reading.end(read).await
}

/// Reading is to wait, or to go on.
async fn told(news: &mut Receiver<Change>) {
    loop {
        match news.recv().await {
            Ok(Change::Later) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

struct Reading<'a> {
    db: &'a PgPool,
    reader: Reader,
    progress: Progress,
    done: u64,
    /// Whether a hash has become known by which nothing was judged yet.
    unheard: bool,
    /// Whether a file turned out to be the content of two models.
    twins: bool,
    /// Whether it stops when somebody wants it to wait.
    waits: bool,
}

impl<'a> Reading<'a> {
    async fn new(db: &'a PgPool, waits: bool) -> Result<Self, DbError> {
        let reader = Reader::new(db).await?;
        Ok(Self { db, reader, progress: Progress::new(), done: 0, unheard: false, twins: false, waits })
    }

    async fn all(&mut self, mut tell: impl FnMut(u64) -> ControlFlow<()>) -> anyhow::Result<()> {
        loop {
            let taken = self.reader.take(TAKEN).await?;
            if taken.is_empty() {
                return Ok(());
            }
            let mut told = readers(taken);
            while let Some(next) = told.recv().await {
                let flow = match next {
                    Told::Bytes(file, bytes) => {
                        self.progress.read(&file, bytes);
                        tell(bytes)
                    }
                    Told::Done(file, read) => {
                        self.keep(&file, read).await?;
                        ControlFlow::Continue(())
                    }
                };
                if flow.is_break() || self.beat().await?.is_break() {
                    return Ok(());
                }
            }
        }
    }

    async fn beat(&mut self) -> anyhow::Result<ControlFlow<()>> {
        if !self.progress.is_due() {
            return Ok(ControlFlow::Continue(()));
        }
        self.progress.tell(self.db, &self.reader).await?;
        self.judge().await?;
        Ok(unless(self.waits && library::is_later(self.db).await?))
    }

    async fn keep(&mut self, file: &ToHash, read: Result<hash::Hashes, hash::Error>) -> anyhow::Result<()> {
        match read {
            Ok(hashes) => self.twins |= library::hashed(self.db, file, &hashes).await?,
            Err(hash::Error::Stopped) => return Ok(()),
            Err(error) => library::not_hashed(self.db, file, &error.to_string()).await?,
        }
        self.progress.done(file);
        (self.done, self.unheard) = (self.done + 1, true);
        Ok(())
    }

    /// What lies beside the files whose hashes are new.
    async fn judge(&mut self) -> anyhow::Result<()> {
        if std::mem::take(&mut self.unheard) {
            hear_again(self.db).await?;
        }
        Ok(())
    }

    async fn end(mut self, read: anyhow::Result<()>) -> anyhow::Result<u64> {
        let judged = self.judge().await;
        if self.twins {
            library::merge_twins(self.db).await?;
            hear_again(self.db).await?;
        }
        self.reader.end(self.db).await?;
        read.and(judged).map(|()| self.done)
    }
}

/// A queue for each disk, with as many readers as it bears. They end when nobody listens.
fn readers(files: Vec<ToHash>) -> mpsc::Receiver<Told> {
    let (tell, told) = mpsc::channel(64);
    let mut disks: HashMap<String, (usize, Vec<(ToHash, PathBuf)>)> = HashMap::new();
    for file in files {
        let path = text::path(&file.root).join(text::path(&file.path));
        let disk = disk::of(&path);
        let readers = if disk.as_ref().is_some_and(|disk| disk.rotational) { 1 } else { READERS };
        disks
            .entry(disk.map(|disk| disk.number).unwrap_or_default())
            .or_insert((readers, Vec::new()))
            .1
            .push((file, path));
    }
    for (readers, files) in disks.into_values() {
        let mut parts: Vec<Vec<_>> = (0..readers).map(|_| Vec::new()).collect();
        for (at, (file, path)) in files.into_iter().enumerate() {
            parts[at % readers].push((Arc::new(file), path));
        }
        for part in parts {
            let tell = tell.clone();
            std::thread::spawn(move || part.into_iter().all(|(file, path)| one(&tell, &file, &path)));
        }
    }
    told
}

/// `false` when nobody listens any more.
fn one(tell: &mpsc::Sender<Told>, file: &Arc<ToHash>, path: &std::path::Path) -> bool {
    let options = hash::Options { tensors_at: file.tensors_at.and_then(|at| u64::try_from(at).ok()), threads: 1 };
    if !is_as_known(file, path) {
        return tell.blocking_send(Told::Done(file.clone(), Err(hash::Error::Changed))).is_ok();
    }
    let mut before = 0;
    let read = hash::file(path, options, |so_far| {
        let new = so_far - before;
        before = so_far;
        unless(tell.blocking_send(Told::Bytes(file.clone(), new)).is_err())
    });
    let read = read.and_then(|hashes| if is_as_known(file, path) { Ok(hashes) } else { Err(hash::Error::Changed) });
    tell.blocking_send(Told::Done(file.clone(), read)).is_ok()
}

/// Whether what lies there is what the catalogue knows, as far as size and time tell: the hashes of a file that has
/// replaced it since the last scan are not those of its model. One that cannot be looked at fails when it is read.
fn is_as_known(file: &ToHash, path: &std::path::Path) -> bool {
    std::fs::metadata(path).map_or(true, |now| {
        let modified = now.mtime().saturating_mul(1_000_000_000).saturating_add(now.mtime_nsec());
        (file.size, file.modified) == (now.len().cast_signed(), modified)
    })
}
