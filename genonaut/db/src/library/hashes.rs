//! Hashes of whole files, which are made when there is time for it.

use genonaut_sources::hash::Hashes;
use sqlx::PgPool;

/// A file that is to be read whole.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct ToHash {
    pub id: i64,
    pub root: String,
    /// Below the root.
    pub path: String,
    pub size: i64,
    pub modified: i64,
    pub tensors_at: Option<i64>,
}

/// The next ones, small files first: they make the most models known in the least time.
pub async fn unhashed(db: &PgPool, limit: i64) -> sqlx::Result<Vec<ToHash>> {
    sqlx::query_as(
        "SELECT files.id, roots.path AS root, concat_ws('/', nullif(folder, ''), name) AS path, size, modified, tensors_at
         FROM files JOIN roots ON roots.id = files.root
         WHERE hashed IS NULL AND hash_problem IS NULL AND missing_since IS NULL AND model IS NOT NULL
         ORDER BY size, files.id LIMIT $1",
    )
    .bind(limit)
    .fetch_all(db)
    .await
}

/// How many files are still to be read whole, and their bytes.
pub async fn hashes_left(db: &PgPool) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "SELECT count(*), coalesce(sum(size), 0)::bigint FROM files
         WHERE hashed IS NULL AND hash_problem IS NULL AND missing_since IS NULL AND model IS NOT NULL",
    )
    .fetch_one(db)
    .await
}

/// Keeps a file's hashes, unless it has changed since it was chosen. A file that passed for a copy of another and is
/// none is no longer that model: its folder is read anew, and it becomes one of its own.
pub async fn hashed(db: &PgPool, file: &ToHash, hashes: &Hashes) -> sqlx::Result<()> {
    let mut transaction = db.begin().await?;
    // A copy, or a file that has moved here, that is another one after all.
    let another: Option<bool> = sqlx::query_scalar(
        "SELECT coalesce(f.sha256 <> $3, false) OR EXISTS (SELECT FROM files o WHERE o.model = f.model AND o.id <> f.id
            AND o.hashed IS NOT NULL AND o.sha256 <> $3)
         FROM files f WHERE id = $1 AND modified = $2 FOR UPDATE",
    )
    .bind(file.id)
    .bind(file.modified)
    .bind(&hashes.sha256)
    .fetch_optional(&mut *transaction)
    .await?;
    sqlx::query(
        "UPDATE files SET sha256 = $3, tensors_sha256 = $4, autov1 = $5, blake3 = $6, crc32 = $7, hashed = now()
         WHERE id = $1 AND modified = $2",
    )
    .bind(file.id)
    .bind(file.modified)
    .bind(&hashes.sha256)
    .bind(&hashes.tensors)
    .bind(&hashes.autov1)
    .bind(&hashes.blake3)
    .bind(&hashes.crc32)
    .execute(&mut *transaction)
    .await?;
    if another == Some(true) {
        let parted = "WITH parted AS (UPDATE files SET model = NULL, beside = '' WHERE id = $1 RETURNING root, folder)
            DELETE FROM folders USING parted WHERE folders.root = parted.root AND folders.path = parted.folder";
        sqlx::query(parted).bind(file.id).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// Remembers why a file could not be read whole, so that it is not tried again before it changes.
pub async fn not_hashed(db: &PgPool, file: &ToHash, why: &str) -> sqlx::Result<()> {
    let sql = "UPDATE files SET hash_problem = $3 WHERE id = $1 AND modified = $2";
    sqlx::query(sql).bind(file.id).bind(file.modified).bind(why).execute(db).await.map(drop)
}
