//! Many models corrected at once and given back, and the trash.

use std::path::Path;

use genonaut_db::accounts::Viewer;
use genonaut_db::provenance::Source;
use genonaut_db::testing::database;
use genonaut_db::trash::{self, Kind};
use genonaut_db::write::{Applied, Bulk, Refusal, Replacement, Selected, WriteError};
use genonaut_db::{PgPool, checkpoint, lora, seed};
use serde_json::{Value, json};
use uuid::Uuid;

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/seed_data_static");

async fn seed(db: &PgPool) {
    assert!(seed::static_files(db, Path::new(SEEDS), false, |_| ()).await.unwrap().is_sound());
}

async fn id_of(db: &PgPool, name: &str) -> Uuid {
    lora::find_by_name(db, name).await.unwrap().unwrap().id
}

async fn all(db: &PgPool, change: &Bulk) -> Result<Applied, WriteError> {
    lora::bulk(db, Selected::Matching(&lora::Filter::default()), change, Viewer::EVERYTHING).await
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Everything of all LoRAs that a person sees, and whose word it is.
async fn everything(db: &PgPool) -> Vec<Value> {
    let mut rows = Vec::new();
    for model in lora::list(db, &lora::Filter::default(), &Default::default()).await.unwrap().items {
        let origins = lora::origins(db, model.id).await.unwrap();
        let mut row = serde_json::to_value(&model).unwrap();
        row.as_object_mut().unwrap().remove("last_updated");
        rows.push(json!({"row": row, "origins": format!("{origins:?}")}));
    }
    rows.sort_by_key(|row| row["row"]["id"].to_string());
    rows
}

fn whole_change() -> Bulk {
    Bulk {
        add_tags: words(&["checked"]),
        remove_tags: words(&["detail"]),
        rating: Some(0.25),
        base: Some("sdxl".to_owned()),
        family: Some("Own".to_owned()),
        add_words: words(&["spark"]),
        weight: Some(0.6),
        ..Bulk::default()
    }
}

#[tokio::test]
async fn all_that_match_are_changed_in_every_field_and_one_undo_gives_values_and_sources_back() {
    let db = database().await;
    seed(&db.pool).await;
    let own = id_of(&db.pool, "add_detail").await;
    let mine = json!({"rating": 0.5, "metadata": {"recommended_weight": 1.5}});
    lora::patch(&db.pool, own, mine.as_object().unwrap(), None).await.unwrap();
    let before = everything(&db.pool).await;
    let applied = all(&db.pool, &whole_change()).await.unwrap();
    assert_eq!((applied.reached, applied.changed.len()), (before.len(), before.len()));
    let now = lora::find(&db.pool, own).await.unwrap().unwrap();
    assert_eq!((now.rating, now.bases, now.family), (Some(0.25), words(&["sdxl"]), Some("Own".to_owned())));
    assert_eq!(now.metadata.get::<f64>(&["recommended_weight"]), Some(0.6));
    assert!(now.trigger_words.contains(&"spark".to_owned()) && now.tags.contains(&"checked".to_owned()));
    let origins = lora::origins(&db.pool, own).await.unwrap();
    for field in ["rating", "family", "compatible_architectures", "trigger_words", "metadata.recommended_weight"] {
        assert!(origins.iter().any(|origin| origin.field == field && origin.source == Source::Person), "{field}");
    }
    let undone = lora::undo(&db.pool, applied.change, Viewer::EVERYTHING).await.unwrap().unwrap();
    assert_eq!((undone.reached, undone.restored.len()), (before.len(), before.len()));
    assert_eq!(everything(&db.pool).await, before);
    assert!(lora::undo(&db.pool, applied.change, Viewer::EVERYTHING).await.unwrap().is_none(), "only once");
}

#[tokio::test]
async fn an_undo_leaves_what_was_changed_since_and_ends_with_the_next_change_and_the_hour() {
    let db = database().await;
    seed(&db.pool).await;
    let own = id_of(&db.pool, "add_detail").await;
    let change = Bulk { rating: Some(0.25), add_tags: words(&["checked"]), ..Bulk::default() };
    let first = all(&db.pool, &change).await.unwrap();
    lora::patch(&db.pool, own, json!({"rating": 0.75}).as_object().unwrap(), None).await.unwrap();
    lora::undo(&db.pool, first.change, Viewer::EVERYTHING).await.unwrap().unwrap();
    let now = lora::find(&db.pool, own).await.unwrap().unwrap();
    assert_eq!((now.rating, now.tags.contains(&"checked".to_owned())), (Some(0.75), false));
    let first = all(&db.pool, &change).await.unwrap();
    let second = all(&db.pool, &Bulk { rating: Some(0.3), ..Bulk::default() }).await.unwrap();
    assert!(lora::undo(&db.pool, first.change, Viewer::EVERYTHING).await.unwrap().is_none());
    assert!(checkpoint::undo(&db.pool, second.change, Viewer::EVERYTHING).await.unwrap().is_none());
    let old = "UPDATE bulk_changes SET last_created = now() - interval '61 minutes'";
    sqlx::query(old).execute(&db.pool).await.unwrap();
    assert!(lora::undo(&db.pool, second.change, Viewer::EVERYTHING).await.unwrap().is_none());
    assert_eq!(genonaut_db::write::expire(&db.pool).await.unwrap(), 1);
}

async fn add(db: &PgPool, fields: Value) -> Uuid {
    lora::create(db, fields.as_object().unwrap()).await.unwrap().id
}

fn in_names(find: &str, replace: &str) -> Bulk {
    let name = Replacement { find: find.to_owned(), replace: replace.to_owned() };
    Bulk { name: Some(name), ..Bulk::default() }
}

async fn names(db: &PgPool) -> Vec<String> {
    let models = lora::list(db, &lora::Filter::default(), &Default::default()).await.unwrap().items;
    let mut names: Vec<String> = models.into_iter().filter_map(|model| model.name).collect();
    names.sort();
    names
}

fn reasons(refused: &[Refusal]) -> Vec<(&str, &str, &str)> {
    refused.iter().map(|refusal| (&*refusal.name, refusal.code, &*refusal.reason)).collect()
}

#[tokio::test]
async fn a_text_is_replaced_in_every_name_that_has_it_and_one_undo_gives_names_and_sources_back() {
    let db = database().await;
    let file = add(&db.pool, json!({"path": "ink_wash_v1.pt"})).await;
    add(&db.pool, json!({"path": "line.pt", "name": "ink_line"})).await;
    add(&db.pool, json!({"path": "paper.pt"})).await;
    let before = everything(&db.pool).await;
    let applied = all(&db.pool, &in_names("_", " ")).await.unwrap();
    assert_eq!((applied.reached, applied.changed.len(), applied.refused), (3, 2, vec![]));
    assert_eq!(names(&db.pool).await, ["ink line", "ink wash v1", "paper"]);
    let origins = lora::origins(&db.pool, file).await.unwrap();
    let name = origins.iter().find(|origin| origin.field == "name").unwrap();
    assert_eq!(name.source, Source::Person);
    let undone = lora::undo(&db.pool, applied.change, Viewer::EVERYTHING).await.unwrap().unwrap();
    assert_eq!((undone.reached, undone.restored.len(), undone.refused), (2, 2, vec![]));
    assert_eq!(everything(&db.pool).await, before);
    let made = checkpoint::create(&db.pool, json!({"path": "XL_base.pt"}).as_object().unwrap()).await.unwrap();
    let change = in_names("XL", "SDXL");
    checkpoint::bulk(&db.pool, Selected::These(&[made.id]), &change, Viewer::EVERYTHING).await.unwrap();
    assert_eq!(checkpoint::find(&db.pool, made.id).await.unwrap().unwrap().name.as_deref(), Some("SDXL_base"));
}

#[tokio::test]
async fn a_model_whose_new_name_is_taken_or_empty_stays_as_it_is_and_the_others_change() {
    let db = database().await;
    for name in ["_x", "a_x", "a_x_x", "ink", "ink_x", "paper_x", "wash_x"] {
        add(&db.pool, json!({"path": format!("{name}.pt")})).await;
    }
    let trashed = add(&db.pool, json!({"path": "wash.pt"})).await;
    lora::delete(&db.pool, trashed, None).await.unwrap();
    let before = everything(&db.pool).await;
    let change = Bulk { rating: Some(0.25), ..in_names("_x", "") };
    let applied = all(&db.pool, &change).await.unwrap();
    assert_eq!((applied.reached, applied.changed.len()), (7, 3));
    assert_eq!(
        reasons(&applied.refused),
        [
            ("_x", "required", "the new name would be empty"),
            ("a_x_x", "duplicate", "\"a\" is already the name of another of these models"),
            ("ink_x", "duplicate", "\"ink\" is already the name of another model"),
            ("wash_x", "duplicate", "\"wash\" is already the name of a model in the trash"),
        ]
    );
    assert_eq!(names(&db.pool).await, ["_x", "a", "a_x_x", "ink", "ink_x", "paper", "wash_x"]);
    let rated = lora::Filter { min_rating: Some(0.2), ..lora::Filter::default() };
    assert_eq!(lora::count(&db.pool, &rated).await.unwrap(), 3);
    lora::undo(&db.pool, applied.change, Viewer::EVERYTHING).await.unwrap().unwrap();
    assert_eq!(everything(&db.pool).await, before);
}

#[tokio::test]
async fn names_that_are_renamed_to_each_other_break_no_rule_and_lengths_are_those_of_one_name() {
    let db = database().await;
    for name in ["v1", "v11"] {
        add(&db.pool, json!({"path": format!("{name}.pt")})).await;
    }
    let applied = all(&db.pool, &in_names("v1", "v11")).await.unwrap();
    let taken = "\"v11\" is already the name of another model";
    assert_eq!(reasons(&applied.refused), [("v1", "duplicate", taken)]);
    assert_eq!(names(&db.pool).await, ["v1", "v111"]);
    let long = all(&db.pool, &in_names("v", &"w".repeat(998))).await.unwrap();
    let rule = "the new name must be at most 1000 characters and 2600 bytes long";
    assert_eq!((long.changed.len(), reasons(&long.refused)), (1, vec![("v111", "out_of_range", rule)]));
    for (find, replace) in [("", "a"), ("a\0", ""), ("a", &*"b".repeat(1001))] {
        let refused = all(&db.pool, &in_names(find, replace)).await;
        assert!(matches!(refused, Err(WriteError::Invalid(problems)) if problems[0].field == "name"), "{find:?}");
    }
}

#[tokio::test]
async fn an_undo_leaves_the_new_name_where_another_model_has_the_old_one_by_now() {
    let db = database().await;
    let id = add(&db.pool, json!({"path": "old.pt"})).await;
    let change = Bulk { rating: Some(0.25), ..in_names("old", "new") };
    let applied = all(&db.pool, &change).await.unwrap();
    add(&db.pool, json!({"path": "other.pt", "name": "old"})).await;
    let undone = lora::undo(&db.pool, applied.change, Viewer::EVERYTHING).await.unwrap().unwrap();
    let taken = "\"old\" is already the name of another model";
    assert_eq!((undone.restored, reasons(&undone.refused)), (vec![id], vec![("new", "duplicate", taken)]));
    let now = lora::find(&db.pool, id).await.unwrap().unwrap();
    assert_eq!((now.name.as_deref(), now.rating), (Some("new"), None));
    let origins = lora::origins(&db.pool, id).await.unwrap();
    assert!(origins.iter().any(|origin| origin.field == "name" && origin.source == Source::Person));
}

#[tokio::test]
async fn a_base_that_is_set_is_the_base_whatever_the_family_says() {
    let db = database().await;
    let fields = json!({"path": "a.safetensors", "architecture": "sdxl", "family": "Pony"});
    let made = checkpoint::create(&db.pool, fields.as_object().unwrap()).await.unwrap();
    assert_eq!(made.base.as_deref(), Some("pony"));
    let change = Bulk { base: Some("sdxl".to_owned()), ..Bulk::default() };
    checkpoint::bulk(&db.pool, Selected::These(&[made.id]), &change, Viewer::EVERYTHING).await.unwrap();
    let now = checkpoint::find(&db.pool, made.id).await.unwrap().unwrap();
    assert_eq!((now.base.as_deref(), now.family), (Some("sdxl"), None));
    let weight = Bulk { weight: Some(1.0), ..Bulk::default() };
    let refused = checkpoint::bulk(&db.pool, Selected::These(&[made.id]), &weight, Viewer::EVERYTHING).await;
    assert!(matches!(refused, Err(WriteError::Invalid(_))));
}

#[tokio::test]
async fn what_is_in_the_trash_is_nowhere_else_and_comes_back_as_it_was() {
    let db = database().await;
    seed(&db.pool).await;
    let id = id_of(&db.pool, "add_detail").await;
    lora::patch(&db.pool, id, json!({"rating": 0.5}).as_object().unwrap(), None).await.unwrap();
    let before = everything(&db.pool).await;
    lora::delete(&db.pool, id, None).await.unwrap();
    assert!(lora::find(&db.pool, id).await.unwrap().is_none());
    assert!(lora::find_by_name(&db.pool, "add_detail").await.unwrap().is_none());
    assert!(lora::find_all(&db.pool, &[id]).await.unwrap().is_empty());
    assert!(lora::called(&db.pool, &["add_detail"]).await.unwrap()[0].is_empty());
    let left = i64::try_from(before.len()).unwrap() - 1;
    assert_eq!(lora::count(&db.pool, &lora::Filter::default()).await.unwrap(), left);
    let reached = all(&db.pool, &Bulk { add_tags: words(&["x"]), ..Bulk::default() }).await.unwrap();
    assert_eq!(i64::try_from(reached.reached).unwrap(), left);
    lora::undo(&db.pool, reached.change, Viewer::EVERYTHING).await.unwrap();
    seed(&db.pool).await;
    assert_eq!(lora::count(&db.pool, &lora::Filter::default()).await.unwrap(), left, "the seed does not bring it back");
    let trashed = trash::list(&db.pool, None, 10).await.unwrap();
    assert_eq!(trashed.iter().map(|row| (row.id, &*row.kind)).collect::<Vec<_>>(), [(id, "lora")]);
    let behind = Some((trashed[0].deleted_at, id));
    assert!(trash::list(&db.pool, behind, 10).await.unwrap().is_empty());
    assert!(!trash::restore(&db.pool, Kind::Checkpoint, id).await.unwrap());
    assert!(trash::restore(&db.pool, Kind::Lora, id).await.unwrap());
    assert_eq!(everything(&db.pool).await, before);
    assert!(!trash::purge(&db.pool, Kind::Lora, id).await.unwrap(), "only from the trash");
    lora::delete(&db.pool, id, None).await.unwrap();
    assert!(trash::purge(&db.pool, Kind::Lora, id).await.unwrap());
    assert!(trash::list(&db.pool, None, 10).await.unwrap().is_empty());
}
