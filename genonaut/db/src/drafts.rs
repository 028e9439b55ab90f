//! `drafts`: the recipe that each browser is at, so that a reload, another tab and the next day find it again.

use sqlx::PgPool;
use uuid::Uuid;

pub(crate) const DDL: &str = "
CREATE TABLE drafts (
    -- What the browser's cookie says.
    id uuid PRIMARY KEY,
    -- The recipe as an address has it.
    recipe text NOT NULL CHECK (length(recipe) <= 65536),
    last_updated timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX drafts_last_updated ON drafts (last_updated);
";

/// The recipe as an address has it; `None` for a browser that has not been here.
pub async fn load(db: &PgPool, id: Uuid) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT recipe FROM drafts WHERE id = $1").bind(id).fetch_optional(db).await
}

pub async fn save(db: &PgPool, id: Uuid, recipe: &str) -> sqlx::Result<()> {
    let sql = "INSERT INTO drafts AS had (id, recipe) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET recipe = excluded.recipe, last_updated = now()
        WHERE had.recipe <> excluded.recipe";
    sqlx::query(sql).bind(id).bind(recipe).execute(db).await.map(drop)
}

/// Deletes drafts that nobody has changed for so many days. Returns how many.
pub async fn expire(db: &PgPool, days: i32) -> sqlx::Result<u64> {
    let sql = "DELETE FROM drafts WHERE last_updated < now() - make_interval(days => $1)";
    Ok(sqlx::query(sql).bind(days).execute(db).await?.rows_affected())
}
