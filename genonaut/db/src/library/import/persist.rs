//! The rows of `files` and `folders`.

use std::collections::HashMap;

use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Batch, Imported, NewFile, Placed, TABLES, table_name};
use crate::library::contents;

/// Writes the files that were read: rows that move leave their places first, so that any two can change places, and
/// what a model had in a row that becomes another file's is kept. Returns the models they are, and were.
pub(super) async fn files(
    connection: &mut PgConnection,
    batch: &Batch,
    placed: &[Placed<'_>],
) -> sqlx::Result<Vec<Option<Uuid>>> {
    let models: HashMap<_, _> = placed.iter().map(|file| ((&*file.file.folder, &*file.file.name), file)).collect();
    let rows: Vec<Value> =
        batch.files.iter().map(|file| row(file, models.get(&(&*file.folder, &*file.name)).copied())).collect();
    let rows = Value::Array(rows);
    let moves = moves(placed);
    // What looks like the file that has moved may be another one.
    let moved: Vec<i64> = placed.iter().filter_map(|file| file.moved).collect();
    contents::keep_files(connection, &moved).await?;
    park(connection, &moves).await?;
    contents::keep_replaced(connection, batch.root, &rows).await?;
    let mut touched = before(connection, batch.root, &rows).await?;
    move_in(connection, batch.root, &moves).await?;
    if batch.folders.is_empty() {
        read_anew(connection, batch, &rows).await?;
    }
    let now: Vec<Option<Uuid>> = sqlx::query_scalar(UPSERT).bind(batch.root).bind(&rows).fetch_all(connection).await?;
    touched.extend(now);
    Ok(touched)
}

/// Models of the rows at these places.
async fn before(connection: &mut PgConnection, root: Uuid, rows: &Value) -> sqlx::Result<Vec<Option<Uuid>>> {
    let sql =
        "SELECT f.model FROM files f JOIN jsonb_to_recordset($2) AS n (folder text, name text) USING (folder, name)
         WHERE f.root = $1";
    sqlx::query_scalar(sql).bind(root).bind(rows).fetch_all(connection).await
}

/// Rows of files that have moved, with their new places.
fn moves(placed: &[Placed<'_>]) -> Value {
    let moved = |file: &Placed| Some(json!({"id": file.moved?, "folder": file.file.folder, "name": file.file.name}));
    placed.iter().filter_map(moved).collect()
}

/// Takes rows from their places; no folder's path begins with a slash.
async fn park(connection: &mut PgConnection, moves: &Value) -> sqlx::Result<()> {
    let sql =
        "UPDATE files f SET folder = '/parked/' || f.id FROM jsonb_to_recordset($1) AS m (id bigint) WHERE f.id = m.id";
    sqlx::query(sql).bind(moves).execute(connection).await.map(drop)
}

/// Puts them where their files are; what stood there was another file's.
async fn move_in(connection: &mut PgConnection, root: Uuid, moves: &Value) -> sqlx::Result<()> {
    let replaced = "DELETE FROM files f USING jsonb_to_recordset($2) AS m (folder text, name text)
         WHERE f.root = $1 AND f.folder = m.folder AND f.name = m.name";
    sqlx::query(replaced).bind(root).bind(moves).execute(&mut *connection).await?;
    let moved = "UPDATE files f SET root = $1, folder = m.folder, name = m.name
         FROM jsonb_to_recordset($2) AS m (id bigint, folder text, name text) WHERE f.id = m.id";
    sqlx::query(moved).bind(root).bind(moves).execute(connection).await.map(drop)
}

/// A batch of single files knows nothing of their folders: where something has changed beside one of them meanwhile, a
/// scan reads its folder again.
async fn read_anew(connection: &mut PgConnection, batch: &Batch, rows: &Value) -> sqlx::Result<()> {
    let sql = "DELETE FROM folders d USING files f JOIN jsonb_to_recordset($2) AS n (folder text, name text, beside text) USING (folder, name)
         WHERE f.root = $1 AND d.root = $1 AND d.path = f.folder AND f.beside <> n.beside::bytea";
    sqlx::query(sql).bind(batch.root).bind(rows).execute(connection).await.map(drop)
}

fn row(file: &NewFile, placed: Option<&Placed>) -> Value {
    let (problem, reason) = file.problem.clone().unzip();
    json!({
        "folder": file.folder, "name": file.name, "size": file.size, "modified": file.modified, "device": file.device,
        "inode": file.inode, "beside": hex(&file.beside), "digest": file.digest.as_deref().map(hex), "tensors_digest": file.tensors_digest.as_deref().map(hex), "kind": file.kind,
        "format": file.format, "problem": problem, "reason": reason, "tensors_at": file.tensors_at, "preview": file.preview,
        "role": file.part.as_ref().map(|part| part.role), "fits": file.part.as_ref().map(|part| &part.fits),
        "precision": file.part.as_ref().map(|part| &part.precision), "judged": file.sha256.as_deref().unwrap_or_default(),
        "table_name": placed.map(|placed| table_name(placed.entry.table)), "model": placed.map(|placed| placed.model),
    })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::from("\\x"), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What is known of a file's content stays where the content is the same; one that came from another disk is read
/// again, to be sure.
const UPSERT: &str = "
INSERT INTO files AS f (root, folder, name, size, modified, device, inode, beside, digest, tensors_digest, kind, format, problem,
    reason, tensors_at, preview, role, fits, precision, judged, table_name, model)
SELECT $1, folder, name, size, modified, device, inode, beside::bytea, digest::bytea, tensors_digest::bytea, kind, format,
    problem, reason, tensors_at, preview, role, coalesce(fits, '{}'), precision, judged, table_name, model
FROM jsonb_to_recordset($2) AS n (folder text, name text, size bigint, modified bigint, device bigint, inode bigint,
    beside text, digest text, tensors_digest text, kind text, format text, problem text, reason text, tensors_at bigint, preview text,
    role text, fits text[], precision text, judged text, table_name text, model uuid)
ON CONFLICT (root, folder, name) DO UPDATE SET
    sha256 = CASE WHEN (f.digest, f.size, f.modified) IS NOT DISTINCT FROM (excluded.digest, excluded.size, excluded.modified) THEN f.sha256 END,
    tensors_sha256 = CASE WHEN (f.digest, f.size, f.modified) IS NOT DISTINCT FROM (excluded.digest, excluded.size, excluded.modified) THEN f.tensors_sha256 END,
    autov1 = CASE WHEN (f.digest, f.size, f.modified) IS NOT DISTINCT FROM (excluded.digest, excluded.size, excluded.modified) THEN f.autov1 END,
    blake3 = CASE WHEN (f.digest, f.size, f.modified) IS NOT DISTINCT FROM (excluded.digest, excluded.size, excluded.modified) THEN f.blake3 END,
    crc32 = CASE WHEN (f.digest, f.size, f.modified) IS NOT DISTINCT FROM (excluded.digest, excluded.size, excluded.modified) THEN f.crc32 END,
    hash_problem = CASE WHEN (f.digest, f.size, f.modified) IS NOT DISTINCT FROM (excluded.digest, excluded.size, excluded.modified) THEN f.hash_problem END,
    hashed = CASE WHEN (f.digest, f.size, f.modified) IS NOT DISTINCT FROM (excluded.digest, excluded.size, excluded.modified) AND f.inode = excluded.inode THEN f.hashed END,
    size = excluded.size, modified = excluded.modified, device = excluded.device, inode = excluded.inode,
    beside = excluded.beside, digest = excluded.digest,
    tensors_digest = excluded.tensors_digest, kind = excluded.kind, format = excluded.format,
    problem = excluded.problem, reason = excluded.reason, tensors_at = excluded.tensors_at, preview = excluded.preview,
    role = excluded.role, fits = excluded.fits, precision = excluded.precision, judged = excluded.judged,
    table_name = excluded.table_name, model = excluded.model, missing_since = NULL
RETURNING model";

/// Files that are as they were are there.
pub(super) async fn unchanged(
    connection: &mut PgConnection,
    batch: &Batch,
    imported: &mut Imported,
) -> sqlx::Result<Vec<Option<Uuid>>> {
    let sql = "UPDATE files SET missing_since = NULL WHERE id = ANY($1) AND missing_since IS NOT NULL RETURNING model";
    let back = sqlx::query_scalar(sql).bind(&batch.unchanged).fetch_all(connection).await?;
    imported.back += back.len() as u64;
    Ok(back)
}

/// Files of these folders that were not met are missing.
pub(super) async fn gone(
    connection: &mut PgConnection,
    batch: &Batch,
    imported: &mut Imported,
) -> sqlx::Result<Vec<Option<Uuid>>> {
    let folders: Vec<_> = batch.folders.iter().map(|folder| &folder.0).collect();
    let files = batch.files.iter().map(|file| (&file.folder, &file.name));
    let (in_folders, names): (Vec<_>, Vec<_>) =
        files.chain(batch.met.iter().map(|(folder, name)| (folder, name))).unzip();
    let gone: Vec<Option<Uuid>> = sqlx::query_scalar(
        "UPDATE files f SET missing_since = now()
         WHERE root = $1 AND folder = ANY($2) AND missing_since IS NULL AND NOT id = ANY($3)
            AND NOT EXISTS (SELECT FROM unnest($4::text[], $5::text[]) met (folder, name) WHERE met.folder = f.folder AND met.name = f.name)
         RETURNING model",
    )
    .bind(batch.root)
    .bind(folders)
    .bind(&batch.unchanged)
    .bind(in_folders)
    .bind(names)
    .fetch_all(connection)
    .await?;
    imported.missing += gone.len() as u64;
    Ok(gone)
}

pub(super) async fn folders(connection: &mut PgConnection, batch: &Batch) -> sqlx::Result<()> {
    let (paths, digests): (Vec<_>, Vec<_>) = batch.folders.iter().map(|(path, digest)| (path, digest)).unzip();
    sqlx::query(
        "INSERT INTO folders (root, path, digest) SELECT $1, path, digest FROM unnest($2::text[], $3::bytea[]) n (path, digest)
         ON CONFLICT (root, path) DO UPDATE SET digest = excluded.digest",
    )
    .bind(batch.root)
    .bind(paths)
    .bind(digests)
    .execute(connection)
    .await
    .map(drop)
}

/// A model's preview is the one beside its first file that has one; its name changes with what lies beside the file.
/// One that a person has chosen stays.
pub(in crate::library) async fn previews(connection: &mut PgConnection, touched: &[Option<Uuid>]) -> sqlx::Result<()> {
    let touched: Vec<Uuid> = touched.iter().flatten().copied().collect();
    for table in TABLES {
        let sql = format!(
            "UPDATE {} m SET preview = now.preview FROM (
                SELECT touched.model, (array_agg(id || '-' || left(encode(beside, 'hex'), 8) ORDER BY missing_since IS NOT NULL, id)
                    FILTER (WHERE preview IS NOT NULL))[1] AS preview
                FROM unnest($1::uuid[]) touched (model) LEFT JOIN files f ON f.model = touched.model GROUP BY touched.model) now
             WHERE m.id = now.model AND m.preview IS DISTINCT FROM now.preview AND coalesce(m.preview, '') NOT LIKE '0-%'",
            table_name(table)
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&touched).execute(&mut *connection).await?;
    }
    Ok(())
}
