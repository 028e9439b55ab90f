//! What a backup says of itself.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Of the file itself; a program refuses those that are higher than its own.
pub const FORMAT: u32 = 1;

/// The first entry.
#[derive(Debug, Serialize, Deserialize)]
pub struct About {
    pub format: u32,
    /// The version of Genonaut that made it.
    pub genonaut: String,
    pub made: DateTime<Utc>,
    /// The major version of the programs that wrote the database's part.
    pub postgres: u32,
    /// The migrations that the database has.
    pub migrations: Vec<i64>,
}

/// The last entry. A file without it is not complete.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// The other entries in their order.
    pub files: Vec<Entry>,
    /// Images that were removed while the backup was made, or were lost before.
    pub left_out: Vec<String>,
    /// Of each table.
    pub rows: BTreeMap<String, i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    pub size: u64,
    pub sha256: String,
}
