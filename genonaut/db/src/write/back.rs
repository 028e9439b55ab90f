//! Gives a field back to the source that had it before a person changed it.

use sqlx::PgPool;
use uuid::Uuid;

use super::{FieldProblem, Writable, WriteError, finish, lock, update};
use crate::provenance;

pub(crate) async fn give_back<T: Writable>(db: &PgPool, id: Uuid, field: &str) -> Result<T, WriteError> {
    let column = field.split('.').next().unwrap_or_default();
    if !T::FIELDS.iter().any(|known| known.0 == column) {
        return Err(WriteError::Invalid(vec![FieldProblem::new(
            field,
            "unknown_field",
            "is not a field of this model",
        )]));
    }
    let mut transaction = db.begin().await?;
    let row = lock::<T>(&mut transaction, id, None).await?;
    let said = provenance::forget_person(&mut transaction, T::TABLE, id, field, &row).await?;
    update::<T>(&mut transaction, id, &said).await?;
    finish(transaction, id).await
}
