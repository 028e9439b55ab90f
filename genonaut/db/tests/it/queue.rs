//! The queue: every image once, whatever happens to the workers.

use std::time::Duration;

use genonaut_db::PgPool;
use genonaut_db::accounts::Viewer;
use genonaut_db::changes::Changes;
use genonaut_db::images::{self, Shown, Window};
use genonaut_db::jobs::{self, Ending, Job, Lease, NewImage, Renewal, State, Taker};
use genonaut_db::testing::{database, run};
use serde_json::json;
use uuid::Uuid;

const LONG: Duration = Duration::from_secs(60);

async fn add(db: &PgPool, images: i32) -> Job {
    jobs::add(db, None, &json!({"prompt": "dunes"}), images, None).await.unwrap()
}

pub async fn claim(db: &PgPool) -> Option<Lease> {
    let taker = Taker {
        engine: Uuid::new_v4(),
        name: "demo engine".to_owned(),
        uses_models: false,
        lists_models: false,
        prefers: None,
    };
    jobs::claim(db, &taker, LONG).await.unwrap()
}

fn image(place: i32) -> NewImage {
    let id = Uuid::new_v4();
    let (file, thumbnail) = (format!("{id}.png"), format!("{id}.webp"));
    NewImage { id, place, file, thumbnail, width: 64, height: 64, seed: 7, seconds: 0.1 }
}

async fn state(db: &PgPool, id: Uuid) -> State {
    jobs::find(db, Viewer::EVERYTHING, id).await.unwrap().unwrap().state
}

#[tokio::test]
async fn the_oldest_goes_first_and_to_one_worker_only() {
    let held = database().await;
    let db = held.pool.clone();
    let (first, second) = (add(&db, 1).await, add(&db, 1).await);
    let workers: Vec<_> = (0..4)
        .map(|_| {
            tokio::spawn({
                let db = db.clone();
                async move { claim(&db).await }
            })
        })
        .collect();
    let mut taken = Vec::new();
    for worker in workers {
        taken.extend(worker.await.unwrap().map(|lease| lease.job.id));
    }
    taken.sort();
    let mut expected = [first.id, second.id];
    expected.sort();
    assert_eq!(taken, expected);
    assert!(claim(&db).await.is_none());
}

#[tokio::test]
async fn a_worker_that_comes_back_late_changes_nothing() {
    let held = database().await;
    let db = held.pool.clone();
    let job = add(&db, 2).await;
    let late = claim(&db).await.unwrap();
    assert!(jobs::store(&db, &late, &image(0)).await.unwrap());
    run(&db, "UPDATE jobs SET lease_until = now() - interval '1 second'").await;
    let next = claim(&db).await.unwrap();
    assert_eq!((next.job.id, next.job.made), (job.id, 1));
    assert_eq!(jobs::renew(&db, &late, (1, 2), None).await.unwrap(), Renewal::Lost);
    assert!(!jobs::store(&db, &late, &image(1)).await.unwrap());
    assert!(!jobs::finish(&db, &late, &Ending::Done).await.unwrap());
    assert!(jobs::store(&db, &next, &image(1)).await.unwrap());
    assert!(!jobs::store(&db, &next, &image(1)).await.unwrap(), "no place is filled twice");
    assert!(!jobs::finish(&db, &next, &Ending::Done).await.unwrap(), "the last image has ended it");
    assert_eq!(state(&db, job.id).await, State::Done);
    let places: Vec<_> = images::of_job(&db, job.id).await.unwrap().iter().map(|image| image.place).collect();
    assert_eq!(places, [0, 1]);
}

#[tokio::test]
async fn a_job_that_brings_its_workers_down_fails_in_the_end() {
    let held = database().await;
    let db = held.pool.clone();
    let job = add(&db, 1).await;
    for _ in 0..5 {
        assert_eq!(claim(&db).await.unwrap().exhausted(), None);
        run(&db, "UPDATE jobs SET lease_until = now() - interval '1 second'").await;
    }
    let last = claim(&db).await.unwrap();
    assert!(jobs::finish(&db, &last, &last.exhausted().unwrap()).await.unwrap());
    let failed = jobs::find(&db, Viewer::EVERYTHING, job.id).await.unwrap().unwrap();
    assert_eq!(failed.state, State::Failed);
    assert!(failed.problem.unwrap().contains("5 times"));
    assert_eq!(jobs::retry(&db, Viewer::EVERYTHING, job.id).await.unwrap().unwrap().state, State::Waiting);
    assert!(claim(&db).await.is_some());
}

/// Files that were written and that no row knows of are told to whoever goes on.
#[tokio::test]
async fn what_a_worker_was_writing_when_it_ended_is_handed_on() {
    let held = database().await;
    let db = held.pool.clone();
    add(&db, 2).await;
    let first = claim(&db).await.unwrap();
    assert!(first.left_behind.is_none() && jobs::writes(&db, &first, "2026-11/a").await.unwrap());
    run(&db, "UPDATE jobs SET lease_until = now() - interval '1 second'").await;
    let second = claim(&db).await.unwrap();
    assert_eq!(second.left_behind.as_deref(), Some("2026-11/a"));
    assert!(!jobs::writes(&db, &first, "2026-11/b").await.unwrap());
    assert!(jobs::writes(&db, &second, "2026-11/c").await.unwrap());
    assert!(jobs::store(&db, &second, &image(0)).await.unwrap());
    run(&db, "UPDATE jobs SET lease_until = now() - interval '1 second'").await;
    assert_eq!(claim(&db).await.unwrap().left_behind, None);
}

#[tokio::test]
async fn a_job_is_cancelled_at_once_or_by_its_worker() {
    let held = database().await;
    let db = held.pool.clone();
    let waiting = add(&db, 1).await;
    assert!(jobs::cancel(&db, Viewer::EVERYTHING, waiting.id).await.unwrap());
    assert_eq!(state(&db, waiting.id).await, State::Cancelled);
    assert!(!jobs::cancel(&db, Viewer::EVERYTHING, waiting.id).await.unwrap());
    let running = add(&db, 1).await;
    let lease = claim(&db).await.unwrap();
    assert_eq!(jobs::renew(&db, &lease, (1, 9), Some(b"look")).await.unwrap(), Renewal::Kept);
    assert_eq!(jobs::preview(&db, Viewer::EVERYTHING, running.id).await.unwrap().as_deref(), Some(b"look".as_slice()));
    assert!(jobs::cancel(&db, Viewer::EVERYTHING, running.id).await.unwrap());
    assert_eq!(jobs::renew(&db, &lease, (2, 9), None).await.unwrap(), Renewal::Cancelled);
    assert!(jobs::finish(&db, &lease, &Ending::Cancelled).await.unwrap());
    assert_eq!(state(&db, running.id).await, State::Cancelled);
}

#[tokio::test]
async fn a_worker_that_stops_gives_its_job_back() {
    let held = database().await;
    let db = held.pool.clone();
    add(&db, 1).await;
    let lease = claim(&db).await.unwrap();
    jobs::release(&db, &lease, false).await.unwrap();
    assert_eq!(claim(&db).await.unwrap().job.attempts, 1);
}

#[tokio::test]
async fn every_change_is_told() {
    let held = database().await;
    let db = held.pool.clone();
    let mut changes = Changes::<jobs::Change>::listen(&db).await.unwrap();
    let job = add(&db, 1).await;
    let told = changes.next().await.unwrap();
    assert_eq!((told.job, told.waits, told.over), (job.id, true, false));
    let lease = claim(&db).await.unwrap();
    let told = changes.next().await.unwrap();
    assert_eq!((told.waits, told.over), (false, false));
    assert!(jobs::finish(&db, &lease, &Ending::Cancelled).await.unwrap());
    assert!(changes.next().await.unwrap().over);
}

#[tokio::test]
async fn images_are_listed_by_key_liked_and_binned() {
    let held = database().await;
    let db = held.pool.clone();
    let checkpoint = Uuid::new_v4();
    jobs::add(&db, None, &json!({}), 5, Some(checkpoint)).await.unwrap();
    let lease = claim(&db).await.unwrap();
    for place in 0..5 {
        assert!(jobs::store(&db, &lease, &image(place)).await.unwrap());
    }
    let (first, more) =
        images::list(&db, Viewer::EVERYTHING, Shown::All, Window { limit: 3, ..Window::default() }).await.unwrap();
    assert_eq!((first.iter().map(|image| image.place).collect::<Vec<_>>(), more), (vec![4, 3, 2], true));
    let (rest, more) = images::list(
        &db,
        Viewer::EVERYTHING,
        Shown::Checkpoint(checkpoint),
        Window { before: Some(first[2].number), limit: 3, since: None },
    )
    .await
    .unwrap();
    assert_eq!((rest.iter().map(|image| image.place).collect::<Vec<_>>(), more), (vec![1, 0], false));
    let since = Window { since: Some(rest[0].number), limit: 2, before: None };
    assert_eq!(images::list(&db, Viewer::EVERYTHING, Shown::All, since).await.unwrap().0.len(), 4);
    assert!(images::rate(&db, Viewer::EVERYTHING, first[0].id, Some(5)).await.unwrap());
    assert!(images::rate(&db, Viewer::EVERYTHING, first[1].id, Some(6)).await.is_err());
    assert_eq!(
        images::list(&db, Viewer::EVERYTHING, Shown::Liked, Window { limit: 9, ..Window::default() })
            .await
            .unwrap()
            .0
            .len(),
        1
    );
    assert!(images::bin(&db, Viewer::EVERYTHING, first[0].id, true).await.unwrap());
    assert_eq!(
        images::list(&db, Viewer::EVERYTHING, Shown::Liked, Window { limit: 9, ..Window::default() })
            .await
            .unwrap()
            .0
            .len(),
        0
    );
    assert!(images::bin(&db, Viewer::EVERYTHING, first[0].id, false).await.unwrap());
    assert_eq!(images::find(&db, Viewer::EVERYTHING, first[0].id).await.unwrap().unwrap().rating, Some(5));
    images::bin(&db, Viewer::EVERYTHING, first[0].id, true).await.unwrap();
    assert!(images::expired(&db, 30).await.unwrap().is_empty());
    let expired = images::expired(&db, 0).await.unwrap();
    assert_eq!(expired.len(), 1);
    // Restored while its files were being removed: the row stays, and says that there was an image.
    assert!(images::bin(&db, Viewer::EVERYTHING, expired[0].id, false).await.unwrap());
    assert_eq!(images::purge(&db, &[expired[0].id]).await.unwrap(), 0);
    images::bin(&db, Viewer::EVERYTHING, expired[0].id, true).await.unwrap();
    assert_eq!(images::purge(&db, &[expired[0].id]).await.unwrap(), 1);
    assert!(images::find(&db, Viewer::EVERYTHING, first[0].id).await.unwrap().is_none());
}
