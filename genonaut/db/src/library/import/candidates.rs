//! What the catalogue knows that a batch could be about: rows of `files` at its places and with its contents, contents
//! that models had, and models that never had a file. A few queries for a batch, none for a file.

use std::collections::{BTreeSet, HashMap};

use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

use super::adopt::Fileless;
use super::content::Content;
use super::match_files::{FileRow, PastContent, Presence, Stamp};
use super::{Batch, TABLES, Table, table_name};

/// A file that the catalogue knows elsewhere and that may have moved to a place of a batch.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Candidate {
    pub id: i64,
    /// The root's path, and the file's below it.
    pub root: String,
    pub path: String,
    pub size: i64,
    pub modified: i64,
    pub inode: i64,
}

/// Whether each of these is still where it was is to be found out before the batch is imported.
pub async fn candidates(db: &PgPool, batch: &Batch) -> sqlx::Result<Vec<Candidate>> {
    let known = Known::new(batch);
    if known.digests.is_empty() {
        return Ok(Vec::new());
    }
    let (folders, names): (Vec<_>, Vec<_>) = batch.files.iter().map(|file| (&file.folder, &file.name)).unzip();
    sqlx::query_as(
        "SELECT f.id, r.path AS root, concat_ws('/', nullif(f.folder, ''), f.name) AS path, f.size, f.modified, f.inode
         FROM files f JOIN roots r ON r.id = f.root
         WHERE f.model IS NOT NULL AND (f.digest = ANY($1) OR f.tensors_digest = ANY($2))
            AND NOT (f.root = $3 AND (f.folder, f.name) IN (SELECT * FROM unnest($4::text[], $5::text[])))",
    )
    .bind(&known.digests)
    .bind(&known.tensors_digests)
    .bind(batch.root)
    .bind(folders)
    .bind(names)
    .fetch_all(db)
    .await
}

/// By which contents are looked for.
#[derive(Default)]
struct Known {
    digests: Vec<Vec<u8>>,
    tensors_digests: Vec<Vec<u8>>,
    sha256: Vec<String>,
    tensors_sha256: Vec<String>,
}

impl Known {
    fn new(batch: &Batch) -> Self {
        let files = || batch.files.iter().filter(|file| file.entry.is_some());
        Self {
            digests: files().filter_map(|file| file.digest.clone()).collect(),
            tensors_digests: files().filter_map(|file| file.tensors_digest.clone()).collect(),
            sha256: files().filter_map(|file| file.sha256.clone()).collect(),
            tensors_sha256: Vec::new(),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    root: Uuid,
    folder: String,
    name: String,
    size: i64,
    modified: i64,
    inode: i64,
    table_name: Option<String>,
    model: Option<Uuid>,
    #[sqlx(flatten)]
    content: Content,
}

// A hash that is not confirmed since the file has moved is no more than its digest.
const ROW: &str = "SELECT id, root, folder, name, size, modified, inode, table_name, model, digest, tensors_digest,
    CASE WHEN hashed IS NOT NULL THEN sha256 END AS sha256,
    CASE WHEN hashed IS NOT NULL THEN tensors_sha256 END AS tensors_sha256 FROM files";

/// Rows at the places of the batch, and rows of models with contents like those of its files.
pub(super) async fn rows(
    connection: &mut PgConnection,
    batch: &Batch,
    presence: &HashMap<i64, Presence>,
) -> sqlx::Result<Vec<FileRow>> {
    let (folders, names): (Vec<_>, Vec<_>) = batch.files.iter().map(|file| (&file.folder, &file.name)).unzip();
    let here = format!("{ROW} WHERE root = $1 AND (folder, name) IN (SELECT * FROM unnest($2::text[], $3::text[]))");
    let mut rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(here))
        .bind(batch.root)
        .bind(folders)
        .bind(names)
        .fetch_all(&mut *connection)
        .await?;
    let mut known = Known::new(batch);
    known.tensors_sha256 = rows.iter().filter_map(|row| row.content.tensors_sha256.clone()).collect();
    let like = format!(
        "{ROW} WHERE model IS NOT NULL AND (digest = ANY($1) OR tensors_digest = ANY($2) OR sha256 = ANY($3) OR tensors_sha256 = ANY($4))"
    );
    let elsewhere: Vec<Row> = sqlx::query_as(AssertSqlSafe(like))
        .bind(&known.digests)
        .bind(&known.tensors_digests)
        .bind(&known.sha256)
        .bind(&known.tensors_sha256)
        .fetch_all(connection)
        .await?;
    let ids: BTreeSet<i64> = rows.iter().map(|row| row.id).collect();
    rows.extend(elsewhere.into_iter().filter(|row| !ids.contains(&row.id)));
    Ok(rows.into_iter().map(|row| row.with(batch.root, presence)).collect())
}

impl Row {
    fn with(self, root: Uuid, presence: &HashMap<i64, Presence>) -> FileRow {
        FileRow {
            id: self.id,
            place: (self.root == root).then_some((self.folder, self.name)),
            table: self.table_name.as_deref().and_then(table),
            model: self.model,
            content: self.content,
            stamp: (self.size, self.modified, self.inode) as Stamp,
            presence: presence.get(&self.id).copied().unwrap_or_default(),
        }
    }
}

fn table(name: &str) -> Option<Table> {
    TABLES.into_iter().find(|table| table_name(*table) == name)
}

#[derive(sqlx::FromRow)]
struct Past {
    table_name: String,
    model: Uuid,
    #[sqlx(flatten)]
    content: Content,
}

/// Contents that models had in files that are gone.
pub(super) async fn past(
    connection: &mut PgConnection,
    batch: &Batch,
    rows: &[FileRow],
) -> sqlx::Result<Vec<PastContent>> {
    let known = Known::new(batch);
    let tensors: Vec<&String> = rows.iter().filter_map(|row| row.content.tensors_sha256.as_ref()).collect();
    let rows: Vec<Past> = sqlx::query_as(
        "SELECT table_name, model, digest, tensors_digest, sha256, tensors_sha256 FROM model_contents
         WHERE digest = ANY($1) OR tensors_digest = ANY($2) OR sha256 = ANY($3) OR tensors_sha256 = ANY($4)",
    )
    .bind(known.digests)
    .bind(known.tensors_digests)
    .bind(known.sha256)
    .bind(tensors)
    .fetch_all(connection)
    .await?;
    let past = |row: Past| Some(PastContent { table: table(&row.table_name)?, model: row.model, content: row.content });
    Ok(rows.into_iter().filter_map(past).collect())
}

/// Models without a file, now and ever, that could mean one of these paths or names.
pub(super) async fn fileless(
    connection: &mut PgConnection,
    table: Table,
    paths: &[&str],
    names: &[&str],
) -> sqlx::Result<Vec<Fileless>> {
    let table = table_name(table);
    let sql = format!(
        "SELECT id, path, filename, coalesce(metadata ->> 'sha256', metadata -> 'hashes' ->> 'SHA256') AS sha256,
            EXISTS (SELECT FROM field_sources WHERE table_name = '{table}' AND row_key = m.id::text AND source = 'scan') AS scanned
         FROM {table} m WHERE (path = ANY($1) OR filename = ANY($2)) AND NOT EXISTS (SELECT FROM files WHERE model = m.id)
            AND NOT EXISTS (SELECT FROM model_contents WHERE model = m.id) ORDER BY id"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(paths).bind(names).fetch_all(connection).await
}
