//! What is known of the files.

use std::collections::HashMap;

use sqlx::PgPool;
use uuid::Uuid;

/// A file as the last scan saw it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Known {
    pub id: i64,
    pub folder: String,
    pub name: String,
    pub size: i64,
    pub modified: i64,
    pub inode: i64,
    pub beside: Vec<u8>,
    pub missing: bool,
    pub problem: Option<String>,
    /// A VAE or text encoder of which nobody has said yet what it fits.
    pub unjudged: bool,
    pub table_name: Option<String>,
    pub model: Option<Uuid>,
    /// Of the file as it was then, and of the data behind its header.
    pub sha256: Option<String>,
    pub tensors_sha256: Option<String>,
}

/// Files of these folders of a root, by folder and name.
pub async fn known(db: &PgPool, root: Uuid, folders: &[String]) -> sqlx::Result<HashMap<(String, String), Known>> {
    let rows: Vec<Known> = sqlx::query_as(
        "SELECT id, folder, name, size, modified, inode, beside, missing_since IS NOT NULL AS missing, problem,
            role IS NULL AND kind IN ('vae', 'text_encoder') AS unjudged, table_name, model, sha256, tensors_sha256
         FROM files WHERE root = $1 AND folder = ANY($2)",
    )
    .bind(root)
    .bind(folders)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|file| ((file.folder.clone(), file.name.clone()), file)).collect())
}

/// How many files there were at the last scans of these roots.
pub async fn files_there(db: &PgPool, roots: &[Uuid]) -> sqlx::Result<i64> {
    let sql = "SELECT count(*) FROM files WHERE root = ANY($1) AND missing_since IS NULL";
    sqlx::query_scalar(sql).bind(roots).fetch_one(db).await
}

/// Every folder of a root that files are known of.
pub async fn folders_of_files(db: &PgPool, root: Uuid) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT DISTINCT folder FROM files WHERE root = $1 AND missing_since IS NULL")
        .bind(root)
        .fetch_all(db)
        .await
}

/// Location of a file of a model.
#[derive(Debug, Clone, PartialEq, serde::Serialize, sqlx::FromRow, utoipa::ToSchema)]
#[schema(as = ModelFile)]
pub struct Location {
    /// Full path: the library folder and the path below it.
    pub root: String,
    pub path: String,
    pub size: i64,
    pub missing: bool,
    /// Hexadecimal; missing until the file is hashed.
    pub sha256: Option<String>,
    /// SHA-256 of the data after the header; AutoV3 is its beginning.
    pub tensors_sha256: Option<String>,
    pub autov1: Option<String>,
    pub blake3: Option<String>,
    pub crc32: Option<String>,
}

const LOCATION: &str = "SELECT roots.path AS root, concat_ws('/', nullif(folder, ''), name) AS path, size,
    missing_since IS NOT NULL AS missing, sha256, tensors_sha256, autov1, blake3, crc32
    FROM files JOIN roots ON roots.id = files.root";

/// Every file that a model is, those that are there first.
pub async fn locations(db: &PgPool, model: Uuid) -> sqlx::Result<Vec<Location>> {
    let sql = format!("{LOCATION} WHERE model = $1 ORDER BY missing_since IS NOT NULL, files.id");
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(model).fetch_all(db).await
}

/// The image beside a model's file, and the file: paths as the catalogue writes them.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PreviewFile {
    pub root: String,
    /// Of the model's file, below the root.
    pub folder: String,
    pub name: String,
    /// Below the root.
    pub preview: String,
}

/// The file that this name stands for, as long as it does.
pub async fn preview(db: &PgPool, name: &str) -> sqlx::Result<Option<PreviewFile>> {
    let Some(id) = name.split('-').next().and_then(|id| id.parse::<i64>().ok()) else { return Ok(None) };
    sqlx::query_as(
        "SELECT roots.path AS root, folder, name, files.preview FROM files JOIN roots ON roots.id = files.root
         WHERE files.id = $1 AND files.preview IS NOT NULL AND files.id || '-' || left(encode(beside, 'hex'), 8) = $2",
    )
    .bind(id)
    .bind(name)
    .fetch_optional(db)
    .await
}

/// Which of these names stand for a picture; those of models in the trash do.
pub async fn previews_shown(db: &PgPool, names: &[String]) -> sqlx::Result<Vec<String>> {
    let ids: Vec<i64> = names.iter().filter_map(|name| name.split('-').next()?.parse().ok()).collect();
    sqlx::query_scalar(
        "SELECT shown FROM files, LATERAL (SELECT id || '-' || left(encode(beside, 'hex'), 8) AS shown) named
         WHERE id = ANY($1) AND preview IS NOT NULL AND shown = ANY($2)
         UNION SELECT preview FROM models_checkpoints WHERE preview LIKE '0-%' AND preview = ANY($2)
         UNION SELECT preview FROM models_loras WHERE preview LIKE '0-%' AND preview = ANY($2)",
    )
    .bind(ids)
    .bind(names)
    .fetch_all(db)
    .await
}

/// Number of files of a kind, and how many of them are missing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Kinds {
    pub kind: String,
    pub files: i64,
    pub missing: i64,
}

/// The most common kind first; files that cannot be read are of the kind `unknown`.
pub async fn kinds(db: &PgPool) -> sqlx::Result<Vec<Kinds>> {
    sqlx::query_as(
        "SELECT kind, count(*) AS files, count(missing_since) AS missing FROM files
         GROUP BY kind ORDER BY files DESC, kind",
    )
    .fetch_all(db)
    .await
}

/// A file of a library folder that is not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct FileProblem {
    pub path: String,
    pub kind: String,
    /// Type of text encoder, e.g. `t5xxl`; the kind for other files.
    pub role: Option<String>,
    /// Possible architectures, most likely first.
    pub fits: Vec<String>,
    /// Code and reason why it was skipped; missing for other kinds of model files.
    pub problem: Option<String>,
    pub reason: Option<String>,
}

/// Files that are there and are no model of the catalogue, by path; `after` is the last one of the page before.
pub async fn problems(db: &PgPool, after: &str, limit: i64) -> sqlx::Result<Vec<FileProblem>> {
    sqlx::query_as(
        "SELECT * FROM (SELECT concat_ws('/', roots.path, nullif(folder, ''), name) AS path, files.kind, role, fits, problem,
                 reason
             FROM files JOIN roots ON roots.id = files.root WHERE model IS NULL AND missing_since IS NULL) listed
         WHERE path > $1 ORDER BY path LIMIT $2",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(db)
    .await
}
