//! Reads the catalogue's files whole, for their hashes, when there is nothing better to do: one reader on a spinning
//! disk, several on others, and the catalogue is there all the while.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use genonaut_db::PgPool;
use genonaut_db::library::{self, ToHash};
use genonaut_sources::folder::text;
use genonaut_sources::{disk, hash};
use tokio::sync::{mpsc, watch};

use crate::scan::unless;

/// Files that are chosen at once: small, so that what was scanned meanwhile has its turn.
const CHOSEN: i64 = 64;
/// Readers of a disk that does not spin.
const READERS: usize = 2;
/// How long to wait before asking again whether there is anything to read.
const PAUSE: Duration = Duration::from_secs(20);

/// What a reader tells.
enum Told {
    Bytes(u64),
    Done(Box<(ToHash, Result<hash::Hashes, hash::Error>)>),
}

/// Hashes all that is left. `tell` hears of the bytes that were read and can stop it. Returns how many files were done.
pub async fn all(db: &PgPool, mut tell: impl FnMut(u64) -> ControlFlow<()>) -> anyhow::Result<u64> {
    let mut done = 0;
    loop {
        let chosen = library::unhashed(db, CHOSEN).await?;
        if chosen.is_empty() {
            return Ok(done);
        }
        let mut told = readers(chosen);
        while let Some(next) = told.recv().await {
            let flow = match next {
                Told::Bytes(bytes) => tell(bytes),
                Told::Done(read) => {
                    keep(db, &read.0, read.1).await?;
                    done += 1;
                    ControlFlow::Continue(())
                }
            };
            if flow.is_break() {
                return Ok(done);
            }
        }
    }
}

/// Hashes whatever is found, until `stop` says so.
pub async fn work(db: PgPool, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let stopping = stop.clone();
        if let Err(error) = all(&db, |_| unless(*stopping.borrow())).await {
            tracing::warn!("hash files: {error:#}");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn keep(db: &PgPool, file: &ToHash, read: Result<hash::Hashes, hash::Error>) -> anyhow::Result<()> {
    match read {
        Ok(hashes) => library::hashed(db, file, &hashes).await?,
        Err(hash::Error::Stopped) => {}
        Err(error) => library::not_hashed(db, file, &error.to_string()).await?,
    }
    Ok(())
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
        for (at, file) in files.into_iter().enumerate() {
            parts[at % readers].push(file);
        }
        for part in parts {
            let tell = tell.clone();
            std::thread::spawn(move || part.into_iter().all(|(file, path)| one(&tell, file, &path)));
        }
    }
    told
}

/// `false` when nobody listens any more.
fn one(tell: &mpsc::Sender<Told>, file: ToHash, path: &std::path::Path) -> bool {
    let options = hash::Options { tensors_at: file.tensors_at.and_then(|at| u64::try_from(at).ok()), threads: 1 };
    let mut before = 0;
    let read = hash::file(path, options, |so_far| {
        let new = so_far - before;
        before = so_far;
        unless(tell.blocking_send(Told::Bytes(new)).is_err())
    });
    tell.blocking_send(Told::Done(Box::new((file, read)))).is_ok()
}
