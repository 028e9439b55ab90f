//! Tells everyone in this process what the database tells: of jobs, of scans, and of models that changed.

use std::time::Duration;

use genonaut_db::changes::{Changes, Told};
use genonaut_db::{DbError, PgPool};
use tokio::sync::broadcast::Sender;

/// How long to wait before the database is asked again that did not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// Passes it on for as long as there is a database.
pub async fn listen<T: Told>(db: PgPool, tell: Sender<T>) {
    loop {
        match forward(&db, &tell).await {
            _ if db.is_closed() => return,
            Ok(()) => {}
            Err(error) => tracing::warn!("failed to listen for changes on {}: {error}", T::CHANNEL),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn forward<T: Told>(db: &PgPool, tell: &Sender<T>) -> Result<(), DbError> {
    let mut changes = Changes::<T>::listen(db).await?;
    loop {
        let change = changes.next().await?;
        // Nobody may be listening just now.
        let _ = tell.send(change);
    }
}
