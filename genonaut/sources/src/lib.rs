//! How Genonaut learns about models: files today, folders and stores later. No database inside.

pub mod picture;
pub mod table;
