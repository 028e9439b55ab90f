//! Models in the trash: rows that lists, searches and names leave out, with everything that is known of them. Scans still
//! know their files, so none comes back as a new model; seed files leave them alone; jobs that were queued before still
//! find them.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

use crate::checkpoint::Checkpoint;
use crate::lora::Lora;
use crate::model::Model;
use crate::scans;

/// The two kinds of model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Checkpoint,
    Lora,
}

/// A model in the trash.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Trashed {
    /// `checkpoint` or `lora`.
    pub kind: String,
    pub id: Uuid,
    pub name: String,
    pub path: String,
    pub preview: Option<String>,
    pub deleted_at: DateTime<Utc>,
}

/// Where a page of the trash begins: behind this one.
pub type Behind = (DateTime<Utc>, Uuid);

/// The latest first.
pub async fn list(db: &PgPool, behind: Option<Behind>, limit: u16) -> sqlx::Result<Vec<Trashed>> {
    let one = |kind: &str, table: &str| {
        format!(
            "(SELECT '{kind}' AS kind, id, coalesce(name, filename, path) AS name, path, preview, deleted_at FROM {table}
              WHERE deleted_at IS NOT NULL AND ($1::timestamptz IS NULL OR (deleted_at, id) < ($1, $2::uuid))
              ORDER BY deleted_at DESC, id DESC LIMIT $3)"
        )
    };
    let sql = format!(
        "SELECT * FROM ({} UNION ALL {}) AS trashed ORDER BY deleted_at DESC, id DESC LIMIT $3",
        one("checkpoint", Checkpoint::TABLE),
        one("lora", Lora::TABLE)
    );
    let (time, id) = behind.unzip();
    sqlx::query_as(AssertSqlSafe(sql)).bind(time).bind(id).bind(i64::from(limit)).fetch_all(db).await
}

/// Out of the trash, as it was. `false` when there is no such model; one that is in no trash stays as it is.
pub async fn restore(db: &PgPool, kind: Kind, id: Uuid) -> sqlx::Result<bool> {
    changed(db, id, format!("UPDATE {} SET deleted_at = NULL WHERE id = $1", kind.table())).await
}

/// Out of the trash, those of these that are in it: entries without a file whose file a scan has found. It would be in no
/// list otherwise, although somebody has put it into a library folder.
pub(crate) async fn restore_adopted(connection: &mut PgConnection, models: &[Uuid]) -> sqlx::Result<()> {
    for kind in [Kind::Checkpoint, Kind::Lora] {
        let sql =
            format!("UPDATE {} SET deleted_at = NULL WHERE id = ANY($1) AND deleted_at IS NOT NULL", kind.table());
        sqlx::query(AssertSqlSafe(sql)).bind(models).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Removes the row for good, and no seed file brings it back. The file stays, and is a new model at the next scan that
/// reads its folder. `false` when no such model is in the trash.
pub async fn purge(db: &PgPool, kind: Kind, id: Uuid) -> sqlx::Result<bool> {
    changed(db, id, format!("DELETE FROM {} WHERE id = $1 AND deleted_at IS NOT NULL", kind.table())).await
}

async fn changed(db: &PgPool, id: Uuid, sql: String) -> sqlx::Result<bool> {
    let mut transaction = db.begin().await?;
    let changed = sqlx::query(AssertSqlSafe(sql)).bind(id).execute(&mut *transaction).await?;
    scans::models_changed(&mut transaction).await?;
    transaction.commit().await?;
    Ok(changed.rows_affected() == 1)
}

impl Kind {
    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Checkpoint => Checkpoint::TABLE,
            Self::Lora => Lora::TABLE,
        }
    }
}
