//! Seeding: every CSV or TSV file of a folder that is named like a table, then made-up models.

mod check;
mod conflicts;
mod import;
mod made_up;
mod merge;
mod stage;
mod target;

use std::path::{Path, PathBuf};

use anyhow::Context;
use genonaut_sources::table::{self, Problem};
use serde::Serialize;
use sqlx::{Connection, PgConnection, PgPool};

pub use conflicts::FieldConflict;
pub(crate) use genonaut_sources::table::Row as TextRow;
pub use import::{FieldChange, Import, Imported, Outcome, Preview, RowChange, TABLES, fitting_table, import, preview};
pub use made_up::{add_synthetic, remove_synthetic};
pub use merge::Counts;
pub use stage::FileWins;
use stage::Stage;
use target::Target;

use crate::{examples, scans};

/// What a folder of seed files came to.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub files: Vec<FileReport>,
    /// Files that are named like no table, or are no CSV or TSV.
    pub strangers: Vec<String>,
}

impl Report {
    /// Whether every file that has a table was applied.
    pub fn is_sound(&self) -> bool {
        self.files.iter().all(|file| file.problems.is_empty())
    }
}

/// What one file came to. Either it has problems, or all of it is applied.
#[derive(Debug, Default, Serialize)]
pub struct FileReport {
    pub file: String,
    pub table: String,
    #[serde(flatten)]
    pub counts: Counts,
    /// Rows that were left out because somebody has deleted them.
    pub deleted: u64,
    /// The first of the fields in which a value that somebody entered was kept.
    pub kept_list: Vec<FieldConflict>,
    /// The first of those in which it was not.
    pub overwritten_list: Vec<FieldConflict>,
    /// In the order of the file's lines.
    pub problems: Vec<Problem>,
}

/// How files are applied.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Nothing stays.
    pub dry_run: bool,
    pub file_wins: FileWins,
}

/// How far the reading of a file is.
#[derive(Debug, Clone)]
pub struct Progress {
    pub file: String,
    pub rows: u64,
}

/// Rows that are few enough to leave PostgreSQL's own housekeeping to itself.
const WORTH_SETTLING: i64 = 1000;

/// Seeds from every file of `folder`, and keeps what people have entered; with `dry_run` nothing stays.
///
/// # Errors
/// When the folder cannot be read or the database fails; what is wrong inside a file is in the report.
pub async fn static_files(
    db: &PgPool,
    folder: &Path,
    dry_run: bool,
    progress: impl FnMut(Progress),
) -> anyhow::Result<Report> {
    from_folder(db, folder, &Options { dry_run, ..Options::default() }, progress).await
}

/// Seeds from every file of `folder`. A file is one transaction.
///
/// # Errors
/// As [`static_files`].
pub async fn from_folder(
    db: &PgPool,
    folder: &Path,
    options: &Options,
    mut progress: impl FnMut(Progress),
) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let mut connection = db.acquire().await?;
    for path in listed(folder)? {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let target = match table::table_name(&path) {
            Some(name) => Target::find(&mut connection, name).await?,
            None => None,
        };
        match target {
            Some(target) => {
                let seeded = seed(&mut connection, &path, &file, &target, options, &mut progress).await;
                report.files.push(seeded.with_context(|| format!("failed to seed from {}", path.display()))?);
            }
            None => report.strangers.push(file),
        }
    }
    let written: i64 = report.files.iter().map(|file| file.counts.inserted + file.counts.updated).sum();
    if written > WORTH_SETTLING && !options.dry_run {
        made_up::settle(&mut connection).await?;
    }
    Ok(report)
}

/// By name, so that every run does the same.
fn listed(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("failed to read the folder {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

async fn seed(
    connection: &mut PgConnection,
    path: &Path,
    file: &str,
    target: &Target,
    options: &Options,
    progress: &mut impl FnMut(Progress),
) -> anyhow::Result<FileReport> {
    let mut report = FileReport { file: file.to_owned(), table: target.table.clone(), ..FileReport::default() };
    let mut reader = match table::Reader::open(path, target.readable()) {
        Ok(reader) => reader,
        Err(problems) => return Ok(FileReport { problems, ..report }),
    };
    let stage = Stage { target, header: reader.header().to_vec(), file_wins: &options.file_wins };
    if !reader.header_is_sound() {
        reader.by_ref().for_each(drop);
        return Ok(FileReport { problems: reader.into_problems(), ..report });
    }
    let Some(key) = target.key(&stage.header) else {
        report.problems.push(no_key(target));
        return Ok(report);
    };
    let source = source(file);
    let mut transaction = connection.begin().await?;
    let told = |rows| progress(Progress { file: file.to_owned(), rows });
    stage.copy(&mut transaction, &mut reader, told).await?;
    report.problems = reader.into_problems();
    report.problems.extend(stage.give_types(&mut transaction).await?);
    report.problems.extend(check::rules(&mut transaction, &stage).await?);
    merge::lock(&mut transaction, &stage).await?;
    merge::plan(&mut transaction, &stage, key, &source).await?;
    report.deleted = merge::leave_out_deleted(&mut transaction, &stage, key, &source).await?;
    report.problems.extend(check::duplicates(&mut transaction, &stage, key).await?);
    report.problems.sort_by_key(|problem| (problem.line, problem.field));
    if report.problems.is_empty() {
        report.kept_list = conflicts::kept(&mut transaction, &stage, key).await?;
        report.overwritten_list = conflicts::overwritten(&mut transaction, &stage, key).await?;
        report.counts = merge::apply(&mut transaction, &stage, key, &source).await?;
        merge::restore(&mut transaction, &stage).await?;
        examples::mark(&mut transaction, &target.table, &source).await?;
        scans::models_changed(&mut transaction).await?;
    }
    match options.dry_run || !report.problems.is_empty() {
        true => transaction.rollback().await?,
        false => transaction.commit().await?,
    }
    Ok(report)
}

/// The name of a file in `field_sources`.
fn source(file: &str) -> String {
    format!("file:{file}")
}

/// Merges rows that a scan has read, as a file's rows are merged. Those that break a rule of the table are left out;
/// what is wrong with them is returned, by their lines.
pub(crate) async fn merge_scanned(
    connection: &mut PgConnection,
    table: &str,
    header: &[&str],
    rows: Vec<TextRow>,
    source: &str,
) -> sqlx::Result<(Counts, Vec<Problem>)> {
    let target = Target::find(&mut *connection, table).await?.ok_or(sqlx::Error::RowNotFound)?;
    let header = header.iter().map(|name| (*name).to_owned()).collect();
    let stage = Stage { target: &target, header, file_wins: &FileWins::Nowhere };
    let key = ["id".to_owned()];
    stage.copy(connection, rows.into_iter(), |_| ()).await?;
    let mut problems = stage.give_types(connection).await?;
    problems.extend(check::rules(connection, &stage).await?);
    merge::lock(connection, &stage).await?;
    merge::plan(connection, &stage, &key, source).await?;
    problems.extend(check::duplicates(connection, &stage, &key).await?);
    stage.leave_out(connection, &problems).await?;
    let counts = merge::apply(connection, &stage, &key, source).await?;
    // Both tables of models are merged in one transaction.
    stage::run(connection, "DROP TABLE seed_text, seed_rows, seed_found, seed_merged".to_owned()).await?;
    Ok((counts, problems))
}

fn no_key(target: &Target) -> Problem {
    let keys: Vec<_> = target.uniques.iter().map(|unique| unique.columns.join(" and ")).collect();
    let reason = format!("no column identifies the row of {}", target.table);
    Problem::at(1, "", None, "", &reason, Some(format!("add a column for {}", keys.join(", or for "))))
}
