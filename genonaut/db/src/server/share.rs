//! Several processes share one server. Each holds a shared lock as long as it uses it; who can take that lock
//! alone is the last one. Locks go with their process, so a crashed one is out too.

use std::fs::File;

use anyhow::Context;

use super::alive;
use super::cluster::Cluster;
use super::programs::Programs;

/// One process's use of a running server.
#[derive(Debug)]
pub(super) struct Share {
    cluster: Cluster,
    programs: Programs,
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
        Ok(Self { cluster, programs, users })
    }

    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Stops the server if nobody else uses it. Blocks, as long as another process or task starts or stops one.
    pub fn leave(self) -> anyhow::Result<()> {
        let door = self.cluster.lock_file("starting.lock")?;
        door.lock().context("failed to wait for other processes to start")?;
        self.users.unlock().context("failed to mark the server as unused")?;
        match self.users.try_lock() {
            Ok(()) => self.cluster.stop(&self.programs),
            Err(_) => Ok(()),
        }
    }
}
