//! Writes the next migration from the difference between the declarations and the migrations so far.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, raw_sql};

use super::diff::{Step, diff};
use super::scratch::Scratch;
use super::snapshot::Snapshot;
use super::{checksums, declared};

/// What to prepare, and how.
#[derive(Debug, Clone)]
pub struct PrepareRequest {
    /// The folder of the migrations.
    pub folder: PathBuf,
    /// What the migration is called; `change` unless given.
    pub name: Option<String>,
    /// Whether steps may destroy data.
    pub allow_loss: bool,
    pub renames: Vec<Rename>,
}

/// A column that has a new name, which the difference alone would show as dropped and added.
#[derive(Debug, Clone, PartialEq)]
pub struct Rename {
    pub table: String,
    pub old: String,
    pub new: String,
}

impl std::str::FromStr for Rename {
    type Err = anyhow::Error;

    /// `table.old:new`
    fn from_str(text: &str) -> anyhow::Result<Self> {
        let parts = text.split_once('.').and_then(|(table, names)| Some((table, names.split_once(':')?)));
        let (table, (old, new)) = parts.context("write a rename as table.old:new")?;
        let plain = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        ensure!([table, old, new].into_iter().all(plain), "names can contain lower-case letters, digits and _");
        Ok(Self { table: table.to_owned(), old: old.to_owned(), new: new.to_owned() })
    }
}

/// What came of it.
#[derive(Debug, PartialEq)]
pub enum Prepared {
    /// The migrations already make what is declared.
    Nothing,
    /// A new file, and the statements in it.
    Written { file: PathBuf, statements: Vec<String> },
}

/// Compares in two scratch databases on the server that `options` lead to.
///
/// # Errors
/// When a migration has been changed after it was made, a step would destroy data without `allow_loss`, or the written
/// steps would not make what is declared.
pub async fn prepare(options: &PgConnectOptions, request: &PrepareRequest) -> anyhow::Result<Prepared> {
    checksums::verify(&request.folder)?;
    let mut replayed = Scratch::create(options).await?;
    let mut declared = Scratch::create(options).await?;
    let prepared = compare(&mut replayed.connection, &mut declared.connection, request).await;
    replayed.drop().await?;
    declared.drop().await?;
    prepared
}

async fn compare(
    replayed: &mut PgConnection,
    declared: &mut PgConnection,
    request: &PrepareRequest,
) -> anyhow::Result<Prepared> {
    let migrator = Migrator::new(request.folder.as_path()).await.context("failed to read the existing migrations")?;
    migrator.run_direct(None, replayed, false).await.context("failed to replay the existing migrations")?;
    declared::create(declared).await.context("failed to create the declared schema")?;
    let target = Snapshot::take(declared).await?;
    let steps = steps(replayed, &target, request).await?;
    if steps.is_empty() {
        return Ok(Prepared::Nothing);
    }
    refuse_loss(&steps, request.allow_loss)?;
    let left = diff(&Snapshot::take(replayed).await?, &target);
    ensure!(left.is_empty(), "the steps would leave a difference; this is a bug of the comparison: {left:#?}");
    let last = migrator.iter().map(|migration| migration.version).max().unwrap_or(0);
    write(&request.folder, last + 1, request.name.as_deref(), &steps)
}

/// The steps, already run on the replayed side.
async fn steps(replayed: &mut PgConnection, target: &Snapshot, request: &PrepareRequest) -> anyhow::Result<Vec<Step>> {
    let mut steps = Vec::new();
    for Rename { table, old, new } in &request.renames {
        steps.push(Step { sql: format!("ALTER TABLE {table} RENAME COLUMN {old} TO {new}"), loses: None });
    }
    run(replayed, &steps).await?;
    let changes = diff(&Snapshot::take(replayed).await?, target);
    run(replayed, &changes).await?;
    steps.extend(changes);
    Ok(steps)
}

async fn run(connection: &mut PgConnection, steps: &[Step]) -> anyhow::Result<()> {
    raw_sql("SET check_function_bodies = off").execute(&mut *connection).await?;
    for step in steps {
        let done = raw_sql(AssertSqlSafe(step.sql.as_str())).execute(&mut *connection).await;
        done.with_context(|| format!("failed to apply the step {}", step.sql))?;
    }
    Ok(())
}

fn refuse_loss(steps: &[Step], allowed: bool) -> anyhow::Result<()> {
    let losses: Vec<_> = steps.iter().filter_map(|step| step.loses.as_deref()).collect();
    if losses.is_empty() || allowed {
        return Ok(());
    }
    bail!(
        "this would destroy {}; pass --rename table.old:new if a column was renamed, or --allow-loss to accept the loss",
        losses.join(", ")
    )
}

fn write(folder: &Path, version: i64, name: Option<&str>, steps: &[Step]) -> anyhow::Result<Prepared> {
    let name = name.unwrap_or(if version == 1 { "models" } else { "change" });
    ensure!(
        name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
        "a migration name can contain letters, digits and _"
    );
    let name = format!("{version:04}_{name}.sql");
    let file = folder.join(&name);
    let statements: Vec<_> = steps.iter().map(|step| step.sql.clone()).collect();
    let head = "-- Generated by `genonaut db prepare` from the declared models. Never edited by hand.\n";
    let body = statements.iter().map(|sql| format!("\n{sql};\n")).collect::<String>();
    let text = format!("{head}SET LOCAL check_function_bodies = off;\n{body}");
    std::fs::write(&file, text).with_context(|| format!("failed to write {}", file.display()))?;
    checksums::record(folder, &name)?;
    Ok(Prepared::Written { file, statements })
}
