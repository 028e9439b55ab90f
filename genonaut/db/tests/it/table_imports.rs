//! A table that somebody brings: what it would change, and the sound rows of it imported.

use std::path::PathBuf;

use genonaut_db::provenance::Source;
use genonaut_db::seed::{self, Counts, FieldChange, FileWins, Import, Preview, RowChange};
use genonaut_db::testing::{TestDatabase, database};
use genonaut_db::{PgPool, lora};
use serde_json::{Value, json};

/// A file with this text, in a folder that lives as long.
struct Table {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Table {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        std::fs::write(&path, text).unwrap();
        Self { _folder: folder, path }
    }

    fn import(&self, file_wins: &[&str]) -> Import<'_> {
        let file_wins = FileWins::In(file_wins.iter().map(|name| (*name).to_owned()).collect());
        Import { path: &self.path, name: "my list.csv", table: "models_loras", file_wins }
    }
}

async fn preview(db: &PgPool, text: &str, file_wins: &[&str]) -> Preview {
    seed::preview(db, &Table::new(text).import(file_wins), 100, 0).await.unwrap()
}

async fn import(db: &PgPool, text: &str, file_wins: &[&str]) -> seed::Imported {
    seed::import(db, &Table::new(text).import(file_wins)).await.unwrap()
}

async fn rows(db: &PgPool) -> Vec<String> {
    let sql = "SELECT concat_ws('|', name, path, rating, tags::text) FROM models_loras ORDER BY name";
    sqlx::query_scalar(sql).fetch_all(db).await.unwrap()
}

fn field(field: &str, old: Value, new: Value) -> FieldChange {
    FieldChange { field: field.to_owned(), old, new, is_kept: false, is_overwritten: false }
}

fn change(line: i64, model: &str, is_new: bool, fields: Vec<FieldChange>) -> RowChange {
    RowChange { line, model: model.to_owned(), is_new, fields }
}

/// `one`, rated 0.9 by a person; `two`, as a file has it.
async fn catalogue() -> TestDatabase {
    let db = database().await;
    import(&db.pool, "path,rating,tags\na/one.pt,0.5,x\na/two.pt,0.5,\"x,y\"\n", &[]).await;
    let one = lora::find_by_name(&db.pool, "one").await.unwrap().unwrap();
    lora::patch(&db.pool, one.id, json!({"rating": 0.9}).as_object().unwrap(), None).await.unwrap();
    db
}

const TEXT: &str = "path;rating;tags;metadata\r\n\
    a/one.pt;0,7;z;\r\n\
    a/two.pt;0,5;\"y, x\";\"{\"\"recommended_weight\"\": 0.8}\"\r\n\
    ;;;\r\n\
    a/three.pt;0,1;;\r\n\
    a/bad.pt;much;;\r\n\
    a/far.pt;2;;\r\n\
    b/three.pt;0,2;;\r\n";

#[tokio::test]
async fn a_preview_says_what_is_new_changed_kept_and_refused() {
    let db = catalogue().await;
    let before = rows(&db.pool).await;
    let shown = preview(&db.pool, TEXT, &[]).await;
    let kept = FieldChange { is_kept: true, ..field("rating", json!(0.9), json!(0.7)) };
    assert_eq!(
        shown.rows,
        [
            change(2, "one", false, vec![kept, field("tags", json!(["x"]), json!(["z"]))]),
            change(
                3,
                "two",
                false,
                vec![
                    field("tags", json!(["x", "y"]), json!(["y", "x"])),
                    field("metadata.recommended_weight", json!(null), json!(0.8)),
                ]
            ),
            change(
                5,
                "three",
                true,
                vec![field("path", json!(null), json!("a/three.pt")), field("rating", json!(null), json!(0.1))]
            ),
        ]
    );
    assert_eq!(shown.outcome.counts, Counts { inserted: 1, updated: 2, kept_fields: 1, ..Counts::default() });
    assert_eq!(shown.conflicts, [("rating".to_owned(), 1)]);
    let refused: Vec<_> =
        shown.outcome.problems.iter().map(|problem| (problem.line, problem.reason.as_str())).collect();
    assert_eq!(
        refused,
        [
            (6, "is not a number"),
            (7, "must be a number from 0 to 1"),
            (8, "duplicates line 5"),
            (8, "duplicates line 5"),
        ]
    );
    assert!(shown.outcome.importable);
    assert_eq!(rows(&db.pool).await, before);

    let theirs = preview(&db.pool, TEXT, &["rating"]).await;
    let overwritten = FieldChange { is_overwritten: true, ..field("rating", json!(0.9), json!(0.7)) };
    assert_eq!(theirs.rows[0].fields[0], overwritten);
    assert_eq!(theirs.conflicts, [("rating".to_owned(), 1)], "the choice stays on offer");
    let second = seed::preview(&db.pool, &Table::new(TEXT).import(&[]), 1, 1).await.unwrap();
    assert_eq!((second.rows.len(), second.rows[0].line, second.outcome.counts), (1, 3, shown.outcome.counts));
}

#[tokio::test]
async fn an_import_does_what_the_preview_said_without_the_refused_rows() {
    let db = catalogue().await;
    let imported = import(&db.pool, TEXT, &["rating"]).await;
    assert_eq!(imported.outcome.counts, Counts { inserted: 1, updated: 2, overwritten_fields: 1, ..Counts::default() });
    assert_eq!((imported.outcome.problems.len(), imported.overwritten_list.len(), imported.kept_list.len()), (4, 1, 0));
    assert_eq!(rows(&db.pool).await, ["one|a/one.pt|0.7|{z}", "three|a/three.pt|0.1|{}", "two|a/two.pt|0.5|{y,x}"]);
    let one = lora::find_by_name(&db.pool, "one").await.unwrap().unwrap().id;
    let origins = lora::origins(&db.pool, one).await.unwrap();
    let rating = origins.iter().find(|origin| origin.field == "rating").unwrap();
    assert_eq!(rating.source, Source::File("my list.csv".to_owned()));
    let again = import(&db.pool, TEXT, &[]).await;
    assert_eq!(again.outcome.counts, Counts { unchanged: 3, ..Counts::default() });
}

/// A row that is refused keeps its name, so a row that was to have that name is refused too.
#[tokio::test]
async fn what_waits_for_a_refused_row_is_refused_with_it() {
    let db = database().await;
    import(&db.pool, "path,name\na.pt,A\nb.pt,B\n", &[]).await;
    let imported = import(&db.pool, "path,name,rating\na.pt,C,bad\nb.pt,A,0.5\nd.pt,D,0.5\n", &[]).await;
    let lines: Vec<_> = imported.outcome.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [2, 3], "{:#?}", imported.outcome.problems);
    assert_eq!(rows(&db.pool).await, ["A|a.pt|{}", "B|b.pt|{}", "D|d.pt|0.5|{}"]);
}

#[tokio::test]
async fn a_file_whose_rows_nobody_can_tell_is_not_imported() {
    let db = catalogue().await;
    let before = rows(&db.pool).await;
    let many: String = (0..1100).map(|i| format!("a/{i}.pt,bad\n")).collect();
    for text in ["Pfad;Bewertung\nx;1\n", "", "name,rating\nx,0.5\n", &format!("path,rating\nfine.pt,0.5\n{many}")] {
        let shown = preview(&db.pool, text, &[]).await;
        assert!(!shown.outcome.importable && !shown.outcome.problems.is_empty(), "{text:.60}");
        let imported = import(&db.pool, text, &[]).await;
        assert!(!imported.outcome.importable && !imported.outcome.problems.is_empty(), "{text:.60}");
        assert_eq!(rows(&db.pool).await, before);
    }
}

#[tokio::test]
async fn columns_tell_which_models_a_file_holds() {
    let db = database().await;
    for (text, table) in [
        ("path;trigger_words\n", Some("models_loras")),
        ("path,architecture,rating\n", Some("models_checkpoints")),
        ("path,rating\n", None),
        ("what\n", None),
        ("", None),
    ] {
        assert_eq!(seed::fitting_table(&db.pool, &Table::new(text).path).await.unwrap(), table, "{text}");
    }
}

/// Whoever only looks keeps nobody waiting, and sees one state of the catalogue.
#[tokio::test]
async fn a_preview_waits_for_no_scan() {
    let db = catalogue().await;
    let mut scan = db.pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE models_loras IN SHARE ROW EXCLUSIVE MODE").execute(&mut *scan).await.unwrap();
    assert_eq!(preview(&db.pool, TEXT, &[]).await.rows.len(), 3);
}

/// Nobody would see what it changes.
#[tokio::test]
async fn a_row_of_a_model_in_the_trash_is_refused_and_the_others_are_imported() {
    let db = catalogue().await;
    let one = lora::find_by_name(&db.pool, "one").await.unwrap().unwrap();
    lora::delete(&db.pool, one.id, None).await.unwrap();
    let done = import(&db.pool, "path,rating\na/one.pt,0.1\na/two.pt,0.2\n", &[]).await.outcome;
    let refused: Vec<_> = done.problems.iter().map(|problem| (problem.line, problem.reason.as_str())).collect();
    assert_eq!(refused, [(2, "is of a model in the trash")]);
    assert_eq!((done.counts.updated, done.counts.inserted), (1, 0));
}
