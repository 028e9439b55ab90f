//! What Genonaut knows: the catalogue in PostgreSQL. The only crate with SQL.

pub mod architecture;
pub mod checkpoint;
mod filter;
mod list;
pub mod lora;
pub mod metadata;
mod model;
pub mod page;
pub mod schema;
pub mod seed;
mod sources;
mod synthetic;
#[cfg(feature = "testing")]
pub mod testing;
pub mod write;

pub use sqlx::PgPool;
