//! The fields of many rows, read and written at once, each by its name: a column, or `metadata.key`.

use serde_json::{Map, Value, json};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::super::{Writable, WriteError, error};
use crate::sources::PERSON;

#[derive(Debug, sqlx::FromRow)]
pub(super) struct Row {
    pub model: Uuid,
    /// The fields that a bulk change may set.
    pub now: Value,
    /// What a person has said of the model: which fields, and the values.
    pub fields: Vec<String>,
    pub said: Value,
}

/// Reads them in one order, and holds them until the transaction ends.
pub(super) async fn read<T: Writable>(connection: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<Row>> {
    let (table, fields) = (T::TABLE, T::BULK.iter().map(|field| format!("'{field}', {}", value(field))));
    let fields = fields.collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT m.id AS model, jsonb_build_object({fields}) AS now, coalesce(w.fields, '{{}}') AS fields,
            coalesce(w.said, '{{}}') AS said
         FROM {table} m LEFT JOIN field_sources w
            ON w.table_name = '{table}' AND w.source = '{PERSON}' AND w.source_key = m.id::text
         WHERE m.id = ANY($1) ORDER BY m.id FOR UPDATE OF m"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(connection).await
}

fn value(field: &str) -> String {
    match field.split_once('.') {
        Some((column, key)) => format!("m.{column} -> '{key}'"),
        None => format!("to_jsonb(m.{field})"),
    }
}

/// Sets in each row the fields that are named for it; null clears, and takes a key out.
pub(super) async fn write<T: Writable>(
    connection: &mut PgConnection,
    rows: &[(Uuid, Map<String, Value>)],
) -> Result<(), WriteError> {
    let rows: Value = rows.iter().map(|(model, fields)| json!({"model": model, "fields": fields})).collect();
    let (table, sets) = (T::TABLE, sets::<T>().join(", "));
    let sql = format!(
        "UPDATE {table} m SET {sets} FROM jsonb_to_recordset($1) AS n (model uuid, fields jsonb) WHERE m.id = n.model"
    );
    let update = sqlx::query(AssertSqlSafe(sql)).bind(rows);
    update.execute(connection).await.map_err(|error| error::from_rule(T::TABLE, error))?;
    Ok(())
}

fn sets<T: Writable>() -> Vec<String> {
    let set = |field: &&str| match field.split_once('.') {
        Some((column, key)) => format!(
            "{column} = CASE WHEN NOT n.fields ? '{field}' THEN m.{column}
                WHEN jsonb_typeof(n.fields -> '{field}') = 'null' THEN m.{column} - '{key}'
                ELSE jsonb_set(coalesce(m.{column}, '{{}}'), '{{{key}}}', n.fields -> '{field}') END"
        ),
        None => format!(
            "{field} = CASE WHEN n.fields ? '{field}'
                THEN (jsonb_populate_record(NULL::{}, n.fields)).{field} ELSE m.{field} END",
            T::TABLE
        ),
    };
    T::BULK.iter().map(set).collect()
}

/// Whether two values are one; PostgreSQL writes 1.0 as 1.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}
