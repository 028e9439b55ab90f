//! What is removed by itself while a server runs: images whose time in the trash is over, drafts that no browser came back
//! to, scans that ended long ago, what is kept for undoing bulk changes.

use std::time::Duration;

use genonaut_db::accounts::Viewer;
use genonaut_db::{PgPool, drafts, images, scans, write};
use tokio::sync::watch;
use uuid::Uuid;

use crate::pictures::Pictures;

const EVERY: Duration = Duration::from_secs(3600);
/// Days that a draft is kept which nobody changes.
const DRAFT_DAYS: i32 = 180;
/// Days that a scan is listed, and how many of the latest are in any case.
const SCAN_DAYS: i32 = 30;
const SCANS: i64 = 100;

/// Cleans up every hour, until `stop` is set; the image in work is the last one then.
pub async fn work(db: PgPool, pictures: Pictures, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = once(&db, &pictures, images::TRASH_DAYS, &stop).await {
            tracing::warn!("cleanup failed: {error:#}");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Purges images that have been in the trash for longer than so many days, and the rest.
///
/// # Errors
/// When the database or the store fails; what was removed until then is gone.
pub async fn once(
    db: &PgPool,
    pictures: &Pictures,
    trash_days: i32,
    stop: &watch::Receiver<bool>,
) -> anyhow::Result<()> {
    drafts::expire(db, DRAFT_DAYS).await?;
    scans::expire(db, SCAN_DAYS, SCANS).await?;
    write::expire(db).await?;
    loop {
        let expired = images::expired(db, trash_days).await?;
        let mut removed = Vec::new();
        for image in expired.iter().take_while(|_| !*stop.borrow()) {
            pictures.remove(&image.file).await?;
            pictures.remove(&image.thumbnail).await?;
            removed.push(image.id);
        }
        if images::purge(db, &removed).await? == 0 {
            return Ok(());
        }
    }
}

/// Deletes an image in the trash for good, at once. `false` when no such image is there.
///
/// # Errors
/// When the database or the store fails; the next cleanup goes on then.
pub async fn purge_image(db: &PgPool, pictures: &Pictures, viewer: Viewer, id: Uuid) -> anyhow::Result<bool> {
    let Some(image) = images::condemn(db, viewer, id).await? else { return Ok(false) };
    pictures.remove(&image.file).await?;
    pictures.remove(&image.thumbnail).await?;
    images::purge(db, &[image.id]).await?;
    Ok(true)
}
