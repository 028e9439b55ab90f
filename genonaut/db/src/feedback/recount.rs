//! Counts everything from scratch: for pictures older than the counting, and to hold the counting against.

use sqlx::{PgConnection, PgPool};

/// Counts all pictures anew, in one transaction; nothing is made or rated meanwhile.
pub async fn recount(db: &PgPool) -> sqlx::Result<()> {
    let mut transaction = db.begin().await?;
    sqlx::query("LOCK TABLE images, images_gone, feedback IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut *transaction)
        .await?;
    count(&mut transaction).await?;
    transaction.commit().await
}

/// Once, when there are pictures from before anything was counted.
pub(crate) async fn count_old_pictures(db: &PgPool) -> sqlx::Result<()> {
    let sql = "SELECT EXISTS (SELECT FROM images) AND NOT EXISTS (SELECT FROM feedback)";
    if sqlx::query_scalar(sql).fetch_one(db).await? { recount(db).await } else { Ok(()) }
}

async fn count(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM feedback").execute(&mut *connection).await?;
    // What a job's pictures count for is the same for all of them.
    sqlx::query(
        "INSERT INTO feedback (checkpoint, lora, setting, value, pictures, rated, stars, last_used)
         SELECT key.checkpoint, key.lora, key.setting, key.value, sum(made.pictures), sum(made.rated), sum(made.stars), max(made.last_used)
         FROM (SELECT job, checkpoint, count(*) AS pictures, count(rating) AS rated, coalesce(sum(rating), 0) AS stars,
                max(last_created) AS last_used
            FROM (SELECT job, checkpoint, rating, last_created FROM images
                UNION ALL SELECT job, checkpoint, rating, last_created FROM images_gone) AS pictures
            GROUP BY job, checkpoint) AS made
         JOIN jobs ON jobs.id = made.job CROSS JOIN LATERAL feedback_keys(made.checkpoint, jobs.recipe) key
         GROUP BY key.checkpoint, key.lora, key.setting, key.value",
    )
    .execute(&mut *connection)
    .await?;
    for sql in MODELS {
        sqlx::query(sql).execute(&mut *connection).await?;
    }
    Ok(())
}

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
