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
    /// Applied by a newer program, and not known to this one.
    pub unknown: Vec<String>,
    /// Statements that would make the database what is declared; empty when it is. `None` when that cannot be compared:
    /// the role may not create the database that it takes.
    pub drift: Option<Vec<String>>,
}

/// How a database stands to this program's migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Current,
    /// Migrations are to be applied.
    Behind,
    /// A newer program has changed it.
    Ahead,
}

impl Standing {
    /// What to do where it is not current.
    pub fn advice(self) -> Option<&'static str> {
        match self {
            Self::Current => None,
            Self::Behind => Some("the database is not current; run `genonaut db migrate` first"),
            Self::Ahead => Some(AHEAD),
        }
    }
}

pub(super) const AHEAD: &str = "the database was changed by a newer Genonaut, and this one would damage it; use that version or a newer one, or \
     restore a backup from before the update";

/// Compares with the declarations in a scratch database on the server that `options` lead to.
pub async fn status(db: &PgPool, options: &PgConnectOptions) -> anyhow::Result<Status> {
    let (database, version) =
        sqlx::query_as("SELECT current_database()::text, current_setting('server_version')").fetch_one(db).await?;
    let done = applied(db).await?;
    let names = |pending: bool| {
        let wanted = MIGRATOR.iter().filter(|migration| done.contains(&migration.version) != pending);
        wanted.map(|migration| format!("{:04} {}", migration.version, migration.description)).collect()
    };
    let unknown = unknown(&done).map(|version| format!("{version:04}")).collect();
    let drift = drift(db, options).await?;
    Ok(Status { database, version, applied: names(false), pending: names(true), unknown, drift })
}

/// Whether every migration of this program is applied, and no other.
pub async fn standing(db: &PgPool) -> sqlx::Result<Standing> {
    let done = applied(db).await?;
    Ok(match MIGRATOR.iter().all(|migration| done.contains(&migration.version)) {
        _ if unknown(&done).next().is_some() => Standing::Ahead,
        true => Standing::Current,
        false => Standing::Behind,
    })
}

/// Whether this program has every one of these migrations.
pub fn knows(migrations: &[i64]) -> bool {
    unknown(migrations).next().is_none()
}

fn unknown(applied: &[i64]) -> impl Iterator<Item = i64> {
    applied.iter().copied().filter(|version| !MIGRATOR.version_exists(*version))
}

async fn drift(db: &PgPool, options: &PgConnectOptions) -> anyhow::Result<Option<Vec<String>>> {
    let live = Snapshot::take(&mut *db.acquire().await?).await?;
    let Some(mut scratch) = Scratch::create_if_allowed(options).await? else { return Ok(None) };
    let created = declared::create(&mut scratch.connection).await;
    let declared = Snapshot::take(&mut scratch.connection).await;
    scratch.drop().await?;
    created?;
    Ok(Some(diff(&live, &declared?).into_iter().map(|step| step.sql).collect()))
}
