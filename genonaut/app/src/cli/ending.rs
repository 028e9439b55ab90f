//! How a process that serves or works ends: what it has in work is finished or given back, unless the database is away.

use std::time::Duration;

use genonaut_db::{Availability, PgPool};
use tokio::time::timeout;

/// How long work may take to end.
const GRACE: Duration = Duration::from_secs(10);
/// How long it may take where it has no database any more.
const WITHOUT: Duration = Duration::from_secs(2);

/// Waits for work that was told to stop, and closes the connections: those in use are waited for, so what they do is
/// finished or rolled back.
pub async fn end(db: &PgPool, database: &Availability, work: impl Future<Output = ()>) {
    tokio::pin!(work);
    let too_late = async {
        tokio::select! { _ = database.away() => {}, () = tokio::time::sleep(GRACE) => {} }
    };
    tokio::select! {
        () = &mut work => {}
        () = too_late => {
            tracing::warn!("ending without what the database was to be told");
            // Nobody gets a connection from here on, and so nobody waits for one.
            let _ = tokio::join!(timeout(WITHOUT, db.close()), timeout(WITHOUT, work));
        }
    }
    let _ = timeout(GRACE, db.close()).await;
}
