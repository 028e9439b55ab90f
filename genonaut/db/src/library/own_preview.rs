//! Previews that a person has chosen: named `0-…`, which is no file's, so no scan replaces them.

use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use crate::scans;
use crate::trash::Kind;

/// Whether a preview of this name was chosen by a person.
pub fn is_own_preview(name: &str) -> bool {
    name.starts_with("0-")
}

/// Makes it the model's preview; none gives the one beside its file back. `false` when there is no such model.
pub async fn choose_preview(db: &PgPool, kind: Kind, id: Uuid, name: Option<&str>) -> sqlx::Result<bool> {
    let sql = format!("UPDATE {} SET preview = $2 WHERE id = $1 AND deleted_at IS NULL", kind.table());
    let mut transaction = db.begin().await?;
    let chosen = sqlx::query(AssertSqlSafe(sql)).bind(id).bind(name).execute(&mut *transaction).await?;
    if name.is_none() {
        super::import::previews(&mut transaction, &[Some(id)]).await?;
    }
    scans::models_changed(&mut transaction).await?;
    transaction.commit().await?;
    Ok(chosen.rows_affected() == 1)
}
