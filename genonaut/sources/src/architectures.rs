//! The table of architectures, families and their spellings. What it says is facts; who reads it, and for what, is
//! in `identify` (rules), `meaning` (families) and the catalogue (fit and defaults).

mod check;
mod read;
mod spelling;

use std::sync::OnceLock;

pub use check::check;
pub use read::{BadTable, read};
pub use spelling::normalise;

/// The table that the program carries, as JSON.
pub const TABLE: &str = include_str!("../data/architectures.json");

static REPLACED: OnceLock<String> = OnceLock::new();

/// The table that holds in this process: the program's own, unless it was replaced.
pub fn in_force() -> &'static str {
    REPLACED.get().map_or(TABLE, String::as_str)
}

/// Whether another table than the program's own holds.
pub fn is_replaced() -> bool {
    REPLACED.get().is_some()
}

/// Has a table hold instead of the program's own, before anybody has asked for it. `false` when one does already.
///
/// # Errors
/// What in the table is not as it should be; then nothing of it holds.
pub fn replace(table: String) -> Result<bool, BadTable> {
    check(&table)?;
    Ok(REPLACED.set(table).is_ok())
}
