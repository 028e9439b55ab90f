//! Several processes share one server. Each holds a shared lock as long as it uses it; who can take that lock
//! alone is the last one. Locks go with their process, so a crashed one is out too.

use std::fs::File;
use std::sync::Arc;

use anyhow::Context;

use super::alive;
use super::cluster::Cluster;
use super::programs::Programs;

/// One process's use of a running server.
#[derive(Debug)]
pub(super) struct Share {
    cluster: Arc<Cluster>,
    programs: Programs,
    settings: Vec<String>,
    users: File,
}

impl Share {
    /// Starts the server unless it runs. Starting and stopping wait for each other.
    pub async fn enter(cluster: Cluster, settings: &[&str]) -> anyhow::Result<Self> {
        let door = cluster.lock_file("starting.lock")?;
        let door = tokio::task::spawn_blocking(move || door.lock().map(|()| door))
            .await?
            .context("failed to wait for other processes to start")?;
        let users = cluster.lock_file("users.lock")?;
        users.lock_shared().context("failed to mark the server as in use")?;
        let programs = cluster.ensure()?;
        if !alive::answers(&cluster).await? {
            cluster.start(&programs, settings)?;
        }
        drop(door);
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        Ok(Self { cluster: Arc::new(cluster), programs, settings, users })
    }

    pub fn cluster(&self) -> &Arc<Cluster> {
        &self.cluster
    }

    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// What it takes to start the server again.
    pub fn revival(&self) -> Revival {
        Revival { cluster: self.cluster.clone(), programs: self.programs.clone(), settings: self.settings.clone() }
    }

    /// Stops the server if nobody else uses it. Blocks, as long as another process or task starts or stops one.
    pub fn leave(self) -> anyhow::Result<()> {
        let door = self.cluster.lock_file("starting.lock")?;
        door.lock().context("failed to wait for other processes to start")?;
        self.users.unlock().context("failed to mark the server as unused")?;
        match self.users.try_lock() {
            // One that has died is stopped; PostgreSQL's own program would wait for it for a minute.
            Ok(()) if alive::is_running(&self.cluster) => self.cluster.stop(&self.programs),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Starts a server again that has died while it was in use.
#[derive(Debug, Clone)]
pub(super) struct Revival {
    cluster: Arc<Cluster>,
    programs: Programs,
    settings: Vec<String>,
}

impl Revival {
    /// Does nothing while the server runs. Another process that shares it may be faster.
    pub async fn revive(&self) -> anyhow::Result<()> {
        if alive::is_running(&self.cluster) {
            return Ok(());
        }
        let door = self.cluster.lock_file("starting.lock")?;
        let door =
            tokio::task::spawn_blocking(move || door.lock().map(|()| door)).await?.context("wait for other starts")?;
        if alive::answers(&self.cluster).await? {
            return Ok(());
        }
        let Self { cluster, programs, settings } = self.clone();
        // Whoever stops waiting for it leaves the lock with it: nobody else starts or stops it meanwhile.
        let start = move || {
            let _door = door;
            cluster.start(&programs, &settings.iter().map(String::as_str).collect::<Vec<_>>())
        };
        tokio::task::spawn_blocking(start).await?
    }
}
