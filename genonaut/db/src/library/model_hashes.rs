//! By which hashes stores and other programs know models.

use std::collections::HashMap;

use sqlx::PgPool;
use uuid::Uuid;

/// Hexadecimal digits in lower case.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ModelHashes {
    #[sqlx(rename = "model")]
    pub id: Uuid,
    /// Of the whole file.
    pub sha256: String,
    /// SHA-256 of its tensors, where that is known.
    pub tensors: Option<String>,
}

/// Of those models whose hashes are known: of a file that was read whole, else what is claimed of the model.
pub async fn model_hashes(db: &PgPool, models: &[Uuid]) -> sqlx::Result<HashMap<Uuid, ModelHashes>> {
    let claimed = |table: &str| {
        format!(
            "SELECT id AS model, lower(coalesce(metadata ->> 'sha256', (
                SELECT value FROM jsonb_each_text(CASE jsonb_typeof(metadata -> 'hashes') WHEN 'object' THEN metadata -> 'hashes' END)
                WHERE lower(key) = 'sha256' LIMIT 1))) AS sha256, NULL AS tensors, 3 AS rank
            FROM {table} WHERE id = ANY($1)"
        )
    };
    let sql = format!(
        "SELECT DISTINCT ON (model) model, sha256, tensors FROM (
            SELECT model, sha256, tensors_sha256 AS tensors, CASE WHEN missing_since IS NULL THEN 1 ELSE 2 END AS rank
            FROM files WHERE model = ANY($1)
            UNION ALL {} UNION ALL {}
        ) known WHERE sha256 ~ '^[0-9a-f]{{64}}$' ORDER BY model, rank, sha256",
        claimed("models_checkpoints"),
        claimed("models_loras")
    );
    let rows: Vec<ModelHashes> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(models).fetch_all(db).await?;
    Ok(rows.into_iter().map(|hashes| (hashes.id, hashes)).collect())
}
