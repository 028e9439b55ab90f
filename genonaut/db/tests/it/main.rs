//! The catalogue through its public door, on a real PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod corrections;
mod examples;
mod feedback;
mod file_wins;
mod fleet;
mod grids;
mod library;
mod lists;
mod models;
mod provenance;
mod queue;
mod schema;
mod search;
mod seeding;
mod server;
mod table_imports;
mod writes;
