//! Tells everyone in this process what the database says of the library: how far scans are, and that models changed.

use std::time::Duration;

use genonaut_db::scans::{Change, Changes};
use genonaut_db::{DbError, PgPool};
use tokio::sync::broadcast;

pub type News = broadcast::Sender<Change>;

/// How long to wait before the database is asked again that did not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// Passes it on for as long as there is a database.
pub async fn listen(db: PgPool, news: News) {
    loop {
        match forward(&db, &news).await {
            _ if db.is_closed() => return,
            Ok(()) => {}
            Err(error) => tracing::warn!("listen for changes of the library: {error}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn forward(db: &PgPool, news: &News) -> Result<(), DbError> {
    let mut changes = Changes::listen(db).await?;
    loop {
        let change = changes.next().await?;
        // Nobody may be listening just now.
        let _ = news.send(change);
    }
}
