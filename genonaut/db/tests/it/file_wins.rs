//! Whose value stays where a seed file and a person differ: named, and decided by whoever seeds.

use genonaut_db::provenance::Source;
use genonaut_db::seed::{self, Counts, FieldConflict, FileReport, FileWins, Options};
use genonaut_db::testing::database;
use genonaut_db::{PgPool, lora};
use serde_json::{Value, json};

const FILE: &str = "models_loras.csv";
const FIRST: &str = "path,rating,tags,description,metadata\n\
    a/one.pt,0.5,\"x,y\",old,\"{\"\"recommended_weight\"\": 0.5, \"\"rank\"\": 8}\"\n\
    a/two.pt,0.5,x,,\n";

async fn seed(db: &PgPool, file: &str, text: &str, options: Options) -> FileReport {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("seeds")).unwrap();
    std::fs::write(folder.path().join("seeds").join(file), text).unwrap();
    let mut report = seed::from_folder(db, &folder.path().join("seeds"), &options, |_| ()).await.unwrap();
    let report = report.files.pop().expect("one file");
    assert!(report.problems.is_empty(), "{:#?}", report.problems);
    report
}

fn file_wins(file_wins: FileWins) -> Options {
    Options { file_wins, ..Options::default() }
}

async fn edit(db: &PgPool, name: &str, fields: Value) {
    let model = lora::find_by_name(db, name).await.unwrap().unwrap();
    lora::patch(db, model.id, fields.as_object().unwrap(), None).await.unwrap();
}

async fn row(db: &PgPool, name: &str) -> Value {
    serde_json::to_value(lora::find_by_name(db, name).await.unwrap().unwrap()).unwrap()
}

/// Whose values the fields of a row are.
async fn source(db: &PgPool, name: &str, field: &str) -> Option<Source> {
    let id = lora::find_by_name(db, name).await.unwrap().unwrap().id;
    let origins = lora::origins(db, id).await.unwrap();
    origins.into_iter().find(|origin| origin.field == field).map(|origin| origin.source)
}

fn conflict(line: i64, model: &str, field: &str, current: Value, file: Value) -> FieldConflict {
    FieldConflict { line, model: model.to_owned(), field: field.to_owned(), current, file }
}

/// With a person's values in `one`, and somebody's in `two` that came past us.
async fn edited() -> genonaut_db::testing::TestDatabase {
    let db = database().await;
    seed(&db.pool, FILE, FIRST, Options::default()).await;
    let mine = json!({"rating": 0.9, "description": null, "metadata": {"recommended_weight": 1.5, "own": 1}});
    edit(&db.pool, "one", mine).await;
    sqlx::query("UPDATE models_loras SET tags = '{mine}' WHERE name = 'two'").execute(&db.pool).await.unwrap();
    db
}

fn differing() -> Vec<FieldConflict> {
    vec![
        conflict(2, "one", "rating", json!(0.9), json!(0.5)),
        conflict(2, "one", "description", json!(null), json!("old")),
        conflict(2, "one", "metadata.recommended_weight", json!(1.5), json!(0.5)),
        conflict(3, "two", "tags", json!(["mine"]), json!(["x"])),
    ]
}

#[tokio::test]
async fn fields_that_were_kept_are_named() {
    let db = edited().await;
    let report = seed(&db.pool, FILE, FIRST, Options::default()).await;
    assert_eq!(report.counts, Counts { kept: 2, kept_fields: 4, ..Counts::default() });
    assert_eq!((report.kept_list, report.overwritten_list), (differing(), vec![]));
    // An empty cell differs from nothing.
    let silent = seed(&db.pool, FILE, "path,rating\na/one.pt,\n", Options::default()).await;
    assert_eq!((silent.counts, silent.kept_list), (Counts { unchanged: 1, ..Counts::default() }, vec![]));
}

#[tokio::test]
async fn what_a_file_would_overwrite_is_named_before_it_does() {
    let db = edited().await;
    let before = (row(&db.pool, "one").await, row(&db.pool, "two").await);
    let options = Options { dry_run: true, file_wins: FileWins::Everywhere };
    let report = seed(&db.pool, FILE, FIRST, options).await;
    assert_eq!(report.counts, Counts { updated: 2, overwritten_fields: 4, ..Counts::default() });
    assert_eq!((report.kept_list, report.overwritten_list), (vec![], differing()));
    assert_eq!((row(&db.pool, "one").await, row(&db.pool, "two").await), before);
    assert_eq!(source(&db.pool, "one", "rating").await, Some(Source::Person));
}

#[tokio::test]
async fn a_file_that_wins_is_followed_from_then_on() {
    let db = edited().await;
    let report = seed(&db.pool, FILE, FIRST, file_wins(FileWins::Everywhere)).await;
    assert_eq!(report.counts, Counts { updated: 2, overwritten_fields: 4, ..Counts::default() });
    let one = row(&db.pool, "one").await;
    assert_eq!((&one["rating"], &one["description"]), (&json!(0.5), &json!("old")));
    assert_eq!(one["metadata"], json!({"recommended_weight": 0.5, "rank": 8, "own": 1}), "what it does not name stays");
    assert_eq!(row(&db.pool, "two").await["tags"], json!(["x"]));
    for field in ["rating", "description", "metadata.recommended_weight"] {
        assert_eq!(source(&db.pool, "one", field).await, Some(Source::File(FILE.to_owned())), "{field}");
    }
    assert_eq!(source(&db.pool, "one", "metadata.own").await, Some(Source::Person));
    let changed = "path,rating,tags,description\na/one.pt,0.7,\"x,y\",new\na/two.pt,0.5,z,\n";
    let counts = seed(&db.pool, FILE, changed, Options::default()).await.counts;
    assert_eq!(counts, Counts { updated: 2, ..Counts::default() });
    assert_eq!(row(&db.pool, "one").await["rating"], json!(0.7));
}

#[tokio::test]
async fn a_file_wins_only_where_it_is_to_and_never_with_an_empty_cell() {
    let db = edited().await;
    edit(&db.pool, "two", json!({"description": "typed", "path": "moved/two.pt"})).await;
    let report = seed(&db.pool, FILE, FIRST, file_wins(FileWins::In(vec!["tags".into(), "rating".into()]))).await;
    assert_eq!(report.counts.overwritten_fields, 2);
    let one = row(&db.pool, "one").await;
    assert_eq!((&one["rating"], one.get("description").unwrap_or(&Value::Null)), (&json!(0.5), &json!(null)));
    let report = seed(&db.pool, FILE, FIRST, file_wins(FileWins::Everywhere)).await;
    let two = row(&db.pool, "two").await;
    assert_eq!((&two["description"], &two["tags"]), (&json!("typed"), &json!(["x"])));
    assert_eq!(two["path"], json!("moved/two.pt"), "a file lies where scans find it");
    assert!(report.overwritten_list.iter().all(|field| field.model == "one"), "{:#?}", report.overwritten_list);
}

/// An export only repeats what others say; where it wins it speaks for itself.
#[tokio::test]
async fn a_file_that_repeats_another_wins_for_good() {
    let db = database().await;
    seed(&db.pool, "models_loras.tsv", "path\trating\na/one.pt\t0.5\n", Options::default()).await;
    let export = "path,rating\na/one.pt,0.5\n";
    seed(&db.pool, FILE, export, Options::default()).await;
    assert_eq!(source(&db.pool, "one", "rating").await, Some(Source::File("models_loras.tsv".to_owned())));
    edit(&db.pool, "one", json!({"rating": 0.9})).await;
    let report = seed(&db.pool, FILE, export, file_wins(FileWins::Everywhere)).await;
    assert_eq!(report.overwritten_list, [conflict(2, "one", "rating", json!(0.9), json!(0.5))]);
    assert_eq!(source(&db.pool, "one", "rating").await, Some(Source::File(FILE.to_owned())));
    let same = seed(&db.pool, FILE, export, Options::default()).await;
    assert_eq!(same.counts, Counts { unchanged: 1, ..Counts::default() });
}

#[tokio::test]
async fn a_long_list_ends_and_is_counted() {
    let db = database().await;
    let rows = |rating: f64| (0..150).map(|i| format!("a/{i}.pt,{rating}\n")).collect::<String>();
    seed(&db.pool, FILE, &format!("path,rating\n{}", rows(0.5)), Options::default()).await;
    sqlx::query("UPDATE models_loras SET rating = 0.9").execute(&db.pool).await.unwrap();
    let report = seed(&db.pool, FILE, &format!("path,rating\n{}", rows(0.4)), Options::default()).await;
    assert_eq!((report.counts.kept_fields, report.kept_list.len()), (150, 100));
    assert_eq!(report.kept_list[99].line, 101);
}
