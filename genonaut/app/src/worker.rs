//! Takes jobs from the queue and has an engine make their images. Any number of workers, in any number of
//! processes, work on one queue.

mod making;
mod models;

use std::time::Duration;

use genonaut_db::PgPool;
use genonaut_db::jobs::{self, Change};
use genonaut_engines::Engine;
use tokio::sync::{broadcast, watch};

use crate::pictures::Pictures;

/// How often to look for work when nobody tells of any: a worker may have died without a word.
const POLL: Duration = Duration::from_secs(3);
/// How long to wait before the database is asked again that did not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// What a worker works with.
#[derive(Clone)]
pub struct Worker {
    pub db: PgPool,
    pub pictures: Pictures,
    pub engine: Engine,
    /// How long a worker that says nothing keeps its job.
    pub lease: Duration,
}

/// Tells everyone in this process about changes of jobs.
pub type Told = broadcast::Sender<Change>;

impl Worker {
    pub fn new(db: PgPool, pictures: Pictures, engine: Engine, lease: Duration) -> Self {
        Self { db, pictures, engine, lease }
    }

    /// Works until `stop` says so; a job in work is then given back.
    pub async fn work(self, told: Told, mut stop: watch::Receiver<bool>) {
        let mut changes = told.subscribe();
        while !*stop.borrow() {
            match self.next(&mut stop).await {
                Ok(true) => continue,
                Ok(false) => tokio::select! {
                    () = waits(&mut changes) => {}
                    () = tokio::time::sleep(POLL.min(self.lease)) => {}
                    _ = stop.changed() => {}
                },
                Err(error) => {
                    tracing::error!("work on a job: {error:#}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Whether there was a job.
    async fn next(&self, stop: &mut watch::Receiver<bool>) -> anyhow::Result<bool> {
        let Some(lease) = jobs::claim(&self.db, self.engine.name(), self.lease).await? else { return Ok(false) };
        if let Some(place) = &lease.left_behind {
            self.pictures.clear(place).await?;
        }
        let end = match lease.exhausted() {
            Some(ending) => making::End::With(ending),
            None => self.make(&lease, stop).await?,
        };
        match end {
            making::End::With(ending) => drop(jobs::finish(&self.db, &lease, &ending).await?),
            making::End::Stopped => jobs::release(&self.db, &lease).await?,
            making::End::Lost => tracing::warn!("job {} went to another worker", lease.job.number),
        }
        Ok(true)
    }
}

async fn waits(changes: &mut broadcast::Receiver<Change>) {
    while let Ok(change) = changes.recv().await {
        if change.waits {
            return;
        }
    }
}

/// Throws away what has been in the bin for a month.
pub async fn empty_bin(db: &PgPool, pictures: &Pictures) -> anyhow::Result<()> {
    while let Some(leaving) = genonaut_db::images::leaving(db, 30).await? {
        for file in &leaving.files {
            pictures.remove(file).await?;
        }
        leaving.forget().await?;
    }
    Ok(())
}
