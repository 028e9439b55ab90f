//! Files that are no longer there: marked, never forgotten, and whole again when they come back.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::scans;

/// The folder itself is not there, its disk perhaps neither: all its files are missing. Returns how many were there.
pub async fn root_is_away(db: &PgPool, root: Uuid) -> sqlx::Result<u64> {
    let mut transaction = db.begin().await?;
    super::import::alone(&mut transaction).await?;
    let missing = mark_all(&mut transaction, root).await?;
    sqlx::query("UPDATE roots SET away = true, scanned = now() WHERE id = $1")
        .bind(root)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(missing)
}

pub(super) async fn mark_all(connection: &mut PgConnection, root: Uuid) -> sqlx::Result<u64> {
    let sql = "UPDATE files SET missing_since = now() WHERE root = $1 AND missing_since IS NULL RETURNING model";
    let gone: Vec<Option<Uuid>> = sqlx::query_scalar(sql).bind(root).fetch_all(&mut *connection).await?;
    sqlx::query("DELETE FROM folders WHERE root = $1").bind(root).execute(&mut *connection).await?;
    models(connection, &gone).await?;
    Ok(gone.len() as u64)
}

/// Ends a walk that saw all of a root: what lies in folders that were not met is missing. Returns how many files that
/// were there are not any more.
pub async fn finish(db: &PgPool, root: Uuid, met: &[String]) -> sqlx::Result<u64> {
    let mut transaction = db.begin().await?;
    super::import::alone(&mut transaction).await?;
    let gone: Vec<Option<Uuid>> = sqlx::query_scalar(
        "UPDATE files SET missing_since = now()
         WHERE root = $1 AND missing_since IS NULL AND folder NOT IN (SELECT unnest($2::text[])) RETURNING model",
    )
    .bind(root)
    .bind(met)
    .fetch_all(&mut *transaction)
    .await?;
    sqlx::query("DELETE FROM folders WHERE root = $1 AND path NOT IN (SELECT unnest($2::text[]))")
        .bind(root)
        .bind(met)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("UPDATE roots SET away = false, scanned = now() WHERE id = $1")
        .bind(root)
        .execute(&mut *transaction)
        .await?;
    models(&mut transaction, &gone).await?;
    transaction.commit().await?;
    Ok(gone.len() as u64)
}

/// A model is missing when it has or had files and none of them is there; where others are, the first of them is its
/// primary file. Whoever shows models is told.
pub(super) async fn models(connection: &mut PgConnection, touched: &[Option<Uuid>]) -> sqlx::Result<()> {
    let touched: Vec<Uuid> = touched.iter().flatten().copied().collect();
    if touched.is_empty() {
        return Ok(());
    }
    for table in ["models_checkpoints", "models_loras"] {
        let sql = format!(
            "UPDATE {table} m SET missing_since = now.missing_since
             FROM (SELECT old.id AS model, CASE
                    WHEN count(f.id) FILTER (WHERE f.missing_since IS NULL) > 0 THEN NULL
                    WHEN count(f.id) > 0 THEN max(f.missing_since)
                    WHEN EXISTS (SELECT FROM model_contents c WHERE c.model = old.id) THEN coalesce(old.missing_since, now())
                    ELSE old.missing_since END AS missing_since
                FROM {table} old LEFT JOIN files f ON f.model = old.id WHERE old.id = ANY($1) GROUP BY old.id) now
             WHERE m.id = now.model AND m.missing_since IS DISTINCT FROM now.missing_since"
        );
        let marked = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&touched).execute(&mut *connection).await?;
        if marked.rows_affected() > 0 {
            scans::models_changed(connection).await?;
        }
    }
    super::words::follow(connection, &touched).await
}
