//! Counts everything from scratch: for pictures that were counted otherwise or never, and to hold the counting against.

use sqlx::{PgConnection, PgPool};

/// A digest of what decides what a picture counts for.
macro_rules! rule {
    () => {
        "(SELECT md5(prosrc) FROM pg_proc WHERE oid = 'feedback_keys(uuid, jsonb, integer)'::regprocedure)"
    };
}

/// Counts all pictures anew, in one transaction; nothing is made or rated meanwhile.
pub async fn recount(db: &PgPool) -> sqlx::Result<()> {
    let mut transaction = db.begin().await?;
    sqlx::query("LOCK TABLE images, images_gone, feedback, feedback_rule IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut *transaction)
        .await?;
    count(&mut transaction).await?;
    transaction.commit().await
}

/// Counts all pictures anew where they were counted by another rule than holds now, or never.
pub(crate) async fn follow_rule(db: &PgPool) -> sqlx::Result<()> {
    const SQL: &str = concat!("SELECT NOT EXISTS (SELECT FROM feedback_rule WHERE rule = ", rule!(), ")");
    if sqlx::query_scalar(SQL).fetch_one(db).await? { recount(db).await } else { Ok(()) }
}

async fn count(connection: &mut PgConnection) -> sqlx::Result<()> {
    const RULE: &str = concat!("INSERT INTO feedback_rule VALUES (", rule!(), ")");
    for sql in ["DELETE FROM feedback", "DELETE FROM feedback_rule", RULE, COUNT].into_iter().chain(MODELS) {
        sqlx::query(sql).execute(&mut *connection).await?;
    }
    Ok(())
}

/// What a job's pictures count for is the same for all of them, unless its prompts leave something open.
const COUNT: &str = "
    WITH drawn AS MATERIALIZED (SELECT id FROM jobs WHERE recipe ? 'resolved'),
    pictures AS (SELECT job, place, checkpoint, rating, last_created FROM images
        UNION ALL SELECT job, place, checkpoint, rating, last_created FROM images_gone),
    made AS (SELECT job, checkpoint, CASE WHEN drawn.id IS NOT NULL THEN place END AS place, count(*) AS pictures,
            count(rating) AS rated, coalesce(sum(rating), 0) AS stars, max(last_created) AS last_used
        FROM pictures LEFT JOIN drawn ON drawn.id = job GROUP BY 1, 2, 3)
    INSERT INTO feedback (checkpoint, lora, setting, value, pictures, rated, stars, last_used)
    SELECT key.checkpoint, key.lora, key.setting, key.value, sum(made.pictures), sum(made.rated), sum(made.stars), max(made.last_used)
    FROM made JOIN jobs ON jobs.id = made.job CROSS JOIN LATERAL feedback_keys(made.checkpoint, jobs.recipe, made.place) key
    GROUP BY key.checkpoint, key.lora, key.setting, key.value";

/// Rows that are right already are left alone.
const MODELS: [&str; 2] = [
    "UPDATE models_checkpoints m SET pictures = now.pictures, rated_pictures = now.rated, stars = now.stars, last_used = now.last_used
     FROM (SELECT m.id, coalesce(f.pictures, 0) AS pictures, coalesce(f.rated, 0) AS rated, coalesce(f.stars, 0) AS stars, f.last_used
        FROM models_checkpoints m LEFT JOIN feedback f
            ON f.checkpoint = m.id AND f.lora = '00000000-0000-0000-0000-000000000000' AND f.setting = '') now
     WHERE m.id = now.id AND (m.pictures, m.rated_pictures, m.stars, m.last_used)
        IS DISTINCT FROM (now.pictures, now.rated, now.stars, now.last_used)",
    "UPDATE models_loras m SET pictures = now.pictures, rated_pictures = now.rated, stars = now.stars, last_used = now.last_used
     FROM (SELECT m.id, coalesce(f.pictures, 0) AS pictures, coalesce(f.rated, 0) AS rated, coalesce(f.stars, 0) AS stars, f.last_used
        FROM models_loras m LEFT JOIN feedback f
            ON f.checkpoint = '00000000-0000-0000-0000-000000000000' AND f.lora = m.id AND f.setting = '') now
     WHERE m.id = now.id AND (m.pictures, m.rated_pictures, m.stars, m.last_used)
        IS DISTINCT FROM (now.pictures, now.rated, now.stars, now.last_used)",
];
