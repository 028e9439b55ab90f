//! Files of embeddings, by the words that prompts name them with.

use sqlx::PgPool;

const ENDINGS: [&str; 3] = ["safetensors", "pt", "bin"];

/// Which of these words is the name of an embedding's file without its extension.
pub async fn embeddings(db: &PgPool, words: &[&str]) -> sqlx::Result<Vec<String>> {
    let files: Vec<String> = words.iter().flat_map(|word| ENDINGS.map(|ending| format!("{word}.{ending}"))).collect();
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT DISTINCT model_stem(name) FROM files
        WHERE name = ANY($1) AND kind = 'embedding' AND missing_since IS NULL ORDER BY 1";
    sqlx::query_scalar(sql).bind(files).fetch_all(db).await
}
