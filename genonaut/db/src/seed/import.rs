//! A file that somebody brings on the page: what it would change, and the import itself. Unlike those of a folder, such a
//! file is imported without the rows that have problems.

use std::path::Path;

use genonaut_sources::table::{Problem, Reader};
use serde_json::Value;
use sqlx::{Connection, PgConnection, PgPool};

use super::conflicts::{self, FieldConflict, PlannedRow};
use super::stage::Stage;
use super::target::Target;
use super::{Counts, FileWins, check, made_up, merge, no_key, source};
use crate::scans;

/// A file and how it is imported.
#[derive(Debug, Clone)]
pub struct Import<'a> {
    pub path: &'a Path,
    /// What it is called; its values are known as those of a file of this name.
    pub name: &'a str,
    pub table: &'a str,
    pub file_wins: FileWins,
}

/// The counts and refusals of a file.
#[derive(Debug, Default)]
pub struct Outcome {
    pub counts: Counts,
    /// What is wrong with rows that are left out, or with the whole file; in the order of the lines.
    pub problems: Vec<Problem>,
    /// Whether anything of the file can be imported.
    pub importable: bool,
}

/// What a file would change, some rows of it.
#[derive(Debug, Default)]
pub struct Preview {
    pub outcome: Outcome,
    /// The columns in which somebody's values differ from the file's, and how many do.
    pub conflicts: Vec<(String, i64)>,
    pub rows: Vec<RowChange>,
}

/// What a file has changed.
#[derive(Debug, Default)]
pub struct Imported {
    pub outcome: Outcome,
    /// The first fields in which somebody's value was kept.
    pub kept_list: Vec<FieldConflict>,
    /// The first in which it was not.
    pub overwritten_list: Vec<FieldConflict>,
}

/// A row that is new, changes, or keeps something that the file has otherwise.
#[derive(Debug, PartialEq)]
pub struct RowChange {
    pub line: i64,
    pub model: String,
    pub is_new: bool,
    pub fields: Vec<FieldChange>,
}

#[derive(Debug, PartialEq)]
pub struct FieldChange {
    /// Of an object a key, as `metadata.recommended_weight`.
    pub field: String,
    pub old: Value,
    /// What it becomes; where somebody's value is kept, what the file has.
    pub new: Value,
    pub is_kept: bool,
    /// Whether somebody has entered the old value.
    pub is_overwritten: bool,
}

/// With so many problems some are only counted, so nobody knows which rows are sound.
const TOO_MANY: usize = 1000;

/// Rows that are few enough to leave PostgreSQL's own housekeeping to itself.
const WORTH_SETTLING: i64 = 1000;

/// The tables that people import models into.
pub const TABLES: [&str; 2] = ["models_checkpoints", "models_loras"];

/// The one of [`TABLES`] whose columns a file has; `None` where both would do.
pub async fn fitting_table(db: &PgPool, path: &Path) -> sqlx::Result<Option<&'static str>> {
    let mut connection = db.acquire().await?;
    let mut fits = Vec::new();
    for table in TABLES {
        let target = Target::find(&mut connection, table).await?.ok_or(sqlx::Error::RowNotFound)?;
        let problems = Reader::open(path, target.readable()).map_or_else(|problems| problems, Reader::into_problems);
        fits.push((problems.len(), table));
    }
    fits.sort_unstable();
    Ok(Some(fits[0].1).filter(|_| fits[0].0 < fits[1].0))
}

/// What the file would change: `limit` of the changed rows, behind the first `offset`. Nothing stays.
pub async fn preview(db: &PgPool, import: &Import<'_>, limit: usize, offset: usize) -> sqlx::Result<Preview> {
    let mut connection = db.acquire().await?;
    let target = target(&mut connection, import).await?;
    let (mut reader, stage) = match opened(import, &target) {
        Ok(opened) => opened,
        Err(problems) => {
            return Ok(Preview { outcome: Outcome { problems, ..Outcome::default() }, ..Preview::default() });
        }
    };
    let Some(key) = target.key(&stage.header) else { return Ok(Preview::default()) };
    // A snapshot, so that nobody has to wait for somebody who only looks.
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
    stage.copy(&mut transaction, &mut reader, |_| ()).await?;
    let problems = planned(&mut transaction, &stage, reader, key, import.name).await?;
    let importable = problems.len() < TOO_MANY;
    let shown = "m.place IS NULL OR m.changed OR cardinality(m.kept_fields) > 0";
    let rows = conflicts::rows(&mut transaction, &stage, key, shown, limit, offset).await?;
    let preview = Preview {
        outcome: Outcome { counts: merge::counts(&mut transaction).await?, problems, importable },
        conflicts: conflicts::by_column(&mut transaction, &stage).await?,
        rows: rows.iter().map(|row| row_change(&stage, row)).collect(),
    };
    transaction.rollback().await?;
    Ok(preview)
}

/// Imports what is sound of the file, in one transaction.
pub async fn import(db: &PgPool, import: &Import<'_>) -> sqlx::Result<Imported> {
    let mut connection = db.acquire().await?;
    let target = target(&mut connection, import).await?;
    let (mut reader, stage) = match opened(import, &target) {
        Ok(opened) => opened,
        Err(problems) => {
            return Ok(Imported { outcome: Outcome { problems, ..Outcome::default() }, ..Imported::default() });
        }
    };
    let Some(key) = target.key(&stage.header) else { return Ok(Imported::default()) };
    let mut transaction = connection.begin().await?;
    stage.copy(&mut transaction, &mut reader, |_| ()).await?;
    merge::lock(&mut transaction, &stage).await?;
    let problems = planned(&mut transaction, &stage, reader, key, import.name).await?;
    if problems.len() >= TOO_MANY {
        return Ok(Imported { outcome: Outcome { problems, ..Outcome::default() }, ..Imported::default() });
    }
    let kept_list = conflicts::kept(&mut transaction, &stage, key).await?;
    let overwritten_list = conflicts::overwritten(&mut transaction, &stage, key).await?;
    let counts = merge::apply(&mut transaction, &stage, key, &source(import.name)).await?;
    scans::models_changed(&mut transaction).await?;
    transaction.commit().await?;
    if counts.inserted + counts.updated > WORTH_SETTLING {
        made_up::settle(&mut connection).await?;
    }
    Ok(Imported { outcome: Outcome { counts, problems, importable: true }, kept_list, overwritten_list })
}

async fn target(connection: &mut PgConnection, import: &Import<'_>) -> sqlx::Result<Target> {
    Target::find(connection, import.table).await?.ok_or(sqlx::Error::RowNotFound)
}

/// The file with its header read, or why nothing of it can be imported.
fn opened<'a>(import: &'a Import<'_>, target: &'a Target) -> Result<(Reader, Stage<'a>), Vec<Problem>> {
    let mut reader = Reader::open(import.path, target.readable())?;
    let stage = Stage { target, header: reader.header().to_vec(), file_wins: &import.file_wins };
    if !reader.header_is_sound() {
        reader.by_ref().for_each(drop);
        return Err(reader.into_problems());
    }
    if target.key(&stage.header).is_none() {
        return Err(vec![no_key(target)]);
    }
    Ok((reader, stage))
}

/// Plans the rows that were copied, without those that have problems.
async fn planned(
    connection: &mut PgConnection,
    stage: &Stage<'_>,
    reader: Reader,
    key: &[String],
    name: &str,
) -> sqlx::Result<Vec<Problem>> {
    let mut problems = reader.into_problems();
    problems.extend(stage.give_types(connection).await?);
    problems.extend(check::rules(connection, stage).await?);
    merge::plan(connection, stage, key, &source(name)).await?;
    problems.extend(check::trashed(connection, stage, key).await?);
    stage.leave_out(connection, &problems).await?;
    // A row that is left out holds on to what another one was to have.
    loop {
        let more = check::duplicates(connection, stage, key).await?;
        if more.is_empty() || problems.len() >= TOO_MANY {
            break;
        }
        stage.leave_out(connection, &more).await?;
        problems.extend(more);
    }
    problems.sort_by_key(|problem| (problem.line, problem.field));
    Ok(problems)
}

fn row_change(stage: &Stage<'_>, row: &PlannedRow) -> RowChange {
    let names = stage.header.iter().flat_map(|name| fields(stage, row, name));
    let fields = names.filter_map(|field| field_change(stage, row, field)).collect();
    RowChange { line: row.line, model: row.label(), is_new: row.is_new, fields }
}

/// A column, or the keys that it has, had or could have.
fn fields(stage: &Stage<'_>, row: &PlannedRow, name: &str) -> Vec<String> {
    if !stage.target.is_object(name) {
        return vec![name.to_owned()];
    }
    let objects = [row.current(), &row.planned, &row.given].map(|row| row[name].as_object());
    let mut keys: Vec<_> = objects.into_iter().flatten().flat_map(|object| object.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(|key| format!("{name}.{key}")).collect()
}

fn field_change(stage: &Stage<'_>, row: &PlannedRow, field: String) -> Option<FieldChange> {
    let (old, new) = (conflicts::value(stage, row.current(), &field), conflicts::value(stage, &row.planned, &field));
    let (is_kept, is_overwritten) = (row.kept_fields.contains(&field), row.overwritten.contains(&field));
    let new = if is_kept { conflicts::value(stage, &row.given, &field) } else { new };
    let is_same = old == new || (is_empty(&old) && is_empty(&new));
    (!is_same).then_some(FieldChange { field, old, new, is_kept, is_overwritten })
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        _ => false,
    }
}
