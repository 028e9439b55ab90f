//! Looks for a ComfyUI on this machine while no engine is named, and offers it. Until a person agrees it is only asked
//! how it is.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use genonaut_db::engines::{self, Change};
use genonaut_db::{DbError, PgPool};
use genonaut_engines::ComfyUi;
use genonaut_engines::comfyui::Access;
use tokio::sync::{broadcast, watch};
use tokio::time::timeout;

use crate::config::{Engines, Named};
use crate::fleet::Fleet;

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
    /// Addresses that a person has chosen; none is the demo engine.
    chosen: Arc<watch::Sender<Vec<String>>>,
}

impl Discovery {
    pub fn new(addresses: &[String], engines: &Engines, fleet: Fleet) -> Self {
        let (found, chosen) = (Arc::new(watch::Sender::default()), Arc::new(watch::Sender::default()));
        Self { addresses: addresses.into(), engines: Arc::new(engines.clone()), fleet, found, chosen }
    }

    /// Has the engine work that was chosen before, else the demo engine.
    pub async fn begin(&self, db: &PgPool) -> anyhow::Result<()> {
        self.work(engines::chosen(db).await?).await
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
        self.found.borrow().iter().filter(|found| !chosen.contains(&found.url)).cloned().collect()
    }

    /// Whether a person has chosen another engine than the demo.
    pub fn has_chosen(&self) -> bool {
        !self.chosen.borrow().is_empty()
    }

    /// Where it looks.
    pub fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// Uses a server from now on, and remembers it. `false` for an address at which none was found.
    pub async fn choose(&self, db: &PgPool, url: &str) -> anyhow::Result<bool> {
        if !self.found.borrow().iter().any(|found| found.url == url) {
            return Ok(false);
        }
        self.switch(db, vec![url.to_owned()]).await?;
        Ok(true)
    }

    /// Goes back to the demo engine.
    pub async fn demo(&self, db: &PgPool) -> anyhow::Result<()> {
        self.switch(db, Vec::new()).await
    }

    async fn switch(&self, db: &PgPool, urls: Vec<String>) -> anyhow::Result<()> {
        let remembered: Result<(), DbError> = engines::choose(db, &urls).await;
        remembered.context("failed to remember the engine")?;
        self.work(urls).await?;
        self.fleet.asked().await;
        Ok(())
    }

    async fn work(&self, urls: Vec<String>) -> anyhow::Result<()> {
        let chosen: Vec<Named> = urls.iter().map(|url| self.engines.comfyui(url)).collect::<Result<_, _>>()?;
        let engines = if chosen.is_empty() { vec![self.engines.demo()] } else { chosen };
        self.chosen.send_replace(urls);
        self.fleet.put(engines).await;
        Ok(())
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
