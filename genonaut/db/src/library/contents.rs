//! `model_contents`: what a model is known to have contained, in files that are gone, replaced or forgotten since. By it
//! a file finds its model again, wherever it turns up.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::import::Content;

pub(crate) const DDL: &str = "
-- What models contained in files whose rows are gone or have become another file's. A row of `files` is such a content
-- itself, as long as it is there.
CREATE TABLE model_contents (
    table_name text NOT NULL,
    model uuid NOT NULL,
    -- As in `files`.
    digest bytea NOT NULL,
    tensors_digest bytea,
    sha256 text,
    tensors_sha256 text,
    last_created timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX model_contents_once ON model_contents (model, digest, coalesce(sha256, ''));
CREATE INDEX model_contents_digest ON model_contents (digest);
CREATE INDEX model_contents_tensors_digest ON model_contents (tensors_digest);
CREATE INDEX model_contents_sha256 ON model_contents (sha256);
CREATE INDEX model_contents_tensors_sha256 ON model_contents (tensors_sha256);
";

macro_rules! keep {
    ($from:literal) => {
        concat!(
            "INSERT INTO model_contents (table_name, model, digest, tensors_digest, sha256, tensors_sha256)
             SELECT DISTINCT ON (f.model, f.digest, f.sha256) f.table_name, f.model, f.digest, f.tensors_digest, f.sha256, f.tensors_sha256
             FROM files f ",
            $from,
            " AND f.model IS NOT NULL AND f.table_name IS NOT NULL AND f.digest IS NOT NULL ON CONFLICT DO NOTHING"
        )
    };
}

/// Of the rows at the places of these files, before they become theirs.
pub(super) async fn keep_replaced(connection: &mut PgConnection, root: Uuid, files: &Value) -> sqlx::Result<()> {
    const SQL: &str = keep!(
        "JOIN jsonb_to_recordset($2) AS n (folder text, name text, size bigint, modified bigint, digest text, model uuid)
            USING (folder, name)
         WHERE f.root = $1 AND (f.model IS DISTINCT FROM n.model OR f.digest IS DISTINCT FROM n.digest::bytea
            OR (f.sha256 IS NOT NULL AND (f.size, f.modified) IS DISTINCT FROM (n.size, n.modified)))"
    );
    sqlx::query(SQL).bind(root).bind(files).execute(connection).await.map(drop)
}

/// Of all files of a root that is forgotten.
pub(super) async fn keep_root(connection: &mut PgConnection, root: Uuid) -> sqlx::Result<()> {
    const SQL: &str = keep!("WHERE f.root = $1");
    sqlx::query(SQL).bind(root).execute(connection).await.map(drop)
}

/// Of these files, before their contents or hashes change.
pub(super) async fn keep_files(connection: &mut PgConnection, files: &[i64]) -> sqlx::Result<()> {
    const SQL: &str = keep!("WHERE f.id = ANY($1)");
    sqlx::query(SQL).bind(files).execute(connection).await.map(drop)
}

/// What a model is known by hashes to contain and to have contained, but for one file.
pub(super) async fn of_model(connection: &mut PgConnection, model: Uuid, but: i64) -> sqlx::Result<Vec<Content>> {
    sqlx::query_as(
        "SELECT digest, tensors_digest, sha256, tensors_sha256 FROM files
         WHERE model = $1 AND id <> $2 AND hashed IS NOT NULL AND sha256 IS NOT NULL
         UNION SELECT digest, tensors_digest, sha256, tensors_sha256 FROM model_contents WHERE model = $1 AND sha256 IS NOT NULL",
    )
    .bind(model)
    .bind(but)
    .fetch_all(connection)
    .await
}

/// Whether another model has it too.
pub(super) async fn is_elsewhere(connection: &mut PgConnection, model: Uuid, content: &Content) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM files WHERE model <> $1 AND (sha256 = $2 OR tensors_sha256 = $3))
            OR EXISTS (SELECT FROM model_contents WHERE model <> $1 AND (sha256 = $2 OR tensors_sha256 = $3))",
    )
    .bind(model)
    .bind(&content.sha256)
    .bind(&content.tensors_sha256)
    .fetch_one(connection)
    .await
}
