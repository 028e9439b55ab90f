//! The fields in which a file and somebody disagree: whose value is in the table, and which one is not.

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use super::merge::key_text;
use super::stage::{Stage, quote};

/// Fields that are listed; the rest is counted.
const LISTED: usize = 100;

/// One field of a row in which a file has another value than somebody entered.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct FieldConflict {
    /// Of the file.
    pub line: i64,
    /// The row's name, else what the file calls it.
    pub model: String,
    /// Of an object a key, as `metadata.recommended_weight`.
    pub field: String,
    /// What the table had before.
    pub current: Value,
    pub file: Value,
}

/// A row of a file beside the one of the table that it is.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct PlannedRow {
    pub line: i64,
    pub key: Option<String>,
    pub is_new: bool,
    pub kept_fields: Vec<String>,
    pub overwritten: Vec<String>,
    /// The table's row, nothing where there is none.
    pub current: Option<Value>,
    pub planned: Value,
    /// The file's row, with what follows from it.
    pub given: Value,
}

/// Where somebody's value stays.
pub(super) async fn kept(
    connection: &mut PgConnection,
    stage: &Stage<'_>,
    key: &[String],
) -> sqlx::Result<Vec<FieldConflict>> {
    let rows = rows(connection, stage, key, "cardinality(m.kept_fields) > 0", LISTED, 0).await?;
    Ok(listed(stage, &rows, |row| &row.kept_fields))
}

/// Where the file's value replaces it.
pub(super) async fn overwritten(
    connection: &mut PgConnection,
    stage: &Stage<'_>,
    key: &[String],
) -> sqlx::Result<Vec<FieldConflict>> {
    let rows = rows(connection, stage, key, "cardinality(m.overwritten) > 0", LISTED, 0).await?;
    Ok(listed(stage, &rows, |row| &row.overwritten))
}

/// How many fields of each column are kept or overwritten, in the order of the file's columns.
pub(super) async fn by_column(connection: &mut PgConnection, stage: &Stage<'_>) -> sqlx::Result<Vec<(String, i64)>> {
    let sql =
        "SELECT field, count(*) FROM seed_merged m CROSS JOIN LATERAL unnest(m.kept_fields || m.overwritten) field
        GROUP BY field";
    let fields: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(connection).await?;
    let count = |name: &String| {
        let of_column = fields.iter().filter(|(field, _)| column(stage, field) == name);
        (name.clone(), of_column.map(|(_, count)| count).sum::<i64>())
    };
    Ok(stage.header.iter().map(count).filter(|(_, count)| *count > 0).collect())
}

/// Planned rows in the order of the file. They are not there any more once they are applied.
pub(super) async fn rows(
    connection: &mut PgConnection,
    stage: &Stage<'_>,
    key: &[String],
    condition: &str,
    limit: usize,
    offset: usize,
) -> sqlx::Result<Vec<PlannedRow>> {
    let sql = format!(
        "SELECT m.seed_line AS line, {} AS key, m.place IS NULL AS is_new, m.kept_fields, m.overwritten,
            to_jsonb(t) AS current, to_jsonb(m) AS planned, to_jsonb(s) AS given
         FROM (SELECT * FROM seed_merged m WHERE {condition} ORDER BY m.seed_line LIMIT {limit} OFFSET {offset}) m
         JOIN seed_rows s USING (seed_line) LEFT JOIN {} t ON t.ctid = m.place ORDER BY m.seed_line",
        key_text("s", key),
        quote(&stage.target.table),
    );
    sqlx::query_as(AssertSqlSafe(sql)).fetch_all(connection).await
}

/// The value of a field, which may be a key of an object.
pub(super) fn value(stage: &Stage<'_>, row: &Value, field: &str) -> Value {
    let inside = field.split_once('.').filter(|(column, _)| stage.target.is_object(column));
    let value = match inside {
        Some((column, key)) => row.get(column).and_then(|object| object.get(key)),
        None => row.get(field),
    };
    value.cloned().unwrap_or_default()
}

fn column<'a>(stage: &Stage<'_>, field: &'a str) -> &'a str {
    field.split_once('.').map(|(column, _)| column).filter(|column| stage.target.is_object(column)).unwrap_or(field)
}

impl PlannedRow {
    pub fn label(&self) -> String {
        let name = |row: &Value| row["name"].as_str().filter(|name| !name.is_empty()).map(str::to_owned);
        let named = self.current.as_ref().and_then(name).or_else(|| name(&self.given));
        named.or_else(|| self.key.clone()).unwrap_or_default()
    }

    pub fn current(&self) -> &Value {
        self.current.as_ref().unwrap_or(&Value::Null)
    }
}

fn listed(stage: &Stage<'_>, rows: &[PlannedRow], fields: fn(&PlannedRow) -> &Vec<String>) -> Vec<FieldConflict> {
    let conflict = |row: &PlannedRow, field: &String| FieldConflict {
        line: row.line,
        model: row.label(),
        field: field.clone(),
        current: value(stage, row.current(), field),
        file: value(stage, &row.given, field),
    };
    let all = rows.iter().flat_map(|row| fields(row).iter().map(move |field| conflict(row, field)));
    all.take(LISTED).collect()
}
