//! Applies the migrations that a database does not have yet, and keeps its lookup data true.

use anyhow::{Context, ensure};
use sqlx::migrate::Migrator;
use sqlx::{PgConnection, PgPool};

use super::status::{AHEAD, Standing, standing};
use super::{search, spellings};
use crate::{accounts, feedback, library};

/// The migrations of this program.
pub(crate) static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Model files that a program before this migration has read are read once more: kinds, sidecars and contents are known
/// better since.
const FILES_REREAD: i64 = 14;

/// What was done.
#[derive(Debug, Clone, PartialEq)]
pub struct MigrateReport {
    /// Names of the migrations that were applied, in order.
    pub applied: Vec<String>,
    /// Models whose architecture is read anew because the spellings have changed, or how they are read.
    pub rejudged: u64,
    /// Models whose search words are made again because the rule for them has changed.
    pub searchable: u64,
}

/// Applies what is missing; a second call does nothing. Several may call it at once.
///
/// # Errors
/// When a migration fails (nothing of it stays), an applied one is not the one this program knows, a newer program has
/// changed the database, or its server lacks what search needs.
pub async fn migrate(db: &PgPool) -> anyhow::Result<MigrateReport> {
    let before = applied(db).await?;
    ensure!(standing(db).await? != Standing::Ahead, AHEAD);
    ensure_trigrams(db).await?;
    let mut connection = db.acquire().await?;
    MIGRATOR.run_direct(None, &mut *connection, false).await.context("failed to apply the migrations")?;
    drop(connection);
    let applied = MIGRATOR.iter().filter(|migration| !before.contains(&migration.version));
    let applied: Vec<String> =
        applied.map(|migration| format!("{:04} {}", migration.version, migration.description)).collect();
    // A migration may have changed how a spelling is read.
    let rejudged = spellings::refresh(db, !applied.is_empty()).await;
    let rejudged = rejudged.context("failed to refresh the architecture aliases")?;
    let searchable = search::refresh(db).await.context("failed to update the search index of models")?;
    if before.last().is_some_and(|newest| *newest < FILES_REREAD) {
        library::reread_all(db).await.context("failed to mark the model files for re-reading")?;
    }
    accounts::ensure_administrator(db).await.context("failed to make the oldest account an administrator")?;
    feedback::follow_rule(db).await.context("failed to count the existing images")?;
    Ok(MigrateReport { applied, rejudged, searchable })
}

async fn ensure_trigrams(db: &PgPool) -> anyhow::Result<()> {
    let sql = "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm')";
    let is_there: bool = sqlx::query_scalar(sql).fetch_one(db).await?;
    ensure!(
        is_there,
        "the database's server has no pg_trgm, which search needs; install the package with PostgreSQL's extensions \
         there: postgresql-contrib, on Alpine and FreeBSD postgresqlNN-contrib for version NN"
    );
    Ok(())
}

/// Brings the spellings in the database up to date with the table of architectures that holds, and the models that the
/// change concerns; all of it or nothing. Returns how many those are.
pub async fn follow_architectures(db: &PgPool) -> sqlx::Result<u64> {
    spellings::refresh(db, false).await
}

/// Versions that a database has.
pub(crate) async fn applied(db: &PgPool) -> sqlx::Result<Vec<i64>> {
    let mut connection = db.acquire().await?;
    if !has_history(&mut connection).await? {
        return Ok(Vec::new());
    }
    sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version")
        .fetch_all(&mut *connection)
        .await
}

async fn has_history(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(connection).await
}

/// Everything that decides what `migrate` makes.
#[cfg(feature = "testing")]
pub(crate) fn fingerprint(mut add: impl FnMut(&[u8])) {
    MIGRATOR.iter().for_each(|migration| add(&migration.checksum));
    crate::architecture::spellings()
        .for_each(|(spelling, base)| [spelling, base].iter().for_each(|text| add(text.as_bytes())));
}
