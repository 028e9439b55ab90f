//! Brings made-up models into the catalogue, batch by batch, and takes them out again.

use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, raw_sql};

use crate::synthetic::{self, CHECKPOINT_COLUMNS, LORA_COLUMNS, Row};

/// Rows in one transaction.
const BATCH: u64 = 10_000;

/// Adds `rows` models made from `seed`. Those that are there already stay as they are, so a run that was stopped
/// is finished by the next. `progress` is told the rows that are done. Returns how many were added.
pub async fn add_synthetic(db: &PgPool, seed: u64, rows: u64, mut progress: impl FnMut(u64)) -> sqlx::Result<u64> {
    let (checkpoints, loras) = synthetic::split(rows);
    let mut connection = db.acquire().await?;
    let mut added = 0;
    for start in (0..checkpoints).step_by(BATCH as usize) {
        let batch = (start..(start + BATCH).min(checkpoints)).map(|index| synthetic::checkpoint(seed, index));
        added += add(&mut connection, "models_checkpoints", &CHECKPOINT_COLUMNS, batch).await?;
        progress((start + BATCH).min(checkpoints));
    }
    for start in (0..loras).step_by(BATCH as usize) {
        let batch = (start..(start + BATCH).min(loras)).map(|index| synthetic::lora(seed, index));
        added += add(&mut connection, "models_loras", &LORA_COLUMNS, batch).await?;
        progress(checkpoints + (start + BATCH).min(loras));
    }
    settle(&mut connection).await?;
    Ok(added)
}

/// Removes every made-up model. Returns how many there were.
pub async fn remove_synthetic(db: &PgPool) -> sqlx::Result<u64> {
    let mut transaction = db.begin().await?;
    let mut removed = 0;
    for table in ["models_checkpoints", "models_loras"] {
        let sql = format!(r#"DELETE FROM {table} WHERE metadata @> '{{"synthetic": true}}'"#);
        removed += sqlx::query(AssertSqlSafe(sql)).execute(&mut *transaction).await?.rows_affected();
    }
    transaction.commit().await?;
    settle(&mut *db.acquire().await?).await?;
    Ok(removed)
}

/// After a big load: the planner's statistics, and index entries that wait to be sorted in. Without this the pages
/// that follow are slow until PostgreSQL comes to it by itself.
pub(super) async fn settle(connection: &mut PgConnection) -> sqlx::Result<()> {
    raw_sql("VACUUM (ANALYZE) models_checkpoints, models_loras").execute(connection).await.map(drop)
}

async fn add(
    connection: &mut PgConnection,
    table: &str,
    columns: &[&str],
    rows: impl Iterator<Item = Row>,
) -> sqlx::Result<u64> {
    let mut lines = String::new();
    rows.for_each(|row| synthetic::write_copy(&mut lines, &row));
    let columns = columns.join(", ");
    let mut transaction = connection.begin().await?;
    let staging = format!("CREATE TEMP TABLE made_up (LIKE {table} INCLUDING DEFAULTS) ON COMMIT DROP");
    raw_sql(AssertSqlSafe(staging)).execute(&mut *transaction).await?;
    let mut copy = transaction.copy_in_raw(&format!("COPY made_up ({columns}) FROM STDIN")).await?;
    copy.send(lines.as_bytes()).await?;
    copy.finish().await?;
    // A made-up row is worth no quarrel: whatever it would collide with stays.
    let sql =
        format!("INSERT INTO {table} ({columns}, example) SELECT {columns}, true FROM made_up ON CONFLICT DO NOTHING");
    let added = sqlx::query(AssertSqlSafe(sql)).execute(&mut *transaction).await?.rows_affected();
    transaction.commit().await?;
    Ok(added)
}
