//! Random histories of a library: whatever happens to files, folders and scans, what a person wrote stays with the content
//! it was written about. Real files, through the functions that the server calls.

mod world;

use std::ops::ControlFlow;
use std::time::Duration;

use genonaut::{hashing, scan};
use genonaut_db::PgPool;
use genonaut_db::testing::{database, is_long};

use world::World;

/// How many are tried; `make test-long` tries many more.
fn histories() -> u64 {
    if is_long() { 2500 } else { 75 }
}

#[tokio::test]
async fn words_stay_with_their_content_without_hashes() {
    all(0, Hashes::Off).await;
}

#[tokio::test]
async fn words_stay_with_their_content_while_some_files_are_hashed() {
    all(1_000_000, Hashes::Some).await;
}

#[tokio::test]
async fn words_stay_with_their_content_when_all_files_are_hashed() {
    all(2_000_000, Hashes::All).await;
}

#[tokio::test]
async fn words_stay_with_their_content_when_scans_are_killed() {
    all(3_000_000, Hashes::Killed).await;
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Hashes {
    Off,
    /// Hashing stops anywhere.
    Some,
    All,
    /// So do scans.
    Killed,
}

async fn all(first: u64, hashes: Hashes) {
    let database = database().await;
    for seed in first..first + histories() {
        let mut world = World::new(&database.pool, seed);
        history(&database.pool, &mut world, hashes).await;
        if let Err(wrong) = world.check().await {
            panic!("history {seed}: {wrong}\n{}", world.log.join("\n"));
        }
        world.forget_all().await;
    }
}

async fn history(db: &PgPool, world: &mut World, hashes: Hashes) {
    for _ in 0..4 {
        world.put_new();
    }
    settle(db, world, hashes).await;
    world.write().await;
    world.write().await;
    for _ in 0..world.random.below(6) + 3 {
        world.happen().await;
        match world.random.below(3) {
            0 => settle(db, world, hashes).await,
            1 if hashes == Hashes::Killed => kill(db, world).await,
            _ => {}
        }
        if world.random.below(4) == 0 {
            settle(db, world, hashes).await;
            world.write().await;
        }
    }
    settle(db, world, hashes).await;
    settle(db, world, hashes).await;
}

/// Every known folder is scanned to its end.
async fn settle(db: &PgPool, world: &mut World, hashes: Hashes) {
    for folder in world.known() {
        let done = scan::scan(db, &[folder], scan::Options::default(), |_| ControlFlow::Continue(())).await.unwrap();
        assert_eq!(done.report.trouble_list, [], "{}", world.log.join("\n"));
    }
    world.log.push("scanned".to_owned());
    match hashes {
        Hashes::Off => {}
        Hashes::Some => hash(db, world.random.below(4)).await,
        Hashes::All | Hashes::Killed => hash(db, u64::MAX).await,
    }
}

/// Stops after some readings.
async fn hash(db: &PgPool, mut readings: u64) {
    hashing::all(db, |_| {
        readings = readings.saturating_sub(1);
        if readings == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .await
    .unwrap();
}

/// A scan, or the hashing, that ends in the middle of anything.
async fn kill(db: &PgPool, world: &mut World) {
    let (pool, folders, only_scans) = (db.clone(), world.known(), world.random.below(3) == 0);
    let work = tokio::spawn(async move {
        if !only_scans {
            hash(&pool, u64::MAX).await;
        }
        for folder in folders {
            let go_on = |_: &scan::Report| ControlFlow::Continue(());
            let _ = scan::scan(&pool, &[folder], scan::Options::default(), go_on).await;
        }
    });
    tokio::time::sleep(Duration::from_millis(world.random.below(60))).await;
    work.abort();
    let _ = work.await;
    world.log.push("killed".to_owned());
}
