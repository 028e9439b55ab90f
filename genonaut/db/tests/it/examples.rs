//! Examples: marked, last once something real is there, hidden, and not seeded again once deleted.

use std::path::Path;

use genonaut_db::checkpoint::{self, Filter};
use genonaut_db::engines::{self, Heard, Names};
use genonaut_db::page::PageRequest;
use genonaut_db::seed::{self, FileWins, Options, Report};
use genonaut_db::testing::database;
use genonaut_db::trash::{self, Kind};
use genonaut_db::{PgPool, examples, lora};
use serde_json::json;
use uuid::Uuid;

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/seed_data_static");

async fn seeded(db: &PgPool, file_wins: FileWins) -> Report {
    let options = Options { dry_run: false, file_wins };
    let report = seed::from_folder(db, Path::new(SEEDS), &options, |_| ()).await.unwrap();
    assert!(report.is_sound(), "{report:#?}");
    report
}

async fn names(db: &PgPool, examples_last: bool, without_examples: bool) -> Vec<String> {
    let request = PageRequest { examples_last, ..PageRequest::default() };
    let filter = Filter { without_examples, ..Filter::default() };
    let page = checkpoint::list(db, &filter, &request).await.unwrap();
    page.items.iter().map(|model| model.label().to_owned()).collect()
}

async fn add(db: &PgPool, name: &str, rating: f64) -> Uuid {
    let fields = json!({"path": format!("{name}.safetensors"), "rating": rating});
    checkpoint::create(db, fields.as_object().unwrap()).await.unwrap().id
}

/// An engine that lists its models, and has these.
async fn engine(db: &PgPool, checkpoints: &[&str]) {
    let id = Uuid::new_v4();
    let heard = Heard { id, name: "ComfyUI".to_owned(), lists_models: true, uses_models: true, ..Heard::default() };
    engines::tell(db, &heard).await.unwrap();
    let checkpoints = checkpoints.iter().map(|name| (*name).to_owned()).collect();
    engines::holds(db, id, &Names { checkpoints, ..Names::default() }).await.unwrap();
}

#[tokio::test]
async fn seeded_rows_without_files_are_examples_and_a_persons_own_are_not() {
    let db = database().await;
    seeded(&db.pool, FileWins::Nowhere).await;
    add(&db.pool, "mine", 0.1).await;
    let before = checkpoint::find_by_name(&db.pool, "realisticVisionV51").await.unwrap().unwrap();
    assert!(before.example && lora::find_by_name(&db.pool, "add_detail").await.unwrap().unwrap().example);
    assert!(!checkpoint::find_by_name(&db.pool, "mine").await.unwrap().unwrap().example);
    seeded(&db.pool, FileWins::Nowhere).await;
    let after = checkpoint::find_by_name(&db.pool, "realisticVisionV51").await.unwrap().unwrap();
    assert_eq!(after.revision(), before.revision(), "marking changes nothing that anybody said");
}

#[tokio::test]
async fn examples_come_last_in_their_own_order_and_can_be_left_out() {
    let db = database().await;
    seeded(&db.pool, FileWins::Nowhere).await;
    let by_rating = names(&db.pool, false, false).await;
    assert_eq!(names(&db.pool, true, false).await, by_rating, "among themselves they stay in rating order");
    add(&db.pool, "mine", 0.1).await;
    assert_eq!(names(&db.pool, false, false).await.last().unwrap(), "mine");
    let expected: Vec<_> = ["mine".to_owned()].into_iter().chain(by_rating).collect();
    assert_eq!(names(&db.pool, true, false).await, expected);
    assert_eq!(names(&db.pool, true, true).await, ["mine"]);
}

#[tokio::test]
async fn pages_of_examples_behind_the_rest_have_each_row_once() {
    let db = database().await;
    seeded(&db.pool, FileWins::Nowhere).await;
    for (name, rating) in [("a", 0.3), ("b", 0.99), ("c", 0.0)] {
        add(&db.pool, name, rating).await;
    }
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let request = PageRequest { limit: 2, cursor, examples_last: true, ..PageRequest::default() };
        let page = checkpoint::list(&db.pool, &Filter::default(), &request).await.unwrap();
        seen.extend(page.items.iter().map(|model| model.label().to_owned()));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, names(&db.pool, true, false).await);
    assert_eq!(seen[..3], ["b", "a", "c"]);
}

#[tokio::test]
async fn nobody_begins_with_an_example_once_there_is_an_engine_that_lists_models() {
    let db = database().await;
    seeded(&db.pool, FileWins::Nowhere).await;
    let best = || async { checkpoint::best(&db.pool).await.unwrap().map(|model| model.label().to_owned()) };
    assert_eq!(best().await.as_deref(), Some("sd_xl_base_1.0"));
    engine(&db.pool, &[]).await;
    let standing = examples::standing(&db.pool).await.unwrap();
    assert!(standing.exist && standing.step_back && !standing.hidden, "{standing:?}");
    assert_eq!(best().await, None);
    engine(&db.pool, &["dreamshaper_8.safetensors"]).await;
    assert_eq!(best().await.as_deref(), Some("dreamshaper_8"), "its file is there, on that engine");
    let held = checkpoint::find_by_name(&db.pool, "dreamshaper_8").await.unwrap().unwrap().id;
    let other = checkpoint::find_by_name(&db.pool, "deliberate_v2").await.unwrap().unwrap().id;
    assert!(!examples::steps_back(&db.pool, held).await.unwrap());
    assert!(examples::steps_back(&db.pool, other).await.unwrap());
    add(&db.pool, "mine", 0.1).await;
    assert_eq!(best().await.as_deref(), Some("mine"));
}

#[tokio::test]
async fn hidden_examples_are_chosen_for_nobody_until_they_are_shown_again() {
    let db = database().await;
    seeded(&db.pool, FileWins::Nowhere).await;
    examples::hide(&db.pool, true).await.unwrap();
    assert!(checkpoint::best(&db.pool).await.unwrap().is_none());
    assert!(!examples::standing(&db.pool).await.unwrap().are_shown());
    examples::hide(&db.pool, false).await.unwrap();
    assert!(checkpoint::best(&db.pool).await.unwrap().is_some());
}

#[tokio::test]
async fn a_deleted_row_is_not_seeded_again_until_it_is_restored_or_the_file_wins() {
    let db = database().await;
    seeded(&db.pool, FileWins::Nowhere).await;
    let id = checkpoint::find_by_name(&db.pool, "deliberate_v2").await.unwrap().unwrap().id;
    let again = async |file_wins| {
        let report = seeded(&db.pool, file_wins).await;
        let file = report.files.into_iter().find(|file| file.table == "models_checkpoints").unwrap();
        let is_there = checkpoint::find_by_name(&db.pool, "deliberate_v2").await.unwrap().is_some();
        (file.deleted, file.counts.inserted, file.counts.unchanged, is_there)
    };
    checkpoint::delete(&db.pool, id, None).await.unwrap();
    assert_eq!(again(FileWins::Nowhere).await, (1, 0, 4, false), "it is in the trash");
    assert!(trash::restore(&db.pool, Kind::Checkpoint, id).await.unwrap());
    assert_eq!(again(FileWins::Nowhere).await, (0, 0, 5, true));
    checkpoint::delete(&db.pool, id, None).await.unwrap();
    assert_eq!(again(FileWins::Everywhere).await, (0, 0, 5, true), "the file takes it out of the trash");
    checkpoint::delete(&db.pool, id, None).await.unwrap();
    assert!(trash::purge(&db.pool, Kind::Checkpoint, id).await.unwrap());
    assert_eq!(again(FileWins::Nowhere).await, (1, 0, 4, false), "it was deleted for good");
    assert_eq!(again(FileWins::Everywhere).await, (0, 1, 4, true));
}

#[tokio::test]
async fn what_is_in_the_trash_is_neither_an_example_nor_chosen_for_anybody() {
    let db = database().await;
    seeded(&db.pool, FileWins::Nowhere).await;
    for model in checkpoint::list(&db.pool, &Filter::default(), &PageRequest::default()).await.unwrap().items {
        checkpoint::delete(&db.pool, model.id, None).await.unwrap();
    }
    for model in lora::list(&db.pool, &lora::Filter::default(), &PageRequest::default()).await.unwrap().items {
        lora::delete(&db.pool, model.id, None).await.unwrap();
    }
    assert!(!examples::standing(&db.pool).await.unwrap().exist);
    engine(&db.pool, &["dreamshaper_8.safetensors"]).await;
    assert!(checkpoint::best(&db.pool).await.unwrap().is_none());
    assert_eq!(engines::list(&db.pool).await.unwrap()[0].models, 0);
}
