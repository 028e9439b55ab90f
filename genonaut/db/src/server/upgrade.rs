//! Moves the private catalogue to a newer major version of PostgreSQL: written out by a server of the old one, read into
//! new files by the new one, counted, and only then put in its place.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use super::Config;
use super::alive;
use super::clients::{Clients, Named};
use super::cluster::Cluster;
use super::private;
use super::programs::Programs;
use crate::backup::{Rows, analyse, counted, difference, quoted};

/// What an upgrade came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upgraded {
    /// No newer version is installed than the one in use.
    Nothing { major: u32 },
    Done {
        from: u32,
        to: u32,
        /// Of all tables.
        rows: i64,
        /// Where the old files are.
        aside: PathBuf,
    },
}

/// Moves the private catalogue to the newest PostgreSQL that is installed.
///
/// # Errors
/// When the programs of its own version are gone, others use it, or it fails; then it is as it was.
pub async fn upgrade(config: &Config) -> anyhow::Result<Upgraded> {
    ensure!(
        config.database_url.is_none(),
        "`genonaut db upgrade` is for the private database; the server of DATABASE_URL is upgraded by its own tools"
    );
    let cluster = Cluster::at(&config.data)?;
    let door = cluster.lock_file("starting.lock")?;
    let _door = tokio::task::spawn_blocking(move || door.lock().map(|()| door)).await??;
    let users = cluster.lock_file("users.lock")?;
    ensure!(users.try_lock().is_ok(), "other genonaut processes use the private database; end them first");
    cluster.sweep();
    cluster.finish_upgrade()?;
    let version = cluster.version();
    let from = version.with_context(|| format!("there is no private database in {} yet", cluster.data.display()))?;
    let (old, new) = (Programs::find(Some(from))?, Programs::find(None)?);
    if new.major <= from {
        return Ok(Upgraded::Nothing { major: from });
    }
    move_to(&cluster, &old, &new).await
}

/// The same between any two sets of programs. Whoever calls it is the only one at the cluster.
async fn move_to(cluster: &Cluster, old: &Programs, new: &Programs) -> anyhow::Result<Upgraded> {
    let beside = cluster.beside()?;
    let dumps = cluster.home.join(format!("postgres.new-{}.dumps", std::process::id()));
    let filled = fill(cluster, old, &beside, new, &dumps).await;
    // What cannot be removed now is swept by the next start.
    fs::remove_dir_all(&dumps).ok();
    fs::remove_dir_all(&beside.sockets).ok();
    let rows = match filled {
        Ok(rows) => rows,
        Err(error) => {
            fs::remove_dir_all(&beside.data).ok();
            return Err(error.context("the upgrade failed, and the catalogue is as it was"));
        }
    };
    let aside = put_in_place(cluster, &beside, old.major)?;
    Ok(Upgraded::Done { from: old.major, to: new.major, rows, aside })
}

/// A start finishes this when it is killed in between.
fn put_in_place(cluster: &Cluster, beside: &Cluster, major: u32) -> anyhow::Result<PathBuf> {
    let date = chrono::Local::now().format("%Y%m%d-%H%M%S");
    let aside = cluster.home.join(format!("postgres-{major}-{date}"));
    fs::rename(&beside.data, cluster.upgraded()).context("failed to name the new files")?;
    fs::rename(&cluster.data, &aside).context("failed to put the old files aside")?;
    cluster.finish_upgrade()?;
    Ok(aside)
}

/// A database in its file.
struct Written {
    database: String,
    rows: Rows,
    file: PathBuf,
}

async fn fill(
    cluster: &Cluster,
    old: &Programs,
    beside: &Cluster,
    new: &Programs,
    dumps: &Path,
) -> anyhow::Result<i64> {
    let clients = Clients::find(new.major)?;
    private::make(dumps, None)?;
    if !alive::answers(cluster).await? {
        cluster.start(old, &[])?;
    }
    let written = write_out(cluster, &clients, dumps).await;
    cluster.stop(old)?;
    let written = written?;
    beside.initialise_in(&beside.data, new)?;
    beside.start(new, &[])?;
    let read = read_in(beside, &clients, &written).await;
    beside.stop(new)?;
    read?;
    Ok(written.iter().flat_map(|database| database.rows.values()).sum())
}

async fn write_out(cluster: &Cluster, clients: &Clients, folder: &Path) -> anyhow::Result<Vec<Written>> {
    let mut connection = cluster.options().connect().await?;
    let sql = "SELECT datname::text FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await?;
    connection.close().await?;
    let access = cluster.access();
    let mut written = Vec::new();
    for (number, database) in names.into_iter().enumerate() {
        let file = folder.join(format!("{number}.dump"));
        let rows = rows(cluster, &database).await?;
        clients.dump(Named { access: &access, database: &database }, None, &file).await?;
        written.push(Written { database, rows, file });
    }
    Ok(written)
}

async fn read_in(cluster: &Cluster, clients: &Clients, written: &[Written]) -> anyhow::Result<()> {
    let access = cluster.access();
    let mut connection = cluster.options().connect().await?;
    for Written { database, rows: before, file } in written {
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {}", quoted(database)))).await?;
        clients.restore(Named { access: &access, database }, file).await?;
        let after = rows(cluster, database).await?;
        ensure!(after == *before, "{database}: {}", difference(before, &after));
    }
    Ok(connection.close().await?)
}

/// Counts them, and the statistics of the tables are made on the way.
async fn rows(cluster: &Cluster, database: &str) -> anyhow::Result<Rows> {
    let mut connection: PgConnection = cluster.options().database(database).connect().await?;
    let rows = counted(&mut connection).await?;
    analyse(&mut connection).await?;
    connection.close().await?;
    Ok(rows)
}

#[cfg(test)]
mod tests;
