//! A root has one scan at a time. Whoever comes while it is being scanned waits for that scan, shows how far it is, and
//! has its result.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use genonaut_db::library::{self, latest_report};
use genonaut_db::{DbError, PgConnection, PgPool};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::Report;

/// How often to look whether the other scan is over.
const LOOK: Duration = Duration::from_millis(200);
/// How often a scan tells those who wait how far it is, at most.
const TELL: Duration = Duration::from_millis(500);

/// What waiting came to.
pub(super) enum Joined {
    /// The root is held; with what another scan, which was running, has come to.
    Held(Option<Box<Report>>),
    Stopped,
}

/// Holds the root: after whoever has it, or only if it is free.
pub(super) async fn hold(
    db: &PgPool,
    held: &mut PgConnection,
    root: Uuid,
    only_if_free: bool,
    beat: &mut impl FnMut(&mut Report) -> ControlFlow<()>,
) -> Result<Joined, DbError> {
    let (_, before) = latest_report(db, root).await?;
    if library::try_hold_root(held, root).await? {
        return Ok(Joined::Held(None));
    }
    if only_if_free {
        return Ok(Joined::Stopped);
    }
    loop {
        if library::try_hold_root(held, root).await? {
            let (report, scanned) = latest_report(db, root).await?;
            return Ok(Joined::Held(report.filter(|_| scanned > before).and_then(read).map(Box::new)));
        }
        let report = latest_report(db, root).await?.0;
        if beat(&mut report.and_then(read).unwrap_or_default()).is_break() {
            return Ok(Joined::Stopped);
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn read(report: Value) -> Option<Report> {
    serde_json::from_value(report).ok()
}

/// Tells those who wait how far the scan of a root is.
pub(super) struct Progress {
    db: PgPool,
    root: Uuid,
    told: Instant,
    send: watch::Sender<Report>,
    writing: JoinHandle<()>,
}

impl Progress {
    pub(super) fn new(db: &PgPool, root: Uuid) -> Self {
        let (send, reports) = watch::channel(Report::default());
        let writing = tokio::spawn(write(db.clone(), root, reports));
        Self { db: db.clone(), root, told: Instant::now(), send, writing }
    }

    pub(super) fn tell(&mut self, report: &Report) {
        if self.told.elapsed() >= TELL {
            self.told = Instant::now();
            self.send.send_replace(report.clone());
        }
    }

    /// Before the root is let go.
    pub(super) async fn end(self, report: &Report) -> Result<(), DbError> {
        drop(self.send);
        // Nothing that is written later may overwrite the last word.
        let _ = self.writing.await;
        save(&self.db, self.root, report).await
    }
}

async fn write(db: PgPool, root: Uuid, mut reports: watch::Receiver<Report>) {
    while reports.changed().await.is_ok() {
        let report = reports.borrow_and_update().clone();
        // Those who wait see it a little later.
        let _ = save(&db, root, &report).await;
    }
}

async fn save(db: &PgPool, root: Uuid, report: &Report) -> Result<(), DbError> {
    library::save_report(db, root, &serde_json::to_value(report).unwrap_or_default()).await
}
