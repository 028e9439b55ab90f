//! What a worker does while the database is away or full: it waits, and nothing counts as an attempt.

use genonaut_db::DbError;
use genonaut_db::jobs::{self, Lease};
use tokio::sync::watch;

use super::{PAUSE, Worker};

/// Whether it ends by itself, or as soon as somebody makes room.
pub(super) fn is_outage(error: &DbError) -> bool {
    genonaut_db::is_unavailable(error) || genonaut_db::is_full(error)
}

/// The same of a failure with a story around it.
pub(super) fn is_of_outage(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref()).any(is_outage)
}

impl Worker {
    /// Does something that may be done twice until the database lets it; `None` when the worker is to stop.
    pub(super) async fn through_outages<T, F: Future<Output = Result<T, DbError>>>(
        &self,
        stop: &mut watch::Receiver<bool>,
        act: impl Fn() -> F,
    ) -> Result<Option<T>, DbError> {
        loop {
            match act().await {
                Err(error) if is_outage(&error) => {
                    tracing::warn!("wait for the database: {}", genonaut_db::in_words(&error))
                }
                done => return done.map(Some),
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = stop.changed() => return Ok(None),
            }
            if *stop.borrow() {
                return Ok(None);
            }
        }
    }

    /// Gives a job back that an outage has interrupted.
    pub(super) async fn interrupted(&self, lease: &Lease, stop: &mut watch::Receiver<bool>) -> Result<(), DbError> {
        self.through_outages(stop, || jobs::release(&self.db, lease, false)).await.map(drop)
    }
}
