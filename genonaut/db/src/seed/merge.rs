//! Brings staged rows into their table. A field is taken from the file only where the table still holds what
//! the same file said last time; anything else was put there by somebody and stays.

use sqlx::PgConnection;

use super::stage::{Stage, quote, run};

/// What became of the rows of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Counts {
    pub inserted: i64,
    /// Rows in which something was changed.
    pub updated: i64,
    pub unchanged: i64,
    /// Rows that differ from the file in nothing but what somebody has edited since.
    pub kept: i64,
    /// Single fields that were kept because somebody has edited them, in rows of any of these.
    pub kept_fields: i64,
}

/// Decides for every row which row of the table it is, and what of it is taken.
pub(super) async fn plan(
    connection: &mut PgConnection,
    stage: &Stage<'_>,
    key: &[String],
    source: &str,
) -> sqlx::Result<()> {
    // Nobody else writes until this is done, so a row's place (ctid) stays what it is.
    run(connection, format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", quote(&stage.target.table))).await?;
    let sql = format!("{}; ANALYZE seed_found", found(stage, key, source));
    run(connection, sql).await?;
    run(connection, format!("{}; ANALYZE seed_merged", merged(stage))).await
}

/// Writes what was planned.
pub(super) async fn apply(
    connection: &mut PgConnection,
    stage: &Stage<'_>,
    key: &[String],
    source: &str,
) -> sqlx::Result<Counts> {
    let counts = sqlx::query_as(COUNTS).fetch_one(&mut *connection).await?;
    run(connection, update(stage)).await?;
    run(connection, insert(stage)).await?;
    if stage.target.id().is_some() {
        run(connection, remember(stage, key, source)).await?;
    }
    Ok(counts)
}

/// How a file's row is called in `field_sources`.
fn key_text(alias: &str, key: &[String]) -> String {
    match key {
        [one] => format!("{alias}.{}::text", quote(one)),
        many => {
            let parts: Vec<_> = many.iter().map(|name| format!("{alias}.{}", quote(name))).collect();
            format!("jsonb_build_array({})::text", parts.join(", "))
        }
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Finds a row by what this file called it before, else by the key.
fn found(stage: &Stage<'_>, key: &[String], source: &str) -> String {
    let (table, name) = (quote(&stage.target.table), literal(&stage.target.table));
    let same: Vec<_> = key.iter().map(|name| format!("by_key.{0} = s.{0}", quote(name))).collect();
    let (by_key, called, source) = (same.join(" AND "), key_text("s", key), literal(source));
    let head = "CREATE TEMP TABLE seed_found ON COMMIT DROP AS SELECT s.seed_line";
    let Some(id) = stage.target.id() else {
        return format!(
            "{head}, by_key.ctid AS place, NULL::text AS row_key, NULL::jsonb AS said, '{{}}'::text[] AS mine
            FROM seed_rows s LEFT JOIN {table} by_key ON {by_key}"
        );
    };
    let (id, kind) = (quote(&id.name), &id.kind);
    format!(
        "{head}, coalesce(by_name.ctid, by_key.ctid) AS place, coalesce(by_name.{id}, by_key.{id})::text AS row_key,
            CASE WHEN by_name.{id} IS NOT NULL THEN f.said END AS said, coalesce(person.fields, '{{}}') AS mine
         FROM seed_rows s
         LEFT JOIN field_sources f ON f.table_name = {name} AND f.source = {source} AND f.source_key = {called}
         LEFT JOIN {table} by_name ON by_name.{id} = f.row_key::{kind}
         LEFT JOIN {table} by_key ON {by_key}
         LEFT JOIN field_sources person ON person.table_name = {name} AND person.source = 'person'
            AND person.source_key = coalesce(by_name.{id}, by_key.{id})::text"
    )
}

/// The rows as they will be, and how many fields of each were kept.
fn merged(stage: &Stage<'_>) -> String {
    let (mut values, mut kept, mut changed) = (Vec::new(), vec!["0".to_owned()], vec!["false".to_owned()]);
    for name in &stage.header {
        let (column, mine) = (quote(name), mine(stage, name));
        let differs = format!("t.{column} IS DISTINCT FROM s.{column}");
        values.push(format!("CASE WHEN {mine} THEN t.{column} ELSE s.{column} END AS {column}"));
        kept.push(format!("(f.place IS NOT NULL AND {mine} AND {differs})::int"));
        changed.push(format!("(f.place IS NOT NULL AND NOT {mine} AND {differs})"));
    }
    format!(
        "CREATE TEMP TABLE seed_merged ON COMMIT DROP AS
         SELECT s.seed_line, f.place, f.row_key, {} AS kept, {} AS changed, {}
         FROM seed_rows s JOIN seed_found f USING (seed_line) LEFT JOIN {} t ON t.ctid = f.place",
        kept.join(" + "),
        changed.join(" OR "),
        values.join(", "),
        quote(&stage.target.table),
    )
}

/// Whether a field of the row that is there was set by somebody else than this file: a person said so, or it is
/// not what this file said last time (where it has said nothing yet: it is not empty).
fn mine(stage: &Stage<'_>, name: &str) -> String {
    let (column, key) = (quote(name), literal(name));
    let default = stage.target.column(name).and_then(|column| column.default.as_deref());
    let empty = default.unwrap_or("NULL");
    format!(
        "(f.place IS NOT NULL AND ({key} = ANY(f.mine) OR CASE WHEN coalesce(f.said ? {key}, false)
            THEN to_jsonb(t.{column}) IS DISTINCT FROM nullif(f.said -> {key}, 'null')
            ELSE t.{column} IS NOT NULL AND t.{column} IS DISTINCT FROM {empty} END))"
    )
}

const COUNTS: &str = "
SELECT count(*) FILTER (WHERE place IS NULL) AS inserted, count(*) FILTER (WHERE changed) AS updated,
    count(*) FILTER (WHERE place IS NOT NULL AND NOT changed AND kept = 0) AS unchanged,
    count(*) FILTER (WHERE NOT changed AND kept > 0) AS kept, coalesce(sum(kept), 0) AS kept_fields
FROM seed_merged";

fn update(stage: &Stage<'_>) -> String {
    let set = stage.each(|name| format!("{name} = m.{name}")).join(", ");
    format!("UPDATE {} t SET {set} FROM seed_merged m WHERE t.ctid = m.place AND m.changed", quote(&stage.target.table))
}

fn insert(stage: &Stage<'_>) -> String {
    let names = stage.each(str::to_owned).join(", ");
    let table = quote(&stage.target.table);
    format!("INSERT INTO {table} ({names}) SELECT {names} FROM seed_merged WHERE place IS NULL ORDER BY seed_line")
}

/// Writes down what the file has said, for the next time.
fn remember(stage: &Stage<'_>, key: &[String], source: &str) -> String {
    let id = stage.target.id().map(|id| quote(&id.name)).unwrap_or_default();
    let (table, name) = (quote(&stage.target.table), literal(&stage.target.table));
    let said: Vec<_> = remembered(stage).iter().map(|name| format!("{}, s.{}", literal(name), quote(name))).collect();
    let fields: Vec<_> = stage
        .header
        .iter()
        .map(|name| format!("CASE WHEN given.{} IS NOT NULL THEN {} END", quote(name), literal(name)))
        .collect();
    let same: Vec<_> = key.iter().map(|name| format!("t.{0} = s.{0}", quote(name))).collect();
    format!(
        "INSERT INTO field_sources AS had (table_name, row_key, source, source_key, fields, said)
         SELECT {name}, coalesce(m.row_key, t.{id}::text), {}, {}, array_remove(ARRAY[{}], NULL), jsonb_build_object({})
         FROM seed_merged m JOIN seed_rows s USING (seed_line) JOIN seed_text given USING (seed_line)
         LEFT JOIN {table} t ON m.row_key IS NULL AND {}
         ON CONFLICT (table_name, source, source_key) DO UPDATE
         SET row_key = excluded.row_key, fields = excluded.fields, said = excluded.said, last_updated = now()
         WHERE (had.row_key, had.fields, had.said) IS DISTINCT FROM (excluded.row_key, excluded.fields, excluded.said)",
        literal(source),
        key_text("s", key),
        fields.join(", "),
        said.join(", "),
        same.join(" AND "),
    )
}

/// The file's columns, and those that triggers fill from them: a later file may name them itself.
fn remembered(stage: &Stage<'_>) -> Vec<String> {
    let mut names = stage.header.clone();
    let filled = stage.target.uniques.iter().filter(|unique| !unique.primary).flat_map(|unique| &unique.columns);
    names.extend(filled.filter(|name| !stage.header.contains(name)).cloned());
    names
}
