//! Which models of the catalogue an engine has: those of which a file is called as one of the engine's is. A model may
//! have several files, the same content under several names; one of them is enough. Models in the trash are among them,
//! for jobs that were queued before.

use sqlx::PgPool;
use uuid::Uuid;

use super::live;

/// Names of files that an engine offers, without folders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    pub checkpoints: Vec<String>,
    pub diffusion_models: Vec<String>,
    pub loras: Vec<String>,
}

/// Writes which models an engine has.
pub async fn holds(db: &PgPool, engine: Uuid, names: &Names) -> sqlx::Result<()> {
    let changed: i64 = sqlx::query_scalar(
        "WITH wanted AS (
            SELECT name, true AS whole FROM unnest($2::text[]) n (name) UNION SELECT name, false FROM unnest($3::text[]) n (name)
        ), held AS (
            SELECT m.id FROM models_checkpoints m JOIN wanted w ON w.name = m.filename
                AND w.whole = (m.metadata ->> 'kind' IS DISTINCT FROM 'diffusion_model')
            UNION SELECT m.id FROM files f JOIN wanted w USING (name) JOIN models_checkpoints m ON m.id = f.model
                AND w.whole = (m.metadata ->> 'kind' IS DISTINCT FROM 'diffusion_model') WHERE f.missing_since IS NULL
            UNION SELECT m.id FROM models_loras m JOIN unnest($4::text[]) n (name) ON n.name = m.filename
            UNION SELECT m.id FROM files f JOIN unnest($4::text[]) n (name) USING (name) JOIN models_loras m ON m.id = f.model
                WHERE f.missing_since IS NULL
        ), gone AS (
            DELETE FROM engine_models h WHERE engine = $1 AND NOT EXISTS (SELECT FROM held WHERE id = h.model) RETURNING 1
        ), new AS (
            INSERT INTO engine_models SELECT $1, id FROM held ON CONFLICT DO NOTHING RETURNING 1
        ) SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM new)",
    )
    .bind(engine)
    .bind(&names.checkpoints)
    .bind(&names.diffusion_models)
    .bind(&names.loras)
    .fetch_one(db)
    .await?;
    if changed > 0 {
        sqlx::query("SELECT pg_notify('genonaut_engines', $1)").bind(engine.to_string()).execute(db).await?;
    }
    Ok(())
}

/// A model that a job needs, and the living engines that have it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Holders {
    pub job: Uuid,
    pub model: Uuid,
    pub engines: Vec<Uuid>,
}

/// For each model of these jobs who has it.
pub async fn holders(db: &PgPool, jobs: &[Uuid]) -> sqlx::Result<Vec<Holders>> {
    const SQL: &str = concat!(
        "SELECT j.id AS job, m.model, coalesce(array_agg(e.id) FILTER (WHERE e.id IS NOT NULL), '{}') AS engines
         FROM jobs j CROSS JOIN unnest(j.models) m (model) LEFT JOIN engine_models h ON h.model = m.model
            LEFT JOIN engines e ON e.id = h.engine AND ",
        live!(),
        " WHERE j.id = ANY($1) GROUP BY j.id, m.model"
    );
    sqlx::query_as(SQL).bind(jobs).fetch_all(db).await
}
