//! What every handler gets.

use genonaut_db::PgPool;

#[derive(Clone)]
pub struct App {
    pub db: PgPool,
}
