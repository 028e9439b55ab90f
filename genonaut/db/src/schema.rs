//! The schema: what is declared, what a database has, the migrations between them.

mod checksums;
mod declared;
mod diff;
mod migrate;
mod prepare;
mod scratch;
mod search;
mod snapshot;
mod spellings;
mod status;

#[cfg(feature = "testing")]
pub(crate) use migrate::fingerprint;
pub use migrate::{MigrateReport, follow_architectures, migrate};
pub use prepare::{PrepareRequest, Prepared, Rename, prepare};
pub use status::{Standing, Status, knows, standing, status};
