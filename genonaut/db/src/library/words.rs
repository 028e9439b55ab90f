//! Whose words a model's row has, where several files are that model: those of the first one that is there. When that
//! one goes, or a file's hash shows what beside it is about another, the words are read again.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A file whose words are to be read again: they are not its model's yet, were judged without its hash, or its hash has
/// shown that it is another model.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Unheard {
    pub id: i64,
    pub root: Uuid,
    pub root_path: String,
    pub shallow: bool,
    pub folder: String,
    pub name: String,
    pub size: i64,
    pub modified: i64,
    pub inode: i64,
    pub sha256: Option<String>,
    pub tensors_sha256: Option<String>,
}

/// The next ones behind `after`, by their ids.
pub async fn unheard(db: &PgPool, after: i64, limit: i64) -> sqlx::Result<Vec<Unheard>> {
    sqlx::query_as(
        "SELECT files.id, root, roots.path AS root_path, shallow, folder, name, size, modified, inode, sha256, tensors_sha256
         FROM files JOIN roots ON roots.id = files.root
         WHERE judged IS DISTINCT FROM coalesce(sha256, '') AND missing_since IS NULL
            AND (model IS NOT NULL OR judged IS NULL) AND table_name IS NOT NULL AND files.id > $1
         ORDER BY files.id LIMIT $2",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Gives up on files that are not there, or not as they were: the next scan reads them.
pub async fn heard(db: &PgPool, ids: &[i64]) -> sqlx::Result<()> {
    let sql = "UPDATE files SET judged = coalesce(sha256, '') WHERE id = ANY($1)";
    sqlx::query(sql).bind(ids).execute(db).await.map(drop)
}

/// Has every model's files read again, those that are missing once they are back: programs before this one read them
/// otherwise. Files of deleted models stay without one.
pub(crate) async fn reread_all(db: &PgPool) -> sqlx::Result<()> {
    let sql =
        "UPDATE files SET judged = CASE WHEN model IS NULL THEN coalesce(judged, '') END WHERE table_name IS NOT NULL";
    sqlx::query(sql).execute(db).await.map(drop)
}

/// Has the first file that is there of each of these models read again where another's words are in its row.
pub(super) async fn follow(connection: &mut PgConnection, models: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE files f SET judged = NULL
         FROM (SELECT DISTINCT ON (model) files.id, model, table_name, concat_ws('/', roots.path, nullif(folder, ''), name) AS path
            FROM files JOIN roots ON roots.id = files.root WHERE model = ANY($1) AND missing_since IS NULL
            ORDER BY model, files.id) first
         JOIN field_sources w ON w.table_name = first.table_name AND w.source = 'scan' AND w.source_key = first.model::text
         WHERE f.id = first.id AND w.said ->> 'path' IS DISTINCT FROM first.path",
    )
    .bind(models)
    .execute(connection)
    .await
    .map(drop)
}
