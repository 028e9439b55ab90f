//! Examples: models that came with seed files or were made up, and never had a file. They step back as soon as there is
//! something real, can be hidden, and those that somebody has deleted are not seeded again: one in the trash stays there,
//! and one that was deleted for good is remembered.

use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

use crate::checkpoint::Checkpoint;
use crate::engines::live;
use crate::list;
use crate::lora::Lora;
use crate::model::Model;
use crate::scans;
use crate::sources::PERSON;

pub(crate) const DDL: &str = "
-- One row at most: whether examples are left out of the lists of the pages.
CREATE TABLE examples (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    hidden boolean NOT NULL
);

-- Rows of seed files that somebody has deleted for good: the next seeding does not insert them again.
CREATE TABLE deleted_seeds (
    table_name text NOT NULL,
    source text NOT NULL,
    source_key text NOT NULL,
    deleted timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (table_name, source, source_key)
);
";

const TABLES: [&str; 2] = [Checkpoint::TABLE, Lora::TABLE];

/// What examples mean just now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Standing {
    /// There are examples.
    pub exist: bool,
    /// Somebody has hidden them.
    pub hidden: bool,
    /// There is a model with a file, or an engine that lists its models: examples come last and are not preselected.
    pub step_back: bool,
}

impl Standing {
    pub fn are_shown(self) -> bool {
        self.exist && !self.hidden
    }
}

/// What is in the trash counts for nothing: neither as an example nor as something real.
pub async fn standing(db: &PgPool) -> sqlx::Result<Standing> {
    const SQL: &str = concat!(
        "SELECT EXISTS (SELECT FROM models_checkpoints WHERE example AND deleted_at IS NULL)
                OR EXISTS (SELECT FROM models_loras WHERE example AND deleted_at IS NULL) AS exist,
            coalesce((SELECT hidden FROM examples), false) AS hidden,
            EXISTS (SELECT FROM files f WHERE model IS NOT NULL AND missing_since IS NULL
                AND NOT EXISTS (SELECT FROM models_checkpoints WHERE id = f.model AND deleted_at IS NOT NULL)
                AND NOT EXISTS (SELECT FROM models_loras WHERE id = f.model AND deleted_at IS NOT NULL))
                OR EXISTS (SELECT FROM engines WHERE lists_models AND ",
        live!(),
        ") AS step_back"
    );
    sqlx::query_as(SQL).fetch_one(db).await
}

/// Whether a checkpoint is an example that is not to be chosen for anybody: there is something real, and no engine has its
/// file. One in the trash is judged the same.
pub async fn steps_back(db: &PgPool, checkpoint: Uuid) -> sqlx::Result<bool> {
    const SQL: &str = concat!(
        "SELECT EXISTS (SELECT FROM models_checkpoints c WHERE c.id = $1 AND c.example AND NOT EXISTS (
            SELECT FROM engine_models h JOIN engines e ON e.id = h.engine WHERE h.model = c.id AND e.",
        live!(),
        "))"
    );
    let is_example: bool = sqlx::query_scalar(SQL).bind(checkpoint).fetch_one(db).await?;
    Ok(is_example && standing(db).await?.step_back)
}

/// Leaves examples out of the lists of the pages, or shows them again.
pub async fn hide(db: &PgPool, hidden: bool) -> sqlx::Result<()> {
    let mut transaction = db.begin().await?;
    let sql = "INSERT INTO examples (hidden) VALUES ($1) ON CONFLICT (id) DO UPDATE SET hidden = excluded.hidden";
    sqlx::query(sql).bind(hidden).execute(&mut *transaction).await?;
    scans::models_changed(&mut transaction).await?;
    transaction.commit().await
}

/// The best rated example of which a living engine has the file.
pub(crate) async fn best_held(db: &PgPool) -> sqlx::Result<Option<Checkpoint>> {
    const SQL: &str = concat!(
        "SELECT c.id FROM models_checkpoints c JOIN engine_models h ON h.model = c.id JOIN engines e ON e.id = h.engine
         WHERE c.example AND c.deleted_at IS NULL AND e.",
        live!(),
        " ORDER BY coalesce(c.rating, -1) DESC, c.id DESC LIMIT 1"
    );
    let id: Option<Uuid> = sqlx::query_scalar(SQL).fetch_optional(db).await?;
    match id {
        Some(id) => list::find(db, id).await,
        None => Ok(None),
    }
}

/// Those of these models that have a file are no examples any more, in the trash neither: one that is restored is real.
pub(crate) async fn have_files(connection: &mut PgConnection, models: &[Option<Uuid>]) -> sqlx::Result<()> {
    let models: Vec<Uuid> = models.iter().flatten().copied().collect();
    for table in TABLES {
        let sql = format!(
            "UPDATE {table} t SET example = false
             WHERE example AND id = ANY($1) AND EXISTS (SELECT FROM files WHERE model = t.id)"
        );
        sqlx::query(AssertSqlSafe(sql)).bind(&models).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Marks what a seed file speaks of and no scan has found; never what a person has added.
pub(crate) async fn mark(connection: &mut PgConnection, table: &str, source: &str) -> sqlx::Result<()> {
    let Some(table) = TABLES.into_iter().find(|own| *own == table) else { return Ok(()) };
    let sql = format!(
        "UPDATE {table} t SET example = true FROM field_sources f
         WHERE f.table_name = '{table}' AND f.source = $1 AND f.row_key = t.id::text AND t.example IS NOT TRUE
            AND t.missing_since IS NULL AND NOT EXISTS (SELECT FROM files WHERE model = t.id)
            AND NOT EXISTS (SELECT FROM field_sources p WHERE p.table_name = '{table}' AND p.row_key = f.row_key
                AND p.source = '{PERSON}' AND 'path' = ANY(p.fields))"
    );
    sqlx::query(AssertSqlSafe(sql)).bind(source).execute(connection).await.map(drop)
}
