//! Whose word a field is, how it goes back to its source, and the same change to many.

use std::path::Path;

use genonaut_db::accounts::Viewer;
use genonaut_db::provenance::{Origin, Source};
use genonaut_db::testing::database;
use genonaut_db::write::{Applied, Bulk, Selected, WriteError};
use genonaut_db::{PgPool, checkpoint, lora, seed};
use serde_json::json;
use uuid::Uuid;

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/seed_data_static");
const FILE: &str = "models_loras.csv";

async fn seeded(db: &PgPool) -> Uuid {
    assert!(seed::static_files(db, Path::new(SEEDS), false, |_| ()).await.unwrap().is_sound());
    lora::find_by_name(db, "add_detail").await.unwrap().unwrap().id
}

async fn set(db: &PgPool, id: Uuid, fields: serde_json::Value) {
    lora::patch(db, id, fields.as_object().unwrap(), None).await.unwrap();
}

async fn origin(db: &PgPool, id: Uuid, field: &str) -> Option<(Source, Option<Source>)> {
    let found = lora::origins(db, id).await.unwrap().into_iter().find(|origin| origin.field == field);
    found.map(|Origin { source, back, .. }| (source, back))
}

async fn bulk(db: &PgPool, ids: &[Uuid], change: &Bulk) -> Result<Applied, WriteError> {
    lora::bulk(db, Selected::These(ids), change, Viewer::EVERYTHING).await
}

fn fields<T: std::fmt::Debug>(result: Result<T, WriteError>) -> Vec<String> {
    match result {
        Err(WriteError::Invalid(problems)) => problems.into_iter().map(|problem| problem.field).collect(),
        other => panic!("not refused for its fields: {other:?}"),
    }
}

/// A newer program's source is no person: its values can be had back, and are shown under its name.
#[tokio::test]
async fn a_source_that_is_not_known_is_shown_by_its_name() {
    let db = database().await;
    let id = seeded(&db.pool).await;
    sqlx::query(
        "INSERT INTO field_sources (table_name, row_key, source, source_key, fields, said)
         VALUES ('models_loras', $1, 'store:somewhere', '1', '{version}', '{\"version\": \"9\"}')",
    )
    .bind(id.to_string())
    .execute(&db.pool)
    .await
    .unwrap();
    let store = Source::Other("store:somewhere".to_owned());
    set(&db.pool, id, json!({"version": "mine"})).await;
    assert_eq!(origin(&db.pool, id, "version").await, Some((Source::Person, Some(store.clone()))));
    lora::give_back(&db.pool, id, "version").await.unwrap();
    assert_eq!(origin(&db.pool, id, "version").await, Some((store, None)));
}

#[tokio::test]
async fn every_field_says_whose_word_it_is() {
    let db = database().await;
    let id = seeded(&db.pool).await;
    set(&db.pool, id, json!({"rating": 0.5, "trigger_words": ["new"], "description": null})).await;
    sqlx::query("UPDATE models_loras SET family = 'by psql' WHERE id = $1").bind(id).execute(&db.pool).await.unwrap();
    let file = || Some(Source::File(FILE.to_owned()));
    for (field, expected) in [
        ("tags", Some((Source::File(FILE.to_owned()), None))),
        ("name", Some((Source::Genonaut, None))),
        ("rating", Some((Source::Person, file()))),
        ("trigger_words", Some((Source::Person, file()))),
        ("description", Some((Source::Person, file()))),
        ("family", Some((Source::Person, file()))),
    ] {
        assert_eq!(origin(&db.pool, id, field).await, expected, "{field}");
    }
    let own = lora::create(&db.pool, json!({"path": "own.pt", "rating": 0.1}).as_object().unwrap()).await.unwrap();
    assert_eq!(origin(&db.pool, own.id, "rating").await, Some((Source::Person, None)));
    assert_eq!(origin(&db.pool, own.id, "name").await, Some((Source::Genonaut, None)));
    assert_eq!(origin(&db.pool, own.id, "tags").await, None);
    assert!(lora::origins(&db.pool, Uuid::new_v4()).await.unwrap().is_empty());
}

#[tokio::test]
async fn made_up_models_are_made_by_genonaut() {
    let db = database().await;
    seed::add_synthetic(&db.pool, 1, 20, |_| ()).await.unwrap();
    let id = lora::list(&db.pool, &lora::Filter::default(), &Default::default()).await.unwrap().items[0].id;
    assert_eq!(origin(&db.pool, id, "metadata.recommended_weight").await, Some((Source::Genonaut, None)));
}

#[tokio::test]
async fn a_field_goes_back_to_its_source_and_follows_it_again() {
    let db = database().await;
    let id = seeded(&db.pool).await;
    set(
        &db.pool,
        id,
        json!({"rating": 0.5, "tags": ["mine"], "description": "mine", "metadata": {"recommended_weight": 1.5}}),
    )
    .await;
    for (given, field) in [("rating", "rating"), ("tags", "tags"), ("metadata", "metadata.recommended_weight")] {
        lora::give_back(&db.pool, id, given).await.unwrap();
        assert_eq!(origin(&db.pool, id, field).await, Some((Source::File(FILE.to_owned()), None)), "{field}");
    }
    let back = lora::find(&db.pool, id).await.unwrap().unwrap();
    assert_eq!((back.rating, back.tags.join(" ")), (Some(0.93), "detail enhancement quality".to_owned()));
    assert_eq!(back.metadata.get::<f64>(&["recommended_weight"]), Some(0.7));
    assert_eq!(back.description.as_deref(), Some("mine"), "other fields stay");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), format!("path,rating,description\n{},0.2,theirs\n", back.path)).unwrap();
    assert!(seed::static_files(&db.pool, folder.path(), false, |_| ()).await.unwrap().is_sound());
    let now = lora::find(&db.pool, id).await.unwrap().unwrap();
    assert_eq!((now.rating, now.description.as_deref()), (Some(0.2), Some("mine")));
}

#[tokio::test]
async fn a_field_that_no_source_spoke_of_stays_the_persons() {
    let db = database().await;
    let own =
        checkpoint::create(&db.pool, json!({"path": "own.pt", "rating": 0.1}).as_object().unwrap()).await.unwrap();
    assert_eq!(fields(checkpoint::give_back(&db.pool, own.id, "rating").await), ["rating"]);
    assert_eq!(fields(checkpoint::give_back(&db.pool, own.id, "id").await), ["id"]);
    assert_eq!(checkpoint::find(&db.pool, own.id).await.unwrap().unwrap().rating, Some(0.1));
    assert!(matches!(checkpoint::give_back(&db.pool, Uuid::new_v4(), "rating").await, Err(WriteError::NotFound)));
}

#[tokio::test]
async fn a_bulk_change_reaches_all_of_them_as_a_persons_word() {
    let db = database().await;
    let first = seeded(&db.pool).await;
    let second = lora::find_by_name(&db.pool, "anime_style").await.unwrap().unwrap().id;
    let change = Bulk {
        add_tags: vec!["a, b".into()],
        remove_tags: vec!["quality".into()],
        rating: Some(0.93),
        ..Bulk::default()
    };
    let ids = [first, second, Uuid::new_v4()];
    let Applied { reached, mut changed, .. } = bulk(&db.pool, &ids, &change).await.unwrap();
    assert_eq!(reached, 2);
    changed.sort();
    let mut both = [first, second];
    both.sort();
    assert_eq!(changed, both);
    let model = lora::find(&db.pool, first).await.unwrap().unwrap();
    assert_eq!(model.tags, ["detail", "enhancement", "a, b"]);
    for field in ["tags", "rating"] {
        assert_eq!(
            origin(&db.pool, first, field).await,
            Some((Source::Person, Some(Source::File(FILE.to_owned())))),
            "{field}"
        );
    }
    assert!(bulk(&db.pool, &both, &change).await.unwrap().changed.is_empty(), "nothing is different now");
}

#[tokio::test]
async fn a_bulk_change_that_makes_no_sense_changes_nothing() {
    let db = database().await;
    let id = seeded(&db.pool).await;
    let tag = |tag: &str| vec![tag.to_owned()];
    for (ids, change, field) in [
        (vec![], Bulk { rating: Some(0.1), ..Bulk::default() }, "id"),
        (vec![id; 5001], Bulk { rating: Some(0.1), ..Bulk::default() }, "id"),
        (vec![id], Bulk::default(), "change"),
        (vec![id], Bulk { rating: Some(2.0), ..Bulk::default() }, "rating"),
        (vec![id], Bulk { add_tags: tag("x"), remove_tags: tag("x"), ..Bulk::default() }, "remove_tags"),
        (vec![id], Bulk { add_tags: tag("a\0b"), ..Bulk::default() }, "tags"),
        (vec![id], Bulk { add_tags: tag(&"x".repeat(501)), rating: Some(0.1), ..Bulk::default() }, "tags"),
    ] {
        assert_eq!(fields(bulk(&db.pool, &ids, &change).await), [field]);
    }
    assert_eq!(lora::find(&db.pool, id).await.unwrap().unwrap().rating, Some(0.93));
}
