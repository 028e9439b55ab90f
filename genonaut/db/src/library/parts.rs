//! VAEs and text encoders: what a diffusion model works with that is not in its own file.

use sqlx::PgPool;

/// More than anybody keeps.
const MOST: i64 = 500;

/// A VAE or a text encoder that is there.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PartFile {
    pub path: String,
    /// Last part of the path.
    pub name: String,
    /// `vae`, or which text encoder; `unknown` where its header does not tell.
    pub role: String,
    /// Architectures that a VAE may belong to, likeliest first.
    pub fits: Vec<String>,
    /// The number type of most bytes, e.g. `BF16`.
    pub precision: Option<String>,
    /// `safetensors`, `gguf`, …
    pub format: Option<String>,
}

const PART: &str = "SELECT concat_ws('/', roots.path, nullif(folder, ''), name) AS path, name, role, fits, precision,
        format
    FROM files JOIN roots ON roots.id = files.root
    WHERE role IS NOT NULL AND files.kind IN ('vae', 'text_encoder') AND missing_since IS NULL AND problem IS NULL";

/// Those of some roles, by path.
pub async fn parts(db: &PgPool, roles: &[&str]) -> sqlx::Result<Vec<PartFile>> {
    let sql = format!("{PART} AND role = ANY($1) ORDER BY path LIMIT $2");
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(roles).bind(MOST).fetch_all(db).await
}

/// Those that a person means by a path, a file name, or a file name without its ending; by path.
pub async fn named_part(db: &PgPool, name: &str) -> sqlx::Result<Vec<PartFile>> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let sql = format!("{PART} AND (name = $1 OR model_stem(name) = $1) ORDER BY path LIMIT $2");
    let found: Vec<PartFile> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(last).bind(MOST).fetch_all(db).await?;
    let exact: Vec<_> = found.iter().filter(|part| part.path == name).cloned().collect();
    Ok(if exact.is_empty() { found } else { exact })
}
