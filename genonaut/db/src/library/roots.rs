//! Folders that are scanned.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{contents, missing};

/// A library folder.
#[derive(Debug, Clone, PartialEq, serde::Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Root {
    pub id: Uuid,
    /// Bytes that are not UTF-8 are written as `\xNN`.
    pub path: String,
    pub kind: Option<String>,
    /// Program that the folder belongs to.
    pub origin: String,
    /// Only files directly in it, without subfolders.
    pub shallow: bool,
    /// Unavailable at the last scan.
    pub away: bool,
    pub scanned: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, path, kind, origin, shallow, away, scanned";

/// Remembers a folder; one that is known by this path stays the same root.
pub async fn add_root(db: &PgPool, path: &str, kind: Option<&str>, origin: &str, shallow: bool) -> sqlx::Result<Root> {
    let sql = format!(
        "INSERT INTO roots (path, kind, origin, shallow) VALUES ($1, $2, $3, $4)
         ON CONFLICT (path) DO UPDATE SET kind = excluded.kind, origin = excluded.origin, shallow = excluded.shallow
         RETURNING {COLUMNS}"
    );
    let added = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(path).bind(kind).bind(origin).bind(shallow);
    added.fetch_one(db).await
}

/// In the order of their paths.
pub async fn roots(db: &PgPool) -> sqlx::Result<Vec<Root>> {
    let sql = format!("SELECT {COLUMNS} FROM roots ORDER BY path");
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(db).await
}

/// Scans it no more. Its models stay, as missing where no other root has them, and so does what is known of their
/// contents: files that turn up elsewhere find them. `false` when there is no such root.
pub async fn remove_root(db: &PgPool, id: Uuid) -> sqlx::Result<bool> {
    let mut transaction = db.begin().await?;
    super::import::alone(&mut transaction).await?;
    missing::mark_all(&mut transaction, id).await?;
    contents::keep_root(&mut transaction, id).await?;
    let removed = sqlx::query("DELETE FROM roots WHERE id = $1").bind(id).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(removed.rows_affected() == 1)
}

/// The digests of its folders when they were last read whole. Those with parts that nobody has judged yet are to be
/// read again.
pub async fn folders(db: &PgPool, root: Uuid) -> sqlx::Result<HashMap<String, Vec<u8>>> {
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
        "SELECT path, digest FROM folders f WHERE root = $1 AND NOT EXISTS (SELECT FROM files
            WHERE root = f.root AND folder = f.path AND role IS NULL AND kind IN ('vae', 'text_encoder'))",
    )
    .bind(root)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().collect())
}

/// Holds a root for one scan at a time, over all processes. Let go with the connection. `false` while another has it.
pub async fn try_hold_root(connection: &mut PgConnection, root: Uuid) -> sqlx::Result<bool> {
    // Two halves of a UUID make one number; another root with the same one would wait, no more.
    let key = (root.as_u128() >> 64) as i64 ^ root.as_u128() as i64;
    sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(key).fetch_one(connection).await
}

/// Writes how far the scan of a root is, for others that wait for it.
pub async fn save_report(db: &PgPool, root: Uuid, report: &Value) -> sqlx::Result<()> {
    let sql = "UPDATE roots SET report = $2 WHERE id = $1";
    sqlx::query(sql).bind(root).bind(report).execute(db).await.map(drop)
}

/// How far the scan of a root is, or what the last one came to; and when one last came to its end.
pub async fn latest_report(db: &PgPool, root: Uuid) -> sqlx::Result<(Option<Value>, Option<DateTime<Utc>>)> {
    let row = sqlx::query_as("SELECT report, scanned FROM roots WHERE id = $1").bind(root).fetch_optional(db).await?;
    Ok(row.unwrap_or_default())
}
