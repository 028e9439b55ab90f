//! Watches a server for as long as a process needs it, and starts a private one again that has died.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Executor};
use tokio::sync::watch;
use tokio::time::timeout;

use super::share::Revival;
use crate::availability::Availability;

const EVERY: Duration = Duration::from_millis(250);
/// An old connection and then a new one may take so long, each: requests are to fail within three seconds.
const ANSWER: Duration = Duration::from_millis(1200);
/// Between two attempts to start a server.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Keeper {
    pub options: PgConnectOptions,
    pub availability: Availability,
    /// Of a private server.
    pub revival: Option<Revival>,
}

impl Keeper {
    /// Until `stop` says so, which nothing in here delays.
    pub async fn keep(self, mut stop: watch::Receiver<bool>) {
        let mut connection = None;
        while !*stop.borrow() {
            tokio::select! {
                () = self.look(&mut connection) => {}
                _ = stop.changed() => return,
            }
        }
    }

    async fn look(&self, connection: &mut Option<PgConnection>) {
        if answers(connection, &self.options).await {
            self.availability.is_there();
            return tokio::time::sleep(EVERY).await;
        }
        if self.availability.is_away() {
            tracing::error!("{}", self.availability.unanswered());
        }
        let Some(revival) = &self.revival else { return tokio::time::sleep(EVERY).await };
        match revival.revive().await {
            Ok(()) => tokio::time::sleep(EVERY).await,
            Err(error) => {
                tracing::error!("start {}: {error:#}", self.availability.database());
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// A connection that broke says little: somebody may have ended it alone.
async fn answers(connection: &mut Option<PgConnection>, options: &PgConnectOptions) -> bool {
    if let Some(open) = connection
        && matches!(timeout(ANSWER, open.execute("SELECT 1")).await, Ok(Ok(_)))
    {
        return true;
    }
    *connection = None;
    match timeout(ANSWER, options.connect()).await {
        Ok(Ok(new)) => *connection = Some(new),
        _ => return false,
    }
    true
}
