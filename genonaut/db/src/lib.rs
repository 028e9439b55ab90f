//! What Genonaut knows: the catalogue in PostgreSQL. The only crate with SQL.

pub mod accounts;
pub mod architecture;
pub mod availability;
pub mod backup;
mod capital;
pub mod changes;
pub mod checkpoint;
pub mod disk;
pub mod drafts;
pub mod engines;
pub mod examples;
pub mod feedback;
mod filter;
pub mod grids;
pub mod images;
pub mod jobs;
pub mod library;
mod list;
pub mod lora;
pub mod metadata;
mod model;
pub mod page;
pub mod provenance;
pub mod scans;
pub mod schema;
pub mod seed;
pub mod server;
mod sources;
mod synthetic;
#[cfg(feature = "testing")]
pub mod testing;
pub mod trash;
pub mod write;

pub use availability::Availability;
pub use capital::capital;
pub use filter::Presence;
use sqlx::Connection;
pub use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
pub use sqlx::postgres::{PgConnectOptions, PgConnection};

/// Connects, with as many connections as a page full of requests needs.
pub async fn connect(options: PgConnectOptions) -> sqlx::Result<PgPool> {
    PgPoolOptions::new().max_connections(16).test_before_acquire(false).connect_with(options).await
}

/// A connection outside of the pool, for locks that are held as long as it is open, however its owner ends. One that came
/// out of the pool would have to be replaced there, and a new one is slow at its first queries.
pub async fn connection_for_locks(db: &PgPool) -> sqlx::Result<PgConnection> {
    PgConnection::connect_with(&db.connect_options()).await
}

/// The same for a process that serves: connections from before the last outage are not used again.
pub async fn connect_watched(options: PgConnectOptions, database: &Availability) -> sqlx::Result<PgPool> {
    let database = database.clone();
    let pool = PgPoolOptions::new().max_connections(16).test_before_acquire(false);
    let pool = pool.before_acquire(move |_, connection| {
        let fresh = database.is_fresh(connection.age);
        Box::pin(async move { Ok(fresh) })
    });
    pool.connect_with(options).await
}

/// What the database can fail with; only whether it is worth another try concerns a caller.
pub type DbError = sqlx::Error;

/// Whether it could not be reached, rather than refused something.
pub fn is_unavailable(error: &DbError) -> bool {
    let code = error.as_database_error().and_then(|refused| refused.code());
    // Lost connections, too many of them, and servers that stop or start.
    code.is_some_and(|code| code.starts_with("08") || code.starts_with("57P0") || code == "53300")
        || matches!(
            error,
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_)
        )
}

/// Whether there was no room for what was to be written.
pub fn is_full(error: &DbError) -> bool {
    error.as_database_error().and_then(|refused| refused.code()).is_some_and(|code| code == "53100")
}

/// Whether it refused the data that it was given: what another row, or none, may not have.
pub fn is_refused(error: &DbError) -> bool {
    let code = error.as_database_error().and_then(|refused| refused.code());
    // Data exceptions, broken rules, and what no index can hold.
    code.is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
}

/// Whether what a row belongs to is not there any more.
pub fn is_orphan(error: &DbError) -> bool {
    error.as_database_error().and_then(|refused| refused.code()).is_some_and(|code| code == "23503")
}

/// What it fails with, for a person: without the words of SQL.
pub fn in_words(error: &DbError) -> String {
    match error.as_database_error() {
        _ if is_full(error) => "the disk of the database is full".to_owned(),
        _ if is_unavailable(error) => "the database cannot be reached".to_owned(),
        Some(refused) => {
            format!("the database rejected the request ({})", refused.code().as_deref().unwrap_or("no code"))
        }
        None => "the database failed".to_owned(),
    }
}
