//! What a scan has read → files and models, a batch of folders in one transaction: all of it or nothing, so that a scan
//! that is killed has done what it has done and goes on from there.

mod names;
mod place;
mod rows;
mod speakers;
mod write;

use std::collections::BTreeMap;

use genonaut_sources::entry::{Part, Table};
use serde_json::{Map, Value};
use sqlx::{Connection, PgPool};
use uuid::Uuid;

use super::missing;
use crate::checkpoint::Checkpoint;
use crate::lora::Lora;
use crate::model::Model;
use crate::scans;
use place::Placed;

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
    pub digest: Option<Vec<u8>>,
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

/// Imports a batch. `exists` says whether a file of a root is there; a file that is not has moved when another like it
/// is found.
///
/// # Errors
/// When the database fails; then nothing of the batch is kept.
pub async fn import(db: &PgPool, batch: &Batch, exists: impl Fn(&str, &str) -> bool) -> sqlx::Result<Imported> {
    let mut connection = db.acquire().await?;
    let mut transaction = connection.begin().await?;
    // Names are chosen from those that are free: one batch at a time.
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('genonaut import'))").execute(&mut *transaction).await?;
    let mut placed = place::all(&mut transaction, batch, &exists).await?;
    let mut imported = Imported::default();
    for file in &placed {
        imported.count(file);
    }
    let mut touched = write::files(&mut transaction, batch, &placed).await?;
    touched.extend(write::unchanged(&mut transaction, batch, &mut imported).await?);
    touched.extend(write::gone(&mut transaction, batch, &mut imported).await?);
    write::folders(&mut transaction, batch).await?;
    speakers::choose(&mut transaction, batch, &mut placed).await?;
    names::choose(&mut transaction, batch, &mut placed).await?;
    for table in TABLES {
        imported.updated += rows::merge(&mut transaction, table, &placed).await?;
    }
    missing::models(&mut transaction, &touched).await?;
    write::previews(&mut transaction, &touched).await?;
    if imported != Imported::default() {
        scans::models_changed(&mut transaction).await?;
    }
    transaction.commit().await?;
    Ok(imported)
}

impl Imported {
    fn count(&mut self, file: &Placed) {
        match file.how {
            place::How::Added => self.added += 1,
            place::How::Moved { .. } => self.moved += 1,
            place::How::Copy => self.copies += 1,
            place::How::Adopted => self.adopted += 1,
            place::How::Known => {}
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
