//! What every handler may use.

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct App {
    pub db: genonaut_db::PgPool,
}
