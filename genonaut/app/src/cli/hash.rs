//! Reads files whole for their hashes, with a bar.

use std::sync::atomic::{AtomicBool, Ordering};

use genonaut_db::{PgPool, library};
use indicatif::{ProgressBar, ProgressStyle};

use super::output::say;
use crate::hashing;
use crate::scan::unless;

/// Until there is none left, or it is stopped; the file at hand is then read again the next time.
pub async fn run(db: &PgPool, stopped: &AtomicBool) -> anyhow::Result<()> {
    let (files, bytes) = library::hashes_left(db).await?;
    let bar = ProgressBar::new(u64::try_from(bytes)?);
    bar.set_style(
        ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let done = hashing::all(db, |read| {
        bar.inc(read);
        unless(stopped.load(Ordering::Relaxed))
    })
    .await?;
    bar.finish_and_clear();
    say(format!("{done} of {files} files hashed"))
}
