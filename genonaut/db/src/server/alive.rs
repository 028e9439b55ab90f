//! Whether a cluster's server is alive. Only a connection tells: a killed server leaves its files behind, and
//! under a first process that does not reap its children it even stays in the process table.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::bail;
use sqlx::{ConnectOptions, Connection};

use super::cluster::Cluster;

/// How long a server may take to start up, recover or shut down before we give up on it.
const PATIENCE: Duration = Duration::from_secs(90);

/// Waits for a server that is coming or going, and clears away what a dead one has left.
/// Returns whether one answers.
pub(super) async fn answers(cluster: &Cluster) -> anyhow::Result<bool> {
    let start = Instant::now();
    loop {
        if connects(cluster).await {
            return Ok(true);
        }
        if !is_running(cluster) && !has_orphans(cluster) {
            clear(cluster);
            return Ok(false);
        }
        if start.elapsed() > PATIENCE {
            bail!(
                "the PostgreSQL server in {} is running but does not respond; see server.log in that folder",
                cluster.data.display()
            );
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn connects(cluster: &Cluster) -> bool {
    let attempt = tokio::time::timeout(Duration::from_secs(5), cluster.options().connect()).await;
    match attempt {
        Ok(Ok(connection)) => connection.close().await.is_ok(),
        _ => false,
    }
}

/// Whether the process that the cluster's lock file names is a server of this cluster, and no zombie.
pub(super) fn is_running(cluster: &Cluster) -> bool {
    let file = fs::read_to_string(cluster.data.join("postmaster.pid")).unwrap_or_default();
    let Some(pid) = file.lines().next().and_then(|line| line.trim().parse::<i32>().ok()) else { return false };
    if !fs::exists("/proc/self").unwrap_or(false) {
        return nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None).is_ok();
    }
    works_in(&format!("/proc/{pid}"), &cluster.data)
}

/// Whether processes of a server that was killed still end: they hold its memory until then, and a new server beside
/// them could damage the files.
fn has_orphans(cluster: &Cluster) -> bool {
    let Ok(processes) = fs::read_dir("/proc") else { return false };
    let mut folders = processes.filter_map(|entry| Some(entry.ok()?.path().to_string_lossy().into_owned()));
    folders.any(|process| {
        let name = fs::read_to_string(format!("{process}/comm")).unwrap_or_default();
        name.starts_with("postgres") && works_in(&process, &cluster.data)
    })
}

/// The number may long be another program's; a server works in its cluster's folder.
fn works_in(process: &str, data: &Path) -> bool {
    let stat = fs::read_to_string(format!("{process}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().and_then(|rest| rest.trim().chars().next());
    let here = fs::read_link(format!("{process}/cwd")).is_ok_and(|folder| folder == data);
    state.is_some_and(|state| state != 'Z') && here
}

fn clear(cluster: &Cluster) {
    let leftovers = [
        cluster.data.join("postmaster.pid"),
        cluster.sockets.join(".s.PGSQL.5432"),
        cluster.sockets.join(".s.PGSQL.5432.lock"),
    ];
    for path in leftovers {
        // Usually there is nothing to remove.
        fs::remove_file(path).ok();
    }
}
