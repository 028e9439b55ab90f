//! What a person writes: fields checked one by one, a change refused when it is stale, and each field
//! remembered as theirs so that no source overwrites it.

mod back;
mod bulk;
mod check;
mod error;

use genonaut_sources::setting_limits;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

pub(crate) use back::give_back;
pub use bulk::{Applied, Bulk, Refusal, Replacement, Selected, Undone, expire};
pub(crate) use bulk::{DDL, bulk, undo};
pub(crate) use check::{Field, Kind};
pub(crate) use error::rule_in_words;
pub use error::{FieldProblem, WriteError};

use crate::model::Model;
use crate::{scans, sources};

/// A model whose fields a person may write.
pub(crate) trait Writable: Model {
    const FIELDS: &[Field];
    /// The column of what its base is called.
    const BASE: &'static str;
    /// What a bulk change may set: columns, and keys of the metadata as `metadata.key`.
    const BULK: &[&'static str];

    fn revision(&self) -> i64;
}

pub(crate) async fn create<T: Writable>(db: &PgPool, fields: &Map<String, Value>) -> Result<T, WriteError> {
    let fields = &canonical(fields)?;
    check::new(T::FIELDS, fields)?;
    let names: Vec<_> = fields.keys().map(String::as_str).collect();
    let (table, columns) = (T::TABLE, names.join(", "));
    let sql = format!(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{table}, $1) RETURNING id"
    );
    let mut transaction = db.begin().await?;
    let insert = sqlx::query_scalar(AssertSqlSafe(sql)).bind(Value::Object(fields.clone()));
    let id = insert.fetch_one(&mut *transaction).await.map_err(|error| error::from_rule(T::TABLE, error))?;
    sources::person_said(&mut transaction, T::TABLE, id, fields).await?;
    finish(transaction, id).await
}

pub(crate) async fn patch<T: Writable>(
    db: &PgPool,
    id: Uuid,
    fields: &Map<String, Value>,
    if_revision: Option<i64>,
) -> Result<T, WriteError> {
    let fields = &canonical(fields)?;
    check::change(T::FIELDS, fields)?;
    let mut transaction = db.begin().await?;
    let mut old = lock::<T>(&mut transaction, id, if_revision).await?;
    if !fields.is_empty() {
        // Or a setting that is cleared would stay under its other name.
        if let Some(metadata) = old["metadata"].as_object_mut() {
            setting_limits::canonical_metadata(metadata);
        }
        let whole = merged(old, fields);
        update::<T>(&mut transaction, id, &whole).await?;
        sources::person_said(&mut transaction, T::TABLE, id, &named(fields, &whole)).await?;
    }
    finish(transaction, id).await
}

/// Moves it to the trash.
pub(crate) async fn delete<T: Writable>(db: &PgPool, id: Uuid, if_revision: Option<i64>) -> Result<(), WriteError> {
    let mut transaction = db.begin().await?;
    lock::<T>(&mut transaction, id, if_revision).await?;
    let sql = format!("UPDATE {} SET deleted_at = now() WHERE id = $1", T::TABLE);
    sqlx::query(AssertSqlSafe(sql)).bind(id).execute(&mut *transaction).await?;
    scans::models_changed(&mut transaction).await?;
    Ok(transaction.commit().await?)
}

/// The row as JSON, held until the transaction ends; refused when it is in the trash or not the revision that was seen.
async fn lock<T: Writable>(connection: &mut PgConnection, id: Uuid, seen: Option<i64>) -> Result<Value, WriteError> {
    let (select, table) = (T::SELECT, T::TABLE);
    let sql = format!(
        "SELECT {select}, to_jsonb({table}) AS whole FROM {table} WHERE id = $1 AND deleted_at IS NULL FOR UPDATE"
    );
    let row = sqlx::query(AssertSqlSafe(sql)).bind(id).fetch_optional(connection).await?;
    let row = row.ok_or(WriteError::NotFound)?;
    if seen.is_some_and(|seen| T::from_row(&row).is_ok_and(|now| now.revision() != seen)) {
        return Err(WriteError::Stale);
    }
    Ok(sqlx::Row::try_get(&row, "whole")?)
}

async fn update<T: Writable>(
    connection: &mut PgConnection,
    id: Uuid,
    fields: &Map<String, Value>,
) -> Result<(), WriteError> {
    let names: Vec<_> = fields.keys().map(String::as_str).collect();
    let (table, columns) = (T::TABLE, names.join(", "));
    let sql = format!(
        "UPDATE {table} SET ({columns}) = (SELECT {columns} FROM jsonb_populate_record(NULL::{table}, $1)) WHERE id = $2"
    );
    let update = sqlx::query(AssertSqlSafe(sql)).bind(Value::Object(fields.clone())).bind(id);
    update.execute(connection).await.map_err(|error| error::from_rule(T::TABLE, error))?;
    Ok(())
}

async fn finish<T: Writable>(mut transaction: Transaction<'_, Postgres>, id: Uuid) -> Result<T, WriteError> {
    let sql = format!("SELECT {} FROM {} WHERE id = $1", T::SELECT, T::TABLE);
    let written = sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_one(&mut *transaction).await?;
    scans::models_changed(&mut transaction).await?;
    transaction.commit().await?;
    Ok(written)
}

/// The fields with each setting of the metadata by its own key.
fn canonical(fields: &Map<String, Value>) -> Result<Map<String, Value>, WriteError> {
    let mut fields = fields.clone();
    if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
        check::named_once(metadata)?;
        setting_limits::canonical_metadata(metadata);
    }
    Ok(fields)
}

/// The fields with objects merged into what is there (RFC 7396).
fn merged(old: Value, patch: &Map<String, Value>) -> Map<String, Value> {
    let merge = |(name, new): (&String, &Value)| (name.clone(), merge(&old[name], new));
    patch.iter().map(merge).collect()
}

/// What was named, as it is now: of an object the keys that the patch has.
fn named(patch: &Map<String, Value>, whole: &Map<String, Value>) -> Map<String, Value> {
    let now = |(name, patched): (&String, &Value)| match (patched, &whole[name]) {
        (Value::Object(keys), now) => {
            let keys = keys.keys().map(|key| (key.clone(), now[key].clone()));
            (name.clone(), Value::Object(keys.collect()))
        }
        (_, now) => (name.clone(), now.clone()),
    };
    patch.iter().map(now).collect()
}

fn merge(old: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut merged = old.as_object().cloned().unwrap_or_default();
    for (key, new) in patch {
        if new.is_null() {
            merged.remove(key);
        } else {
            let value = merge(merged.get(key).unwrap_or(&Value::Null), new);
            merged.insert(key.clone(), value);
        }
    }
    Value::Object(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The table of examples in RFC 7396, appendix A, as far as objects patch objects.
    #[test]
    fn merges_as_rfc_7396_says() {
        for (old, patch, new) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
            (json!([1]), json!({"a": "b"}), json!({"a": "b"})),
        ] {
            assert_eq!(merge(&old, &patch), new, "{old} with {patch}");
        }
    }
}
