//! How the engine is: asked every few seconds, and told to the catalogue.

use std::sync::Arc;
use std::time::Duration;

use genonaut_db::engines::{self, Heard, Names};
use genonaut_db::scans;
use genonaut_engines::comfyui::{Inventory, Status};
use genonaut_engines::{ComfyUi, Failure, Kind};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::Worker;

/// A server that reads a model from disk answers late; one that is silent for longer is taken for gone.
const ANSWER: Duration = Duration::from_secs(15);
/// How old the list of an engine's models may be: a file that is put there is found by then.
const FRESH: Duration = Duration::from_secs(30);

/// How long after a change of the catalogue an engine is asked for its models, so that many changes are one request.
const SETTLE: Duration = Duration::from_secs(2);

const MAKE_ROOM: &str = "Make room there.";

/// What is known of the engine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Nothing until it was asked.
    pub reachable: Option<bool>,
    /// What it has, where it says so.
    pub inventory: Option<Arc<Inventory>>,
    /// Why no image can be kept just now.
    pub paused: Option<String>,
}

impl Worker {
    /// Tells how the engine is until `stop` says so.
    pub(super) async fn tell(self, mut stop: watch::Receiver<bool>) {
        let mut listed = None;
        let mut models = ModelChanges::of(&self);
        while !*stop.borrow() {
            tokio::select! {
                told = self.beat(&mut listed) => {
                    if let Err(error) = told {
                        tracing::warn!("failed to report the state of {}: {error:#}", self.name);
                    }
                }
                _ = stop.changed() => return,
            }
            tokio::select! {
                () = tokio::time::sleep(self.beat) => {}
                // What has just been scanned may be on the engine since then, too.
                () = models.settled() => listed = None,
                _ = stop.changed() => {}
            }
        }
    }

    async fn beat(&self, listed: &mut Option<Instant>) -> anyhow::Result<()> {
        engines::expire(&self.db).await?;
        let Some(comfyui) = self.engine.comfyui() else {
            self.tell_now(None).await?;
            self.is_reachable(true);
            return Ok(());
        };
        match self.look(comfyui, listed).await {
            Ok((status, inventory)) => {
                engines::tell(&self.db, &self.heard(Ok(Some(&status)))).await?;
                if let Some(inventory) = inventory {
                    engines::holds(&self.db, self.id, &names(&inventory)).await?;
                    self.known.send_modify(|known| known.inventory = Some(inventory));
                }
                self.is_reachable(true);
            }
            Err(failure) => {
                *listed = None;
                self.is_reachable(false);
                self.tell_now(Some(&failure)).await?;
            }
        }
        Ok(())
    }

    /// How the server is, and what it has where that is not known or old.
    async fn look(
        &self,
        comfyui: &ComfyUi,
        listed: &mut Option<Instant>,
    ) -> Result<(Status, Option<Arc<Inventory>>), Failure> {
        let late = |_| {
            let title = format!("ComfyUI at {} does not respond", comfyui.address());
            let hint = format!("No response for {} s. Check its log or restart it.", ANSWER.as_secs());
            Failure::new(Kind::Unreachable, title, hint)
        };
        let status = timeout(ANSWER, comfyui.status()).await.map_err(late)??;
        if listed.is_some_and(|at| at.elapsed() < FRESH.min(self.beat * 6)) {
            return Ok((status, None));
        }
        let inventory = timeout(ANSWER, comfyui.inventory()).await.map_err(late)??;
        *listed = Some(Instant::now());
        Ok((status, Some(inventory)))
    }

    /// Writes that it is there, or why not.
    pub(super) async fn tell_now(&self, failure: Option<&Failure>) -> anyhow::Result<()> {
        Ok(engines::tell(&self.db, &self.heard(failure.map_or(Ok(None), Err))).await?)
    }

    /// Tells the catalogue that the engine has paused, or goes on. Only a change is told.
    pub(super) async fn pause(&self, reason: Option<String>) {
        let changed = self.known.send_if_modified(|known| {
            let is_news = known.paused.is_some() != reason.is_some();
            known.paused = reason;
            is_news
        });
        if let (true, Err(error)) = (changed, self.tell_now(None).await) {
            tracing::warn!("tell how {} is: {error:#}", self.name);
        }
    }

    /// Wakes who waits for it, and only when that is news.
    fn is_reachable(&self, now: bool) {
        self.known.send_if_modified(|known| known.reachable.replace(now) != Some(now));
    }

    fn heard(&self, found: Result<Option<&Status>, &Failure>) -> Heard {
        let told = Heard {
            id: self.id,
            name: self.name.clone(),
            kind: self.engine.name().to_owned(),
            url: self.engine.comfyui().map(|comfyui| comfyui.address().to_owned()),
            uses_models: self.engine.uses_models(),
            lists_models: self.engine.lists_models(),
            limits: self.engine.limits().map(str::to_owned),
            reachable: Some(found.is_ok()),
            ..Heard::default()
        };
        let paused = self.known.borrow().paused.clone();
        let told = Heard { hint: paused.as_ref().map(|_| MAKE_ROOM.to_owned()), problem: paused, ..told };
        match found {
            Ok(None) => told,
            Ok(Some(status)) => Heard {
                version: Some(status.system.comfyui.clone()).filter(|version| !version.is_empty()),
                device: Some(status.system.device.clone()).filter(|device| !device.is_empty()),
                running: i32::try_from(status.running).unwrap_or(i32::MAX),
                waiting: i32::try_from(status.waiting).unwrap_or(i32::MAX),
                ..told
            },
            Err(failure) => Heard { problem: Some(failure.title.clone()), hint: Some(failure.hint.clone()), ..told },
        }
    }
}

/// Changes of the catalogue's models, as far as they concern an engine that lists its own.
struct ModelChanges(Option<Receiver<scans::Change>>);

impl ModelChanges {
    fn of(worker: &Worker) -> Self {
        Self(worker.library.as_ref().filter(|_| worker.engine.lists_models()).map(Sender::subscribe))
    }

    /// Returns a moment after models have changed: a scan announces each of its batches.
    async fn settled(&mut self) {
        let Some(changes) = &mut self.0 else { return std::future::pending().await };
        loop {
            match changes.recv().await {
                Ok(scans::Change::Models) | Err(RecvError::Lagged(_)) => break,
                Ok(_) => {}
                Err(RecvError::Closed) => return std::future::pending().await,
            }
        }
        tokio::time::sleep(SETTLE).await;
        *changes = changes.resubscribe();
    }
}

/// Without the folders that they are in on the server.
fn names(inventory: &Inventory) -> Names {
    let last = |name: &String| name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
    let all = |names: &[String]| names.iter().map(last).collect();
    Names {
        checkpoints: all(&inventory.checkpoints),
        diffusion_models: all(&inventory.diffusion_models),
        loras: all(&inventory.loras),
    }
}
