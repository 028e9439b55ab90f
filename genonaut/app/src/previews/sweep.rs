//! Small pictures that nothing shows any more: of files that are forgotten, and of pictures that were replaced.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, TryStreamExt};
use genonaut_db::{PgPool, library};
use tokio::sync::watch;

use crate::pictures::Pictures;

/// How long one is kept that nothing refers to: pages that are open may still show it.
const AGE: Duration = Duration::from_secs(24 * 3600);
const EVERY: Duration = Duration::from_secs(24 * 3600);
/// Names that are asked about at once.
const CHUNK: usize = 1000;
/// One sweep removes no more; the next one goes on.
const MOST: u64 = 10_000;

/// Sweeps now and then, until `stop` says so.
pub async fn work(db: PgPool, pictures: Pictures, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = once(&db, &pictures, Utc::now() - AGE).await {
            tracing::warn!("failed to remove unused thumbnails: {error:#}");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Removes those that were made before that time and that no file refers to. Returns how many.
///
/// # Errors
/// When the database or the store fails; what was removed until then is gone.
pub async fn once(db: &PgPool, pictures: &Pictures, before: DateTime<Utc>) -> anyhow::Result<u64> {
    let mut removed = 0;
    let mut chunks = pictures.list("previews").try_chunks(CHUNK);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| error.1)?;
        let old = chunk.into_iter().filter(|listed| listed.made < before);
        let names: Vec<String> = old.filter_map(|listed| name(&listed.file)).collect();
        let shown: HashSet<String> = library::previews_shown(db, &names).await?.into_iter().collect();
        for name in names.into_iter().filter(|name| !shown.contains(name)) {
            if removed == MOST {
                return Ok(removed);
            }
            removed += u64::from(pictures.sweep(&super::kept(&name)).await?);
        }
    }
    Ok(removed)
}

/// The name of the picture whose small one this file is; nothing for a file that is none.
fn name(file: &str) -> Option<String> {
    let (id, digest) = file.strip_prefix("previews/")?.strip_suffix(".webp")?.split_once('/')?;
    let name = format!("{id}-{digest}");
    (super::is_name(&name) && super::kept(&name) == file).then_some(name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_what_we_have_put_there_is_ours() {
        assert_eq!(super::name("previews/12/00ffee11.webp").as_deref(), Some("12-00ffee11"));
        for other in [
            "2026-01/a.webp",
            "previews/12/x.webp",
            "previews/a.webp",
            "previews/1/2/3.webp",
            "previews/1/ab.png",
            "previews/../1/ab.webp",
        ] {
            assert_eq!(super::name(other), None, "{other}");
        }
    }
}
