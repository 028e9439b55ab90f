//! Brings staged rows into their table. A field is taken from the file only where the table still holds what
//! the same file said last time; anything else was put there by somebody and stays. What a file only repeats of other
//! sources, as an export does, it does not claim: the field goes on following them.

mod columns;
mod overwrite;

use sqlx::{AssertSqlSafe, PgConnection};

use super::stage::{FileWins, Stage, quote, run};
use crate::sources::{PERSON, SCAN};

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
    /// Single fields that somebody has edited and that have the file's value all the same.
    pub overwritten_fields: i64,
}

/// Keeps everybody else from writing until the transaction ends, so that a row's place (ctid) stays what it is.
pub(super) async fn lock(connection: &mut PgConnection, stage: &Stage<'_>) -> sqlx::Result<()> {
    run(connection, format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", quote(&stage.target.table))).await
}

/// Decides for every row which row of the table it is, and what of it is taken. The rows of the table must stay what
/// they are meanwhile: by [`lock`], or in a transaction that reads a snapshot.
pub(super) async fn plan(
    connection: &mut PgConnection,
    stage: &Stage<'_>,
    key: &[String],
    source: &str,
) -> sqlx::Result<()> {
    let sql = format!("{}; ANALYZE seed_found", found(stage, key, source));
    run(connection, sql).await?;
    run(connection, format!("{}; ANALYZE seed_merged", columns::merged(stage))).await
}

/// Takes out the rows that somebody has deleted since this file was seeded: those in the trash, and those that would be
/// inserted again because they were deleted for good. Where the file wins, they stay. Returns how many were taken out.
pub(super) async fn leave_out_deleted(
    connection: &mut PgConnection,
    stage: &Stage<'_>,
    key: &[String],
    source: &str,
) -> sqlx::Result<u64> {
    if *stage.file_wins == FileWins::Everywhere {
        return Ok(0);
    }
    let mut sql = format!(
        "SELECT s.seed_line FROM seed_rows s JOIN seed_merged m USING (seed_line) JOIN deleted_seeds d
            ON d.table_name = {} AND d.source = {} AND d.source_key = {} WHERE m.place IS NULL",
        literal(&stage.target.table),
        literal(source),
        key_text("s", key),
    );
    if stage.target.has_trash {
        let table = quote(&stage.target.table);
        sql += &format!(
            " UNION ALL SELECT m.seed_line FROM seed_merged m JOIN {table} t ON t.ctid = m.place
                WHERE t.deleted_at IS NOT NULL"
        );
    }
    let lines: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut *connection).await?;
    stage.leave_out_lines(connection, &lines).await?;
    Ok(lines.len() as u64)
}

/// Takes the rows of a file that wins out of the trash, once it is applied.
pub(super) async fn restore(connection: &mut PgConnection, stage: &Stage<'_>) -> sqlx::Result<()> {
    let Some(id) = stage.target.id().filter(|_| stage.target.has_trash) else { return Ok(()) };
    if *stage.file_wins != FileWins::Everywhere {
        return Ok(());
    }
    let (table, kind, id) = (quote(&stage.target.table), &id.kind, quote(&id.name));
    let restored = format!(
        "UPDATE {table} t SET deleted_at = NULL FROM seed_found f
         WHERE t.{id} = f.row_key::{kind} AND t.deleted_at IS NOT NULL"
    );
    run(connection, restored).await
}

/// What [`apply`] will come to.
pub(super) async fn counts(connection: &mut PgConnection) -> sqlx::Result<Counts> {
    sqlx::query_as(COUNTS).fetch_one(connection).await
}

/// Writes what was planned.
pub(super) async fn apply(
    connection: &mut PgConnection,
    stage: &Stage<'_>,
    key: &[String],
    source: &str,
) -> sqlx::Result<Counts> {
    let counts = counts(connection).await?;
    if counts.overwritten_fields > 0 {
        run(connection, overwrite::forget_person(stage)).await?;
    }
    if let Some(park) = park(stage) {
        run(connection, park).await?;
    }
    run(connection, update(stage)).await?;
    run(connection, insert(stage)).await?;
    if stage.target.id().is_some() {
        run(connection, remember(stage, key, source)).await?;
    }
    if source == SCAN {
        run(connection, release(stage)).await?;
    }
    Ok(counts)
}

/// How a file's row is called in `field_sources`.
pub(super) fn key_text(alias: &str, key: &[String]) -> String {
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

/// Finds a row by what this source called it before, else by the key; and a model's row that only a scan has made, by
/// its filename: the file is the same. Beside it stand the fields that this source claimed the last time, and what others
/// say of the row: the fields that whoever outranks this source holds, what all but people have said, the most believed
/// first, and what people have said too.
fn found(stage: &Stage<'_>, key: &[String], source: &str) -> String {
    let (table, name) = (quote(&stage.target.table), literal(&stage.target.table));
    let same: Vec<_> = key.iter().map(|name| format!("by_key.{0} = s.{0}", quote(name))).collect();
    let (by_key, called, this) = (same.join(" AND "), key_text("s", key), literal(source));
    let head = "CREATE TEMP TABLE seed_found ON COMMIT DROP AS SELECT s.seed_line";
    let Some(id) = stage.target.id() else {
        return format!(
            "{head}, by_key.ctid AS place, NULL::text AS row_key, NULL::jsonb AS said, NULL::text[] AS claimed,
                '{{}}'::text[] AS held, NULL::jsonb[] AS others, NULL::jsonb[] AS everyone
            FROM seed_rows s LEFT JOIN {table} by_key ON {by_key}"
        );
    };
    let (id, kind) = (quote(&id.name), &id.kind);
    let scanned = match stage.target.table.starts_with("models_") && source != SCAN {
        true => format!(
            "SELECT m.ctid, m.{id} FROM {table} m WHERE m.filename = s.filename AND by_name.{id} IS NULL AND by_key.{id} IS NULL
                AND (SELECT array_agg(w.source) FROM field_sources w WHERE w.table_name = {name} AND w.row_key = m.{id}::text
                    AND w.source <> '{PERSON}') = '{{{SCAN}}}'"
        ),
        false => format!("SELECT NULL::tid AS ctid, NULL::{kind} AS {id}"),
    };
    let outranks = if source == SCAN { "w.source <> 'scan'" } else { "w.source = 'person'" };
    format!(
        "{head}, row.place, row.key AS row_key, CASE WHEN by_name.{id} IS NOT NULL THEN f.said END AS said,
            CASE WHEN by_name.{id} IS NOT NULL AND f.source <> '{SCAN}' THEN ARRAY(SELECT said_fields(f.fields, f.said)) END AS claimed,
            coalesce(words.held, '{{}}') AS held, words.others, words.everyone
         FROM seed_rows s
         LEFT JOIN field_sources f ON f.table_name = {name} AND f.source = {this} AND f.source_key = {called}
         LEFT JOIN {table} by_name ON by_name.{id} = f.row_key::{kind}
         LEFT JOIN {table} by_key ON {by_key}
         LEFT JOIN LATERAL ({scanned}) by_file ON true
         CROSS JOIN LATERAL (SELECT coalesce(by_name.ctid, by_key.ctid, by_file.ctid) AS place,
            coalesce(by_name.{id}, by_key.{id}, by_file.{id})::text AS key) row
         LEFT JOIN LATERAL (
            SELECT array_agg(w.said ORDER BY w.source = '{SCAN}', w.last_updated DESC) FILTER (WHERE w.source <> '{PERSON}') AS others,
                array_agg(w.said) AS everyone,
                (SELECT array_agg(field) FROM field_sources w CROSS JOIN LATERAL said_fields(w.fields, w.said) field
                    WHERE w.table_name = {name} AND w.row_key = row.key AND w.source <> {this} AND {outranks}) AS held
            FROM field_sources w WHERE w.table_name = {name} AND w.row_key = row.key AND w.source <> {this}
         ) words ON row.key IS NOT NULL"
    )
}

/// Whether a source claims a value: it did so the last time, or nobody else says the same.
fn claims(field: &str, before: &str, theirs: &str, value: &str) -> String {
    format!(
        "CASE WHEN f.claimed IS NOT NULL AND {before} = {value} THEN {field} = ANY(f.claimed)
            ELSE NOT EXISTS (SELECT FROM unnest(f.everyone) o WHERE {theirs} = {value}) END"
    )
}

const COUNTS: &str = "
SELECT count(*) FILTER (WHERE place IS NULL) AS inserted, count(*) FILTER (WHERE changed) AS updated,
    count(*) FILTER (WHERE place IS NOT NULL AND NOT changed AND cardinality(kept_fields) = 0) AS unchanged,
    count(*) FILTER (WHERE NOT changed AND cardinality(kept_fields) > 0) AS kept,
    coalesce(sum(cardinality(kept_fields)), 0) AS kept_fields, coalesce(sum(cardinality(overwritten)), 0) AS overwritten_fields
FROM seed_merged";

fn update(stage: &Stage<'_>) -> String {
    let set = stage.each(|name| format!("{name} = m.{name}")).join(", ");
    format!("UPDATE {} t SET {set} FROM seed_merged m WHERE t.ctid = m.place AND m.changed", quote(&stage.target.table))
}

/// Takes texts that are one row's alone from rows that will have others, where one of the new rows waits for them: two
/// rows can change their names.
fn park(stage: &Stage<'_>) -> Option<String> {
    let id = quote(&stage.target.id()?.name);
    let is_text = |name: &&String| stage.target.column(name).is_some_and(|column| column.kind == "text");
    let uniques = stage.target.uniques.iter().filter(|unique| !unique.primary && unique.columns.len() == 1);
    let names: Vec<_> = uniques
        .map(|unique| &unique.columns[0])
        .filter(is_text)
        .filter(|name| stage.header.contains(name))
        .map(|name| quote(name))
        .collect();
    let each = |sql: fn(&str, &str) -> String| names.iter().map(|name| sql(name, &id)).collect::<Vec<_>>();
    let set = each(|name, id| {
        format!("{name} = CASE WHEN m.{name} IS DISTINCT FROM t.{name} THEN 'parked ' || t.{id} ELSE t.{name} END")
    });
    let waited_for = each(|name, _| {
        format!(
            "(m.{name} IS DISTINCT FROM t.{name} AND EXISTS (SELECT FROM seed_merged o
                    WHERE o.{name} = t.{name} AND o.place IS DISTINCT FROM t.ctid))"
        )
    });
    (!names.is_empty()).then(|| {
        format!(
            "WITH parked AS (UPDATE {} t SET {} FROM seed_merged m WHERE t.ctid = m.place AND m.changed AND ({})
                RETURNING m.seed_line, t.ctid AS place)
             UPDATE seed_merged m SET place = parked.place FROM parked WHERE parked.seed_line = m.seed_line",
            quote(&stage.target.table),
            set.join(", "),
            waited_for.join(" OR "),
        )
    })
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
    let fields: Vec<_> = stage.header.iter().map(|name| claimed(stage, name, source)).collect();
    let same: Vec<_> = key.iter().map(|name| format!("t.{0} = s.{0}", quote(name))).collect();
    format!(
        "INSERT INTO field_sources AS had (table_name, row_key, source, source_key, fields, said)
         SELECT {name}, coalesce(m.row_key, t.{id}::text), {}, {}, {}, jsonb_build_object({})
         FROM seed_merged m JOIN seed_rows s USING (seed_line) JOIN seed_text given USING (seed_line)
         JOIN seed_found f USING (seed_line)
         LEFT JOIN {table} t ON m.row_key IS NULL AND {}
         ON CONFLICT (table_name, source, source_key) DO UPDATE
         SET row_key = excluded.row_key, fields = excluded.fields, said = excluded.said, last_updated = now()
         WHERE (had.row_key, had.fields, had.said) IS DISTINCT FROM (excluded.row_key, excluded.fields, excluded.said)",
        literal(source),
        key_text("s", key),
        fields.join(" || "),
        said.join(", "),
        same.join(" AND "),
    )
}

/// Takes back what seed files claim and a scan says just so, whichever came first: the fields go on following the model's own
/// files.
fn release(stage: &Stage<'_>) -> String {
    let at = |said: &str| {
        format!(
            "CASE position('.' IN field) WHEN 0 THEN {said} -> field
                ELSE {said} -> split_part(field, '.', 1) -> substr(field, position('.' IN field) + 1) END"
        )
    };
    let (table, theirs, scanned) = (literal(&stage.target.table), at("w.said"), at("scan.said"));
    format!(
        "UPDATE field_sources w SET fields = own.fields FROM (
            SELECT w.id, ARRAY(SELECT field FROM said_fields(w.fields, w.said) field
                WHERE {theirs} IS DISTINCT FROM {scanned}) AS fields
            FROM seed_found f
            JOIN field_sources scan ON scan.table_name = {table} AND scan.source = '{SCAN}' AND scan.row_key = f.row_key
            JOIN field_sources w ON w.table_name = {table} AND w.row_key = f.row_key AND w.source NOT IN ('{SCAN}', '{PERSON}')
         ) own
         WHERE w.id = own.id AND cardinality(own.fields) < cardinality(ARRAY(SELECT said_fields(w.fields, w.said)))"
    )
}

/// The names of the fields of a column that a source claims: the column, or those of its keys. What it has overwritten it
/// claims even where it only repeats another source.
fn claimed(stage: &Stage<'_>, name: &str, source: &str) -> String {
    let (column, key, dotted) = (quote(name), literal(name), literal(&format!("{name}.")));
    let given = format!("given.{column} IS NOT NULL");
    // Nobody else speaks for what a scan has read: it is its own.
    if source == SCAN {
        return format!("array_remove(ARRAY[CASE WHEN {given} THEN {key} END], NULL)");
    }
    if stage.target.is_object(name) {
        let of_key = |object: &str| format!("{object} -> {key} -> e.key");
        let claims = claims(&format!("{dotted} || e.key"), &of_key("f.said"), &of_key("o"), "e.value");
        return format!(
            "CASE WHEN {given} THEN ARRAY(SELECT {dotted} || e.key FROM jsonb_each(s.{column}) e
                WHERE {claims} OR {dotted} || e.key = ANY(m.overwritten)) ELSE '{{}}' END"
        );
    }
    let claims = claims(&key, &format!("f.said -> {key}"), &format!("o -> {key}"), &format!("to_jsonb(s.{column})"));
    format!("array_remove(ARRAY[CASE WHEN {given} AND ({claims} OR {key} = ANY(m.overwritten)) THEN {key} END], NULL)")
}

/// The file's columns, and those that triggers fill from them: a later file may name them itself.
fn remembered(stage: &Stage<'_>) -> Vec<String> {
    let mut names = stage.header.clone();
    let filled = stage.target.uniques.iter().filter(|unique| !unique.primary).flat_map(|unique| &unique.columns);
    names.extend(filled.filter(|name| !stage.header.contains(name)).cloned());
    names
}
