//! Takes jobs from the queue and has an engine make their images. Any number of workers, in any number of
//! processes, work on one queue; each has one engine, of which it tells the catalogue.

mod health;
mod keeping;
mod making;
mod models;
mod outage;
mod taking;

use std::sync::Arc;
use std::time::Duration;

use genonaut_db::jobs::{self, Change};
use genonaut_db::{PgPool, engines, scans};
use genonaut_engines::Engine;
use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use crate::pictures::Pictures;
pub(crate) use health::Known;
use taking::Taking;

/// How often the engine is asked how it is, and the catalogue told.
const BEAT: Duration = Duration::from_secs(5);
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
    /// What people call the engine.
    pub name: String,
    /// How long a worker that says nothing keeps its job.
    pub lease: Duration,
    pub beat: Duration,
    /// Where changes of the catalogue's models are announced in this process.
    library: Option<broadcast::Sender<scans::Change>>,
    /// In the table of engines.
    id: Uuid,
    known: Arc<watch::Sender<Known>>,
}

/// Tells everyone in this process about changes of jobs.
pub type Told = broadcast::Sender<Change>;

impl Worker {
    pub fn new(db: PgPool, pictures: Pictures, engine: Engine, lease: Duration) -> Self {
        let (name, known) = (engine.name().to_owned(), Arc::new(watch::Sender::default()));
        Self { db, pictures, engine, name, lease, beat: BEAT, library: None, id: Uuid::new_v4(), known }
    }

    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Has it list the engine's models again as soon as the catalogue's change.
    #[must_use]
    pub fn following(self, library: broadcast::Sender<scans::Change>) -> Self {
        Self { library: Some(library), ..self }
    }

    /// What is known of the engine, as it changes.
    pub(crate) fn known(&self) -> watch::Receiver<Known> {
        self.known.subscribe()
    }

    /// Works until `stop` says so; a job in work is then given back.
    pub async fn work(self, told: Told, stop: watch::Receiver<bool>) {
        let beating = tokio::spawn(self.clone().tell(stop.clone()));
        self.take_all(told, stop).await;
        let _ = beating.await;
        if let Err(error) = engines::leave(&self.db, self.id).await {
            tracing::warn!("failed to report that {} has stopped: {error}", self.name);
        }
    }

    async fn take_all(&self, told: Told, mut stop: watch::Receiver<bool>) {
        let mut changes = told.subscribe();
        let (mut taking, mut known) = (Taking::default(), self.known.subscribe());
        while !*stop.borrow() {
            match self.next(&mut taking, &mut stop).await {
                Ok(true) => continue,
                Ok(false) => tokio::select! {
                    () = waits(&mut changes) => {}
                    _ = known.changed() => {}
                    () = tokio::time::sleep(POLL.min(self.lease)) => {}
                    _ = stop.changed() => {}
                },
                Err(error) => {
                    tracing::error!("failed to process a job: {error:#}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Whether there was a job. An engine that does not answer takes none.
    async fn next(&self, taking: &mut Taking, stop: &mut watch::Receiver<bool>) -> anyhow::Result<bool> {
        if self.known.borrow().reachable != Some(true) {
            return Ok(false);
        }
        let taker = taking.taker(self);
        let Some(lease) = jobs::claim(&self.db, &taker, self.lease).await? else { return Ok(false) };
        if let Some(place) = &lease.left_behind {
            self.pictures.clear(place).await?;
        }
        let end = match lease.exhausted() {
            Some(ending) => making::End::With(ending),
            None => match self.make(&lease, stop).await {
                Err(error) if outage::is_of_outage(&error) => {
                    self.interrupted(&lease, stop).await?;
                    return Err(error);
                }
                end => end?,
            },
        };
        let checkpoint = lease.job.checkpoint.filter(|_| self.engine.uses_models());
        if taking.took(checkpoint, &end) {
            engines::loaded(&self.db, self.id, checkpoint).await?;
        }
        match end {
            making::End::With(ending) => drop(jobs::finish(&self.db, &lease, &ending).await?),
            making::End::Failed(failure) => self.failed(&lease, &taker, &failure).await?,
            making::End::Stopped => jobs::release(&self.db, &lease, false).await?,
            making::End::Lost => tracing::warn!("job {} was taken over by another worker", lease.job.number),
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
