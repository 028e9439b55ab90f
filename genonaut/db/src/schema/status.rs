//! Says how a database stands: its server, its migrations, and where it differs from what is declared.

use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

use super::declared;
use super::diff::diff;
use super::migrate::{MIGRATOR, applied};
use super::scratch::Scratch;
use super::snapshot::Snapshot;

/// How a database stands.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Status {
    pub database: String,
    /// As PostgreSQL spells it, e.g. `15.18`.
    pub version: String,
    pub applied: Vec<String>,
    pub pending: Vec<String>,
    /// Statements that would make the database what is declared; empty when it is.
    pub drift: Vec<String>,
}

/// Compares with the declarations in a scratch database on the server that `options` lead to.
pub async fn status(db: &PgPool, options: &PgConnectOptions) -> anyhow::Result<Status> {
    let (database, version) =
        sqlx::query_as("SELECT current_database()::text, current_setting('server_version')").fetch_one(db).await?;
    let done = applied(db).await?;
    let names = |pending: bool| {
        let wanted = MIGRATOR.iter().filter(|migration| done.contains(&migration.version) != pending);
        wanted.map(|migration| format!("{:04} {}", migration.version, migration.description)).collect()
    };
    Ok(Status { database, version, applied: names(false), pending: names(true), drift: drift(db, options).await? })
}

/// Whether every migration of this program is applied.
pub async fn is_current(db: &PgPool) -> sqlx::Result<bool> {
    let done = applied(db).await?;
    Ok(MIGRATOR.iter().all(|migration| done.contains(&migration.version)))
}

async fn drift(db: &PgPool, options: &PgConnectOptions) -> anyhow::Result<Vec<String>> {
    let live = Snapshot::take(&mut *db.acquire().await?).await?;
    let mut scratch = Scratch::create(options).await?;
    let created = declared::create(&mut scratch.connection).await;
    let declared = Snapshot::take(&mut scratch.connection).await;
    scratch.drop().await?;
    created?;
    Ok(diff(&live, &declared?).into_iter().map(|step| step.sql).collect())
}
