//! The engines of this process: one worker each, which can be exchanged while the server runs.

use std::sync::Arc;
use std::time::Duration;

use genonaut_db::{PgPool, scans};
use tokio::sync::{Mutex, broadcast, watch};
use tokio::task::JoinHandle;

use crate::config::Named;
use crate::pictures::Pictures;
use crate::worker::{Known, Told, Worker};

const FIRST_ANSWER: Duration = Duration::from_secs(3);

#[derive(Clone)]
pub struct Fleet {
    db: PgPool,
    pictures: Pictures,
    told: Told,
    library: broadcast::Sender<scans::Change>,
    /// How long a worker that says nothing keeps its job.
    lease: Duration,
    /// Nothing once the process stops.
    working: Arc<Mutex<Option<Vec<Working>>>>,
}

struct Working {
    known: watch::Receiver<Known>,
    stop: watch::Sender<bool>,
    ended: JoinHandle<()>,
}

impl Fleet {
    pub fn new(
        db: PgPool,
        pictures: Pictures,
        told: Told,
        library: broadcast::Sender<scans::Change>,
        lease: Duration,
    ) -> Self {
        Self { db, pictures, told, library, lease, working: Arc::new(Mutex::new(Some(Vec::new()))) }
    }

    /// Has these engines work instead of those that do. A job in work goes back into the queue.
    pub async fn put(&self, engines: Vec<Named>) {
        let mut working = self.working.lock().await;
        let Some(before) = working.take() else { return };
        all_ended(before).await;
        *working = Some(engines.into_iter().map(|engine| self.start(engine)).collect());
    }

    /// Waits until every engine has been asked how it is, but not for long: whoever has chosen one wants to see it.
    pub async fn asked(&self) {
        let known: Vec<_> = self.working.lock().await.iter().flatten().map(|worker| worker.known.clone()).collect();
        for mut known in known {
            let asked = known.wait_for(|known| known.reachable.is_some());
            let _ = tokio::time::timeout(FIRST_ANSWER, asked).await;
        }
    }

    /// Lets all end, for good.
    pub async fn end(&self) {
        if let Some(working) = self.working.lock().await.take() {
            all_ended(working).await;
        }
    }

    fn start(&self, Named { name, engine }: Named) -> Working {
        let (stop, stopped) = watch::channel(false);
        let worker = Worker::new(self.db.clone(), self.pictures.clone(), engine, self.lease).named(&name);
        let worker = worker.following(self.library.clone());
        Working { known: worker.known(), stop, ended: tokio::spawn(worker.work(self.told.clone(), stopped)) }
    }
}

async fn all_ended(working: Vec<Working>) {
    for worker in &working {
        worker.stop.send_replace(true);
    }
    for worker in working {
        if let Err(error) = worker.ended.await {
            tracing::error!("a worker failed: {error}");
        }
    }
}
