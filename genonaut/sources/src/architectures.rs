//! The table of architectures, families and their spellings. What it says is facts; who reads it, and for what, is
//! in `identify` (rules), `meaning` (families) and the catalogue (fit and defaults).

/// The table that the program carries, as JSON.
pub const TABLE: &str = include_str!("../data/architectures.json");
