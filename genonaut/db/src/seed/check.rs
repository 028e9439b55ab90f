//! Asks every rule of a table about staged rows, and reports all that break one.

use genonaut_sources::table::Problem;
use sqlx::{AssertSqlSafe, PgConnection};

use super::merge::key_text;
use super::stage::{Stage, quote, run};
use super::target::{Rule, Unique};
use crate::write::rule_in_words;

/// Problems of one kind are listed up to this many; the rest of the file is likely to have the same.
const ENOUGH: usize = 1000;

/// A row that breaks a rule.
#[derive(sqlx::FromRow)]
struct Broken {
    line: i64,
    value: Option<String>,
    /// The line that has the same value, where that is what is wrong.
    other: Option<i64>,
}

/// Cells whose type has its own syntax (dates, enums, …). They are emptied, so that the rest can be checked.
pub(super) async fn uncastable(connection: &mut PgConnection, stage: &Stage<'_>) -> sqlx::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for column in stage.target.columns.iter().filter(|column| stage.header.contains(&column.name)) {
        if !super::target::needs_database(&column.kind) {
            continue;
        }
        run(connection, CASTABLE.to_owned()).await?;
        let (name, kind) = (quote(&column.name), &column.kind);
        let sql = format!(
            "UPDATE seed_text SET {name} = NULL FROM (SELECT seed_line, {name} AS value FROM seed_text
                WHERE {name} IS NOT NULL AND NOT pg_temp.castable({name}, '{kind}')) bad
             WHERE bad.seed_line = seed_text.seed_line RETURNING bad.seed_line AS line, bad.value, NULL::bigint AS other"
        );
        let reason = format!("is not a valid {kind}");
        problems.extend(
            broken(connection, sql).await?.into_iter().map(|row| problem(stage, &column.name, row, &reason, None)),
        );
    }
    Ok(problems)
}

/// Rows that a CHECK of the table would refuse.
pub(super) async fn rules(connection: &mut PgConnection, stage: &Stage<'_>) -> sqlx::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for Rule { columns, expression } in &stage.target.rules {
        let Some(column) = columns.first().filter(|_| columns.iter().any(|name| stage.header.contains(name))) else {
            continue;
        };
        let shown = quote(column);
        let sql = format!(
            "SELECT seed_line AS line, {shown}::text AS value, NULL::bigint AS other FROM seed_rows WHERE NOT ({expression}) ORDER BY seed_line"
        );
        let reason = rule_in_words(&stage.target.table, column)
            .map_or_else(|| format!("violates the rule {expression}"), str::to_owned);
        problems
            .extend(broken(connection, sql).await?.into_iter().map(|row| problem(stage, column, row, &reason, None)));
    }
    Ok(problems)
}

/// Rows that have what must be one row's alone, in the file or in the table.
pub(super) async fn duplicates(
    connection: &mut PgConnection,
    stage: &Stage<'_>,
    key: &[String],
) -> sqlx::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for Unique { columns, .. } in &stage.target.uniques {
        let in_file = broken(connection, twice_in_file(columns)).await?;
        problems.extend(in_file.into_iter().map(|row| {
            let reason = format!("duplicates line {}", row.other.unwrap_or_default());
            problem(stage, &columns[0], row, &reason, hint(stage, columns))
        }));
        if columns.as_slice() != key {
            let in_table = broken(connection, taken(stage, columns)).await?;
            let table = &stage.target.table;
            problems.extend(in_table.into_iter().map(|row| {
                let reason = format!("already belongs to another row of {table}");
                problem(stage, &columns[0], row, &reason, hint(stage, columns))
            }));
        }
    }
    Ok(problems)
}

/// Rows whose model is in the trash: nobody would see what is imported into it.
pub(super) async fn trashed(
    connection: &mut PgConnection,
    stage: &Stage<'_>,
    key: &[String],
) -> sqlx::Result<Vec<Problem>> {
    if !stage.target.has_trash {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT m.seed_line AS line, {} AS value, NULL::bigint AS other
         FROM seed_merged m JOIN seed_rows s USING (seed_line) JOIN {} t ON t.ctid = m.place
         WHERE t.deleted_at IS NOT NULL ORDER BY m.seed_line",
        key_text("s", key),
        quote(&stage.target.table),
    );
    let hint = "restore the model first, or delete it for good";
    let rows = broken(connection, sql).await?.into_iter();
    Ok(rows.map(|row| problem(stage, &key[0], row, "is of a model in the trash", Some(hint.to_owned()))).collect())
}

/// A value that is not in the file was made from one that is.
fn hint(stage: &Stage<'_>, columns: &[String]) -> Option<String> {
    let inferred = columns.iter().find(|name| !stage.header.contains(name))?;
    Some(format!("it is derived from the path; add a column {inferred} with a unique value"))
}

fn problem(stage: &Stage<'_>, column: &str, row: Broken, reason: &str, hint: Option<String>) -> Problem {
    let field = stage.header.iter().position(|name| name == column);
    Problem::at(row.line.unsigned_abs(), column, field, row.value.as_deref().unwrap_or_default(), reason, hint)
}

async fn broken(connection: &mut PgConnection, sql: String) -> sqlx::Result<Vec<Broken>> {
    let mut rows: Vec<Broken> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(connection).await?;
    rows.truncate(ENOUGH);
    Ok(rows)
}

fn twice_in_file(columns: &[String]) -> String {
    let names: Vec<_> = columns.iter().map(|name| quote(name)).collect();
    let given: Vec<_> = names.iter().map(|name| format!("{name} IS NOT NULL")).collect();
    format!(
        "SELECT * FROM (SELECT seed_line AS line, {0}::text AS value, min(seed_line) OVER (PARTITION BY {1}) AS other
            FROM seed_rows WHERE {2}) twice
         WHERE line <> other ORDER BY line",
        names[0],
        names.join(", "),
        given.join(" AND "),
    )
}

/// A row that will let the value go is in nobody's way. A row will have the value only if the file names it or the row is new; a new one has what triggers gave it.
fn taken(stage: &Stage<'_>, columns: &[String]) -> String {
    let value = |name: &String| match stage.header.contains(name) {
        true => format!("m.{}", quote(name)),
        false => format!("CASE WHEN m.place IS NULL THEN s.{} END", quote(name)),
    };
    let same: Vec<_> = columns.iter().map(|name| format!("t.{} = {}", quote(name), value(name))).collect();
    let changes: Vec<_> = columns
        .iter()
        .filter(|name| stage.header.contains(name))
        .map(|name| format!("o.{0} IS DISTINCT FROM t.{0}", quote(name)))
        .collect();
    let lets_go = if changes.is_empty() { "false".to_owned() } else { changes.join(" OR ") };
    format!(
        "SELECT m.seed_line AS line, {}::text AS value, NULL::bigint AS other
         FROM seed_merged m JOIN seed_rows s USING (seed_line) JOIN {} t ON {}
         WHERE t.ctid IS DISTINCT FROM m.place
            AND NOT EXISTS (SELECT FROM seed_merged o WHERE o.place = t.ctid AND o.changed AND ({lets_go}))
         ORDER BY m.seed_line",
        value(&columns[0]),
        quote(&stage.target.table),
        same.join(" AND "),
    )
}

/// PostgreSQL before 16 has no pg_input_is_valid.
const CASTABLE: &str = "
CREATE OR REPLACE FUNCTION pg_temp.castable(given text, kind text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT %L::%s', given, kind);
    RETURN true;
EXCEPTION WHEN data_exception OR invalid_text_representation OR datetime_field_overflow THEN
    RETURN false;
END
$$";
