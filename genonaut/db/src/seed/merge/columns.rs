//! What becomes of each field of a file's rows: its value, and whether somebody's own was kept or overwritten.

use super::literal;
use crate::seed::stage::{Stage, quote};

/// The rows as they will be, and which fields of each were kept or overwritten.
pub(super) fn merged(stage: &Stage<'_>) -> String {
    let columns: Vec<_> = stage.header.iter().enumerate().map(|(at, name)| planned(stage, at, name)).collect();
    let each = |part: fn(&Planned) -> &String| columns.iter().map(part).cloned().collect::<Vec<_>>();
    let lists = |part: fn(&Planned) -> &String| [vec!["'{}'::text[]".to_owned()], each(part)].concat().join(" || ");
    format!(
        "CREATE TEMP TABLE seed_merged ON COMMIT DROP AS
         SELECT seed_line, place, row_key, {} AS kept_fields, {} AS overwritten, false OR {} AS changed, {} FROM (
            SELECT s.seed_line, f.place, f.row_key, {}
            FROM seed_rows s JOIN seed_found f USING (seed_line) JOIN seed_text given USING (seed_line)
            LEFT JOIN {} t ON t.ctid = f.place OFFSET 0
         ) each_row",
        lists(|column| &column.kept),
        lists(|column| &column.overwritten),
        each(|column| &column.changed).join(" OR "),
        each(|column| &column.value).join(", "),
        each(|column| &column.inner).join(", "),
        quote(&stage.target.table),
    )
}

/// SQL for one column of the file.
struct Planned {
    /// What the inner query computes: the table's value, ours, the file's and what the rest needs.
    inner: String,
    value: String,
    changed: String,
    /// Names of fields, as an array.
    kept: String,
    overwritten: String,
}

const NONE: &str = "'{}'::text[]";

fn planned(stage: &Stage<'_>, at: usize, name: &str) -> Planned {
    match stage.target.is_object(name) {
        true => object(stage, at, name),
        false => scalar(stage, at, name),
    }
}

fn scalar(stage: &Stage<'_>, at: usize, name: &str) -> Planned {
    let (column, key) = (quote(name), literal(name));
    let (mine, repeated) = (mine(stage, name), repeated(&key, &format!("to_jsonb(s.{column})")));
    let given = format!("given.{column} IS NOT NULL");
    let stays = format!("({mine} OR ({given} AND {repeated}))");
    let next = next(stage, name);
    let file_wins = stage.file_wins_in(name);
    // Cells that are empty overwrite nothing.
    let first = if file_wins { format!("WHEN {given} THEN s.{column}") } else { String::new() };
    let inner = format!(
        "t.{column} AS t{at}, s.{column} AS s{at}, {given} AS g{at}, {mine} AS m{at}, {repeated} AS r{at},
            CASE {first} WHEN {stays} THEN t.{column} WHEN {given} OR f.others IS NULL THEN s.{column}
                ELSE coalesce({next}, s.{column}) END AS v{at}"
    );
    let named = |claim: String| {
        format!(
            "CASE WHEN place IS NOT NULL AND g{at} AND {claim} AND t{at} IS DISTINCT FROM s{at} THEN ARRAY[{key}] ELSE {NONE} END"
        )
    };
    Planned {
        inner,
        value: format!("v{at} AS {column}"),
        changed: format!("(place IS NOT NULL AND v{at} IS DISTINCT FROM t{at})"),
        kept: if file_wins { NONE.to_owned() } else { named(format!("m{at}")) },
        overwritten: if file_wins { named(format!("(m{at} OR r{at})")) } else { NONE.to_owned() },
    }
}

/// What a source does not say, the next one does.
fn next(stage: &Stage<'_>, name: &str) -> String {
    let (column, table, key) = (quote(name), quote(&stage.target.table), literal(name));
    format!(
        "(SELECT (jsonb_populate_record(NULL::{table}, o)).{column} FROM unnest(f.others) WITH ORDINALITY ranked (o, rank)
            WHERE nullif(nullif(o -> {key}, 'null'), '[]') IS NOT NULL ORDER BY rank LIMIT 1)"
    )
}

/// An object is merged key by key; a new row's is the file's.
fn object(stage: &Stage<'_>, at: usize, name: &str) -> Planned {
    let (column, key, dotted) = (quote(name), literal(name), literal(&format!("{name}.")));
    let repeated = repeated_keys(name);
    let merged = format!("merge_said({key}, t.{column}, f.said -> {key}, s.{column}, f.held || {repeated}, f.others)");
    let inner = format!(
        "t.{column} AS t{at}, s.{column} AS s{at}, {repeated} AS r{at},
            CASE WHEN f.place IS NULL THEN s.{column} ELSE {merged} END AS v{at}"
    );
    // The keys of the file that would have another value than the file's.
    let named = |but: &str| {
        format!(
            "CASE WHEN place IS NULL THEN {NONE} ELSE ARRAY(SELECT {dotted} || e.key FROM jsonb_each(s{at}) e
                WHERE v{at} -> e.key IS DISTINCT FROM e.value {but}) END"
        )
    };
    let file_wins = stage.file_wins_in(name);
    let value = if file_wins { format!("(v{at} || coalesce(s{at}, '{{}}'))") } else { format!("v{at}") };
    Planned {
        inner,
        changed: format!("(place IS NOT NULL AND {value} IS DISTINCT FROM t{at})"),
        value: format!("{value} AS {column}"),
        kept: match file_wins {
            true => NONE.to_owned(),
            false => named(&format!("AND NOT {dotted} || e.key = ANY(r{at})")),
        },
        overwritten: if file_wins { named("") } else { NONE.to_owned() },
    }
}

/// Whether this source says of a field what it said the last time without claiming it.
fn repeated(field: &str, value: &str) -> String {
    format!("(f.claimed IS NOT NULL AND NOT {field} = ANY(f.claimed) AND f.said -> {field} = {value})")
}

/// The keys of an object, as `column.key`, of which the same is true.
fn repeated_keys(name: &str) -> String {
    let (column, key, dotted) = (quote(name), literal(name), literal(&format!("{name}.")));
    format!(
        "ARRAY(SELECT {dotted} || e.key FROM jsonb_each(s.{column}) e WHERE f.claimed IS NOT NULL
            AND NOT {dotted} || e.key = ANY(f.claimed) AND f.said -> {key} -> e.key = e.value)"
    )
}

/// Whether a field of the row that is there was set by somebody else than a source: who outranks this one said so, or
/// it is neither what this one said last time (where it has said nothing yet: not empty) nor what any other says.
fn mine(stage: &Stage<'_>, name: &str) -> String {
    let (column, key) = (quote(name), literal(name));
    let default = stage.target.column(name).and_then(|column| column.default.as_deref());
    let empty = default.unwrap_or("NULL");
    format!(
        "(f.place IS NOT NULL AND ({key} = ANY(f.held) OR CASE WHEN coalesce(f.said ? {key}, false)
            THEN to_jsonb(t.{column}) IS DISTINCT FROM nullif(f.said -> {key}, 'null')
            ELSE t.{column} IS NOT NULL AND t.{column} IS DISTINCT FROM {empty} END
            AND (f.others IS NULL OR NOT EXISTS (SELECT FROM unnest(f.others) o WHERE o -> {key} = to_jsonb(t.{column})))))"
    )
}
