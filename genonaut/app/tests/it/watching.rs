//! Folders that are watched.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use genonaut::scan::{Options, scan};
use genonaut::watching;
use genonaut_db::PgPool;
use genonaut_db::library::{self, try_hold_root};
use genonaut_db::testing::{count, database};
use tokio::sync::{broadcast, watch};

use crate::disk::Disk;

const AN_HOUR: Duration = Duration::from_secs(3600);

async fn until_there_are(db: &PgPool, models: i64) {
    let started = Instant::now();
    while count(db, "SELECT count(*) FROM models_loras").await < models {
        assert!(started.elapsed() < Duration::from_secs(60), "what is new is not seen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// More than are scanned at once, and one more: those that somebody else is scanning must not keep it waiting.
#[tokio::test]
async fn what_changes_while_somebody_else_scans_the_folder_is_not_forgotten() {
    let (database, disks) = (database().await, [(); 9].map(|()| Disk::new()));
    let db = database.pool.clone();
    let paths: Vec<_> = disks.iter().map(|disk| PathBuf::from(disk.path())).collect();
    let go_on = |_: &_| ControlFlow::Continue(());
    scan(&db, &paths, Options::default(), go_on).await.unwrap();
    let mut others = Vec::new();
    for root in library::roots(&db).await.unwrap().iter().take(8) {
        let mut connection = db.acquire().await.unwrap();
        assert!(try_hold_root(&mut connection, root.id).await.unwrap());
        others.push(connection.detach());
    }
    for (n, disk) in disks.iter().enumerate() {
        disk.lora(&format!("new_{n}.safetensors"), false);
    }
    let (stop, stopped) = watch::channel(false);
    let news = broadcast::channel(1).0;
    let watching = tokio::spawn(watching::work(db.clone(), AN_HOUR, news.subscribe(), stopped));
    until_there_are(&db, 1).await;
    drop(others);
    until_there_are(&db, 9).await;
    stop.send_replace(true);
    watching.await.unwrap();
}
