//! Keeps what search looks at in every model as the rule that holds now makes it.

use sqlx::PgPool;

/// A digest of every function that decides what `search` of a model is.
macro_rules! rule {
    () => {
        "(SELECT md5(string_agg(prosrc, '' ORDER BY proname)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND (proname LIKE 'search\\_%' OR proname IN ('models_checkpoints_fill', 'models_loras_fill')))"
    };
}

/// Makes it again where it was made by another rule, all of it or nothing. Returns of how many models.
pub(super) async fn refresh(db: &PgPool) -> sqlx::Result<u64> {
    const IS_OLD: &str = concat!("SELECT NOT EXISTS (SELECT FROM search_rule WHERE rule = ", rule!(), ")");
    if !sqlx::query_scalar(IS_OLD).fetch_one(db).await? {
        return Ok(0);
    }
    let mut transaction = db.begin().await?;
    sqlx::query("LOCK TABLE search_rule IN SHARE ROW EXCLUSIVE MODE").execute(&mut *transaction).await?;
    let mut models = 0;
    if sqlx::query_scalar(IS_OLD).fetch_one(&mut *transaction).await? {
        for sql in REFILL {
            models += sqlx::query(sql).execute(&mut *transaction).await?.rows_affected();
        }
        sqlx::query("DELETE FROM search_rule").execute(&mut *transaction).await?;
        sqlx::query(concat!("INSERT INTO search_rule VALUES (", rule!(), ")")).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(models)
}

/// Writing a row runs its trigger, which fills the column.
const REFILL: [&str; 2] = ["UPDATE models_checkpoints SET search = NULL", "UPDATE models_loras SET search = NULL"];
