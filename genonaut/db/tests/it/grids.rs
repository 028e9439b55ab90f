//! Grids: all of their jobs or none, and what becomes of the cells.

use genonaut_db::PgPool;
use genonaut_db::accounts::Viewer;
use genonaut_db::grids::{self, Cell, NewCell, NewGrid};
use genonaut_db::images;
use genonaut_db::jobs::{self, NewImage, State};
use genonaut_db::testing::database;
use serde_json::json;
use uuid::Uuid;

use crate::queue::claim;

fn new(cells: Vec<NewCell>) -> NewGrid {
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    let recipe = |steps: i32| json!({"prompt": "dunes", "steps": steps, "loras": []});
    let axes = json!([{"kind": "steps", "labels": ["10", "20"]}]);
    NewGrid { owner: None, axes, recipe: recipe(1), jobs: vec![(recipe(20), second), (recipe(10), first)], cells }
}

async fn cells(db: &PgPool, id: Uuid) -> Vec<Cell> {
    grids::cells(db, id).await.unwrap()
}

/// Makes the next job of the queue.
async fn make(db: &PgPool) -> Uuid {
    let lease = claim(db).await.unwrap();
    let id = Uuid::new_v4();
    let (file, thumbnail) = (format!("{id}.png"), format!("{id}.webp"));
    let image = NewImage { id, place: 0, file, thumbnail, width: 64, height: 96, seed: 7, seconds: 0.1 };
    assert!(jobs::store(db, &lease, &image).await.unwrap());
    id
}

#[tokio::test]
async fn cells_are_listed_by_place_and_made_in_the_order_of_the_queue() {
    let held = database().await;
    let db = held.pool.clone();
    let cells_of = vec![NewCell::Job(1), NewCell::Empty("does not fit".to_owned()), NewCell::Job(0), NewCell::Job(1)];
    let id = grids::add(&db, &new(cells_of)).await.unwrap();
    assert_eq!(images::pace(&db).await.unwrap(), None);
    let grid = grids::find(&db, Viewer::EVERYTHING, id).await.unwrap().unwrap();
    assert_eq!((grid.images, grid.made, grid.open, grid.failed, grid.percent), (2, 0, 2, 0, 0));
    let before = cells(&db, id).await;
    assert_eq!(before.iter().map(|cell| cell.place).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!((before[0].job, before[1].reason.as_deref()), (before[3].job, Some("does not fit")));
    let image = make(&db).await;
    let after = cells(&db, id).await;
    assert_eq!((after[2].image, after[2].state, after[2].width), (Some(image), Some(State::Done), Some(64)));
    assert_eq!((after[0].state, after[1].state), (Some(State::Waiting), None));
    let grid = grids::of_job(&db, after[2].job.unwrap()).await.unwrap().unwrap();
    assert_eq!((grid.id, grid.made, grid.percent), (id, 1, 50));
    // Of the checkpoint whose recipe has 20 steps: 0.1 s for 64 by 96 pixels.
    let pace = images::pace(&db).await.unwrap().unwrap();
    assert!((pace * 64.0 * 96.0 * 20.0 - 0.1).abs() < 1e-9, "{pace}");
    assert_eq!(grids::first_images(&db, &[id], 6).await.unwrap(), [(id, image)]);
    images::bin(&db, Viewer::EVERYTHING, image, true).await.unwrap();
    assert_eq!(cells(&db, id).await[2].image, None);
}

#[tokio::test]
async fn a_grid_is_queued_whole_or_not_at_all() {
    let held = database().await;
    let db = held.pool.clone();
    // A cell of a job that is none would be neither made nor empty.
    let broken = new(vec![NewCell::Job(0), NewCell::Job(9)]);
    assert!(grids::add(&db, &broken).await.is_err());
    assert!(jobs::open(&db, Viewer::EVERYTHING).await.unwrap().is_empty());
    assert!(grids::list(&db, Viewer::EVERYTHING, None, 9).await.unwrap().0.is_empty());
}

#[tokio::test]
async fn the_rest_is_cancelled_and_tried_again() {
    let held = database().await;
    let db = held.pool.clone();
    let id = grids::add(&db, &new(vec![NewCell::Job(0), NewCell::Job(1)])).await.unwrap();
    let other = jobs::add(&db, None, &json!({}), 1, None).await.unwrap();
    make(&db).await;
    assert_eq!(grids::retry(&db, Viewer::EVERYTHING, id).await.unwrap(), 0);
    assert_eq!(grids::cancel(&db, Viewer::EVERYTHING, id).await.unwrap(), 1);
    let grid = grids::find(&db, Viewer::EVERYTHING, id).await.unwrap().unwrap();
    assert_eq!((grid.made, grid.failed, grid.open), (1, 1, 0));
    assert_eq!(grids::cancel(&db, Viewer::EVERYTHING, id).await.unwrap(), 0);
    assert_eq!(jobs::find(&db, Viewer::EVERYTHING, other.id).await.unwrap().unwrap().state, State::Waiting);
    assert_eq!(grids::retry(&db, Viewer::EVERYTHING, id).await.unwrap(), 1);
    make(&db).await;
    assert_eq!(grids::find(&db, Viewer::EVERYTHING, id).await.unwrap().unwrap().percent, 100);
}

#[tokio::test]
async fn a_deleted_grid_leaves_its_images_and_cancels_the_rest() {
    let held = database().await;
    let db = held.pool.clone();
    let id = grids::add(&db, &new(vec![NewCell::Job(0), NewCell::Job(1)])).await.unwrap();
    let image = make(&db).await;
    assert!(grids::delete(&db, Viewer::EVERYTHING, id).await.unwrap());
    assert!(!grids::delete(&db, Viewer::EVERYTHING, id).await.unwrap());
    assert!(grids::find(&db, Viewer::EVERYTHING, id).await.unwrap().is_none() && cells(&db, id).await.is_empty());
    assert!(images::find(&db, Viewer::EVERYTHING, image).await.unwrap().is_some());
    assert!(jobs::open(&db, Viewer::EVERYTHING).await.unwrap().is_empty());
}

#[tokio::test]
async fn grids_are_listed_by_key_the_newest_first() {
    let held = database().await;
    let db = held.pool.clone();
    for _ in 0..5 {
        grids::add(&db, &new(vec![NewCell::Job(0)])).await.unwrap();
    }
    let (first, more) = grids::list(&db, Viewer::EVERYTHING, None, 3).await.unwrap();
    let numbers = |grids: &[grids::Grid]| grids.iter().map(|grid| grid.number).collect::<Vec<_>>();
    assert_eq!((numbers(&first), more), (vec![5, 4, 3], true));
    let (rest, more) = grids::list(&db, Viewer::EVERYTHING, Some(3), 3).await.unwrap();
    assert_eq!((numbers(&rest), more), (vec![2, 1], false));
}
