//! How Genonaut learns about models: seed files, model files and what lies beside them. No database inside.

pub mod architectures;
pub mod disk;
pub mod folder;
pub mod hash;
pub mod header;
pub mod meaning;
pub mod picture;
pub mod table;
