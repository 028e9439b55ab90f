//! What a scan has read → files and models, a batch of folders in one transaction: all of it or nothing, so that a scan
//! that is killed has done what it has done and goes on from there.

mod adopt;
mod assign_names;
mod candidates;
mod content;
mod displace;
mod match_files;
mod persist;
mod place_batch;
mod primary_file;
mod rows;

use std::collections::{BTreeMap, HashMap};

use genonaut_sources::entry::{Part, Table};
use serde_json::{Map, Value};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::missing;
use crate::checkpoint::Checkpoint;
use crate::examples;
use crate::lora::Lora;
use crate::model::Model;
use crate::{scans, trash};
pub use candidates::{Candidate, candidates};
pub(crate) use content::{Content, Sameness};
use match_files::How;
pub use match_files::Presence;
pub(super) use persist::previews;
use place_batch::Placed;

const TABLES: [Table; 2] = [Table::Checkpoints, Table::Loras];

const fn table_name(table: Table) -> &'static str {
    match table {
        Table::Checkpoints => Checkpoint::TABLE,
        Table::Loras => Lora::TABLE,
    }
}

/// A file that is new, or changed, or beside which something has changed.
#[derive(Debug, Clone, Default)]
pub struct NewFile {
    /// Below the root.
    pub folder: String,
    pub name: String,
    pub size: i64,
    /// Nanoseconds since 1970.
    pub modified: i64,
    pub device: i64,
    pub inode: i64,
    pub beside: Vec<u8>,
    /// Of size, header and a sample.
    pub digest: Option<Vec<u8>>,
    /// Of the tensors alone and the same sample.
    pub tensors_digest: Option<Vec<u8>>,
    pub kind: String,
    pub format: Option<String>,
    /// Why it cannot be read: a code and a sentence.
    pub problem: Option<(String, String)>,
    pub tensors_at: Option<i64>,
    /// Of the whole file, where it was known when it was read: what lies beside it was judged by it.
    pub sha256: Option<String>,
    /// The picture beside it, below the root.
    pub preview: Option<String>,
    /// What it can be beside a diffusion model.
    pub part: Option<Part>,
    /// The row of a model, as far as the file and those beside it say it; none for other kinds.
    pub entry: Option<Entry>,
}

#[derive(Debug, Clone)]
pub struct Entry {
    pub table: Table,
    /// Values by column.
    pub fields: Map<String, Value>,
    /// Which file said it, by field.
    pub told: BTreeMap<String, String>,
}

/// Folders of one root that were read whole.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub root: Uuid,
    /// The root's path.
    pub path: String,
    /// Paths below the root, with their digests.
    pub folders: Vec<(String, Vec<u8>)>,
    /// Known files in them that are as they were.
    pub unchanged: Vec<i64>,
    /// Folder and name of files in them that are there too, and were imported before.
    pub met: Vec<(String, String)>,
    pub files: Vec<NewFile>,
}

/// What became of a batch, in files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Imported {
    /// Models that were not known.
    pub added: u64,
    /// Known by another path before.
    pub moved: u64,
    /// The same as another file.
    pub copies: u64,
    /// Models of which something is different now.
    pub updated: u64,
    /// Models in seed files, or written by people, that now have their file.
    pub adopted: u64,
    /// No longer there.
    pub missing: u64,
    /// There again.
    pub back: u64,
}

/// A model that could not be written. Everything else of its batch is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Of its file.
    pub path: String,
    /// A sentence about the field that is in the way.
    pub reason: String,
}

/// Imports a batch. `presence` says whether those of the [`candidates`] are where they were; a file that is not has moved
/// when another like it is found.
///
/// # Errors
/// When the database fails; then nothing of the batch is kept.
pub async fn import(
    db: &PgPool,
    batch: &Batch,
    presence: &HashMap<i64, Presence>,
) -> sqlx::Result<(Imported, Vec<RowProblem>)> {
    let mut connection = db.acquire().await?;
    let mut transaction = connection.begin().await?;
    // Names are chosen from those that are free: one batch at a time.
    alone(&mut transaction).await?;
    let mut placed = place_batch::place(&mut transaction, batch, presence).await?;
    let mut imported = Imported::default();
    for file in &placed {
        imported.count(file);
    }
    let mut touched = persist::files(&mut transaction, batch, &placed).await?;
    touched.extend(persist::unchanged(&mut transaction, batch, &mut imported).await?);
    touched.extend(persist::gone(&mut transaction, batch, &mut imported).await?);
    persist::folders(&mut transaction, batch).await?;
    primary_file::choose(&mut transaction, batch, &mut placed).await?;
    displace::displace(&mut transaction, &placed).await?;
    assign_names::choose(&mut transaction, batch, &mut placed).await?;
    let mut problems = Vec::new();
    for table in TABLES {
        let merged = rows::merge(&mut transaction, table, &placed).await?;
        imported.updated += merged.updated;
        problems.extend(merged.problems);
    }
    missing::models(&mut transaction, &touched).await?;
    examples::have_files(&mut transaction, &touched).await?;
    let adopted: Vec<Uuid> = placed.iter().filter(|file| file.how == How::Adopted).map(|file| file.model).collect();
    trash::restore_adopted(&mut transaction, &adopted).await?;
    persist::previews(&mut transaction, &touched).await?;
    if imported != Imported::default() {
        scans::models_changed(&mut transaction).await?;
    }
    transaction.commit().await?;
    Ok((imported, problems))
}

impl Imported {
    fn count(&mut self, file: &Placed) {
        match file.how {
            How::Added => self.added += 1,
            How::Moved => self.moved += 1,
            How::Copy => self.copies += 1,
            How::Adopted => self.adopted += 1,
            How::Returned => self.back += 1,
            How::Known => {}
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.added += other.added;
        self.moved += other.moved;
        self.copies += other.copies;
        self.updated += other.updated;
        self.adopted += other.adopted;
        self.missing += other.missing;
        self.back += other.back;
    }
}

/// Nobody else changes models or the rows of their files until this transaction ends. Always before anything else is
/// locked, so that no two wait for each other; also keeps out those who lock rows to change them.
pub(super) async fn alone(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('genonaut import'))").execute(&mut *connection).await?;
    let sql = "LOCK TABLE models_checkpoints, models_loras IN EXCLUSIVE MODE";
    sqlx::query(sql).execute(connection).await.map(drop)
}
