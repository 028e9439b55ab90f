//! The engines that a person sets on the page while none is named on the command line: servers that are found on this
//! machine, others by their addresses, the built-in engine. Until a person agrees, what is found is only asked how it is.

mod setting;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use genonaut_db::engines::{self, Change, Chosen, NewChosen};
use genonaut_db::{DbError, PgPool};
use genonaut_engines::ComfyUi;
use genonaut_engines::comfyui::Access;
use tokio::sync::{Mutex, broadcast, watch};
use tokio::time::timeout;
use uuid::Uuid;

use crate::config::{Engines, Named};
use crate::fleet::Fleet;
pub use setting::{BUILT_IN, Refusal, SetEngine};

/// A server of this machine answers at once, or is none.
const ANSWER: Duration = Duration::from_secs(2);
/// How often to look again.
const AGAIN: Duration = Duration::from_secs(10);

/// A ComfyUI that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub url: String,
    pub version: String,
}

#[derive(Clone)]
pub struct Discovery {
    addresses: Arc<[String]>,
    engines: Arc<Engines>,
    fleet: Fleet,
    found: Arc<watch::Sender<Vec<Found>>>,
    /// What a person has set; nothing is the demo engine.
    chosen: Arc<watch::Sender<Vec<Chosen>>>,
    /// One change at a time: what works is what was kept last.
    changing: Arc<Mutex<()>>,
}

impl Discovery {
    pub fn new(addresses: &[String], engines: &Engines, fleet: Fleet) -> Self {
        let (found, chosen) = (Arc::new(watch::Sender::default()), Arc::new(watch::Sender::default()));
        let (addresses, engines) = (addresses.into(), Arc::new(engines.clone()));
        Self { addresses, engines, fleet, found, chosen, changing: Arc::default() }
    }

    /// Has the engines work that were set before, else the demo engine.
    pub async fn begin(&self, db: &PgPool) -> anyhow::Result<()> {
        self.work(engines::chosen(db).await?).await;
        Ok(())
    }

    /// Looks again and again, and tells of what is new.
    pub async fn look(self, news: broadcast::Sender<Change>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let found = self.answering().await;
            if self.found.send_if_modified(|before| std::mem::replace(before, found.clone()) != found) {
                // Nobody may be looking.
                let _ = news.send(Change);
            }
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// What was found and is not used yet.
    pub fn found(&self) -> Vec<Found> {
        let chosen = self.chosen.borrow();
        let is_set = |found: &&Found| !chosen.iter().any(|chosen| chosen.url == found.url);
        self.found.borrow().iter().filter(is_set).cloned().collect()
    }

    /// Whether a person has chosen another engine than the demo.
    pub fn has_chosen(&self) -> bool {
        !self.chosen.borrow().is_empty()
    }

    /// Where it looks.
    pub fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// Uses a server that was found from now on, too, and remembers it. `false` for an address at which none was found.
    pub async fn choose(&self, db: &PgPool, url: &str) -> anyhow::Result<bool> {
        if !self.found.borrow().iter().any(|found| found.url == url) {
            return Ok(false);
        }
        let new = NewChosen { url: url.to_owned(), ..NewChosen::default() };
        self.change(db, engines::choose(db, &new)).await?;
        Ok(true)
    }

    /// Tests an engine, and uses it from now on.
    pub async fn add(&self, db: &PgPool, new: &NewChosen) -> anyhow::Result<Result<(), Refusal>> {
        if let Err(refusal) = setting::check(&self.engines, &self.set(), new).await {
            return Ok(Err(refusal));
        }
        self.change(db, engines::choose(db, new)).await?;
        Ok(Ok(()))
    }

    /// Gives an engine another name; an empty one is that of its kind.
    pub async fn rename(&self, db: &PgPool, id: Uuid, name: &str) -> anyhow::Result<Result<(), Refusal>> {
        let others: Vec<_> = self.set().into_iter().filter(|engine| engine.id != id).collect();
        let name = match setting::name(name, &others) {
            Ok(name) => name,
            Err(refusal) => return Ok(Err(refusal)),
        };
        self.change(db, engines::name_chosen(db, id, name.as_deref())).await?;
        Ok(Ok(()))
    }

    /// Uses an engine no more, and forgets what it asks for.
    pub async fn remove(&self, db: &PgPool, id: Uuid) -> anyhow::Result<()> {
        self.change(db, engines::remove_chosen(db, id)).await.map(drop)
    }

    /// Goes back to the demo engine.
    pub async fn demo(&self, db: &PgPool) -> anyhow::Result<()> {
        self.change(db, engines::remove_all_chosen(db)).await
    }

    /// What a person has set, as pages show it.
    pub fn set(&self) -> Vec<SetEngine> {
        self.chosen.borrow().iter().map(SetEngine::from).collect()
    }

    /// Goes on when nobody waits any more: a browser that leaves must not leave the engines half exchanged.
    async fn change<T>(&self, db: &PgPool, write: impl Future<Output = Result<T, DbError>>) -> anyhow::Result<T> {
        let written = write.await.context("failed to remember the engine")?;
        let (this, db) = (self.clone(), db.clone());
        tokio::spawn(async move { this.apply(&db).await }).await.context("failed to exchange the engines")??;
        Ok(written)
    }

    /// Has work what is kept.
    async fn apply(&self, db: &PgPool) -> anyhow::Result<()> {
        let changing = self.changing.lock().await;
        self.work(engines::chosen(db).await?).await;
        drop(changing);
        self.fleet.asked().await;
        Ok(())
    }

    /// One that cannot be used any more keeps the others from nothing.
    async fn work(&self, chosen: Vec<Chosen>) {
        let mut named: Vec<Named> = Vec::new();
        for engine in &chosen {
            match self.named(engine, chosen.len()) {
                Ok(engine) => named.push(engine),
                Err(error) => tracing::warn!("an engine that was set on the page cannot be used: {error:#}"),
            }
        }
        let engines = if named.is_empty() { vec![self.engines.demo()] } else { named };
        self.chosen.send_replace(chosen);
        self.fleet.put(engines).await;
    }

    /// A token of the command line is for servers that the command line names, and for none that somebody entered.
    fn named(&self, chosen: &Chosen, all: usize) -> anyhow::Result<Named> {
        let own = setting::access(chosen.header.as_deref(), chosen.secret.as_deref());
        let access = match own {
            Access::Open if self.addresses.contains(&chosen.url) => self.engines.access_of_all()?,
            own => own,
        };
        setting::named(&self.engines, chosen, &access, all)
    }

    async fn answering(&self) -> Vec<Found> {
        let mut found = Vec::new();
        for url in self.addresses.iter() {
            let Ok(comfyui) = ComfyUi::new(url, &Access::Open) else { continue };
            if let Ok(Ok(system)) = timeout(ANSWER, comfyui.system()).await {
                found.push(Found { url: url.clone(), version: system.comfyui });
            }
        }
        found
    }
}
