//! Seeding from files: whole or not at all, again and again, and never over what a person entered.

use std::path::Path;

use genonaut_db::seed::{self, Counts, FileReport, Report};
use genonaut_db::testing::database;
use genonaut_db::{PgPool, lora};
use serde_json::json;

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/seed_data_static");

async fn run(db: &PgPool, folder: &Path) -> Report {
    seed::static_files(db, folder, false, |_| ()).await.unwrap()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

async fn one(db: &PgPool, name: &str, text: &str) -> FileReport {
    let mut report = run(db, folder(&[(name, text)]).path()).await;
    report.files.pop().expect("one file")
}

fn counts(inserted: i64, updated: i64, unchanged: i64, kept: i64) -> Counts {
    Counts { inserted, updated, unchanged, kept, kept_fields: kept, ..Counts::default() }
}

async fn count(db: &PgPool, table: &str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"))).fetch_one(db).await.unwrap()
}

async fn text(db: &PgPool, sql: &str) -> Option<String> {
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(db).await.unwrap()
}

#[tokio::test]
async fn the_users_own_files_arrive_row_for_row() {
    let db = database().await;
    let report = run(&db.pool, Path::new(SEEDS)).await;
    assert!(report.is_sound() && report.strangers.is_empty(), "{report:#?}");
    assert_eq!((count(&db.pool, "models_checkpoints").await, count(&db.pool, "models_loras").await), (5, 5));
    let row = "SELECT concat_ws('|', filename, name, version, architecture, base, rating, tags::text, metadata #>> '{defaults,height}')
        FROM models_checkpoints WHERE path LIKE '%realisticVisionV51%'";
    let expected =
        "realisticVisionV51.safetensors|realisticVisionV51|5.1|sd1|sd1|0.92|{realistic,photography,portrait}|768";
    assert_eq!(text(&db.pool, row).await.as_deref(), Some(expected));
    let spelled = "SELECT architecture || base FROM models_checkpoints WHERE name = 'dreamshaper_8'";
    assert_eq!(text(&db.pool, spelled).await.as_deref(), Some("Sd1.5sd1"));
    let lists =
        "SELECT trigger_words::text || optimal_checkpoints::text FROM models_loras WHERE name = 'cinematic_lighting'";
    assert_eq!(
        text(&db.pool, lists).await.as_deref(),
        Some(r#"{"cinematic lighting","film look"}{sd_v1-5-pruned-emaonly,dreamshaper_8}"#)
    );
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let db = database().await;
    run(&db.pool, Path::new(SEEDS)).await;
    let stamps = "SELECT string_agg(last_updated::text, ' ' ORDER BY id) FROM models_loras";
    let before = text(&db.pool, stamps).await;
    let again = run(&db.pool, Path::new(SEEDS)).await;
    assert!(again.files.iter().all(|file| file.counts == counts(0, 0, 5, 0)), "{again:#?}");
    assert_eq!(text(&db.pool, stamps).await, before);
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let db = database().await;
    let report = seed::static_files(&db.pool, Path::new(SEEDS), true, |_| ()).await.unwrap();
    assert!(report.files.iter().all(|file| file.counts == counts(5, 0, 0, 0)));
    assert_eq!(count(&db.pool, "models_loras").await + count(&db.pool, "field_sources").await, 0);
}

const FIRST: &str = "path,rating,tags,description\na/one.pt,0.5,\"x,y\",old\na/two.pt,0.5,x,\n";

#[tokio::test]
async fn a_changed_file_changes_what_nobody_has_edited() {
    let db = database().await;
    one(&db.pool, "models_loras.csv", FIRST).await;
    let changed = "path,rating,tags,description\na/one.pt,0.7,\"x,z\",new\na/two.pt,0.5,x,\na/three.pt,,,\n";
    assert_eq!(one(&db.pool, "models_loras.csv", changed).await.counts, counts(1, 1, 1, 0));
    let row = "SELECT concat_ws('|', rating, tags::text, description) FROM models_loras WHERE name = 'one'";
    assert_eq!(text(&db.pool, row).await.as_deref(), Some("0.7|{x,z}|new"));
    let emptied = "path,rating,tags,description\na/one.pt,,,\n";
    assert_eq!(one(&db.pool, "models_loras.csv", emptied).await.counts, counts(0, 1, 0, 0));
    assert_eq!(text(&db.pool, row).await.as_deref(), Some("{}"));
    assert_eq!(count(&db.pool, "models_loras").await, 3, "what left the file stays in the table");
}

#[tokio::test]
async fn edits_are_kept_whichever_way_they_were_made() {
    let db = database().await;
    one(&db.pool, "models_loras.csv", FIRST).await;
    let edited = lora::find_by_name(&db.pool, "one").await.unwrap().unwrap();
    let patch = json!({"rating": 0.9, "description": null});
    lora::patch(&db.pool, edited.id, patch.as_object().unwrap(), None).await.unwrap();
    sqlx::query("UPDATE models_loras SET tags = '{mine}' WHERE name = 'two'").execute(&db.pool).await.unwrap();
    let same = one(&db.pool, "models_loras.csv", FIRST).await.counts;
    assert_eq!(same, Counts { kept: 2, kept_fields: 3, ..counts(0, 0, 0, 0) });
    let changed = "path,rating,tags,description\na/one.pt,0.7,new,other\na/two.pt,0.6,new,\n";
    let counts = one(&db.pool, "models_loras.csv", changed).await.counts;
    assert_eq!(counts, Counts { updated: 2, kept_fields: 3, ..Counts::default() });
    let rows =
        "SELECT string_agg(concat_ws('|', rating, tags::text, description), ' ' ORDER BY name) FROM models_loras";
    assert_eq!(text(&db.pool, rows).await.as_deref(), Some("0.9|{new} 0.6|{mine}"));
}

#[tokio::test]
async fn an_edit_back_to_the_files_word_is_still_the_persons() {
    let db = database().await;
    one(&db.pool, "models_loras.csv", FIRST).await;
    let edited = lora::find_by_name(&db.pool, "one").await.unwrap().unwrap();
    lora::patch(&db.pool, edited.id, json!({"rating": 0.5}).as_object().unwrap(), None).await.unwrap();
    one(&db.pool, "models_loras.csv", "path,rating\na/one.pt,0.1\n").await;
    assert_eq!(
        text(&db.pool, "SELECT rating::text FROM models_loras WHERE name = 'one'").await.as_deref(),
        Some("0.5")
    );
}

#[tokio::test]
async fn a_model_that_was_renamed_or_moved_by_hand_is_recognised() {
    let db = database().await;
    one(&db.pool, "models_loras.csv", FIRST).await;
    let edited = lora::find_by_name(&db.pool, "one").await.unwrap().unwrap();
    lora::patch(&db.pool, edited.id, json!({"path": "elsewhere/one.pt", "name": "Uno"}).as_object().unwrap(), None)
        .await
        .unwrap();
    let report = one(&db.pool, "models_loras.csv", FIRST).await;
    assert!(report.problems.is_empty() && report.counts.inserted == 0, "{report:#?}");
    assert_eq!(
        text(&db.pool, "SELECT string_agg(path, ' ' ORDER BY path) FROM models_loras").await.as_deref(),
        Some("a/two.pt elsewhere/one.pt")
    );
}

#[tokio::test]
async fn a_row_that_was_there_before_gets_only_what_it_lacks() {
    let db = database().await;
    sqlx::query("INSERT INTO models_loras (path, rating) VALUES ('a/one.pt', 0.1)").execute(&db.pool).await.unwrap();
    let counts = one(&db.pool, "models_loras.csv", FIRST).await.counts;
    assert_eq!(counts, Counts { inserted: 1, updated: 1, kept_fields: 1, ..Counts::default() });
    let row = "SELECT concat_ws('|', rating, tags::text, description) FROM models_loras WHERE name = 'one'";
    assert_eq!(text(&db.pool, row).await.as_deref(), Some("0.1|{x,y}|old"));
}

#[tokio::test]
async fn a_model_that_was_deleted_for_good_stays_away_and_leaves_no_word_behind() {
    let db = database().await;
    one(&db.pool, "models_loras.csv", FIRST).await;
    sqlx::query("DELETE FROM models_loras WHERE name = 'one'").execute(&db.pool).await.unwrap();
    assert_eq!(count(&db.pool, "field_sources").await, 1);
    let report = one(&db.pool, "models_loras.csv", FIRST).await;
    assert_eq!((report.deleted, report.counts), (1, counts(0, 0, 1, 0)));
}

#[tokio::test]
async fn all_problems_of_a_file_come_at_once_and_nothing_of_it_is_applied() {
    let db = database().await;
    sqlx::query("INSERT INTO models_loras (path) VALUES ('x/taken.pt')").execute(&db.pool).await.unwrap();
    let bad = "path,rating,metadata,name\n\
        a/fine.pt,0.5,,\n\
        a/abc.pt,abc,,\n\
        a/two.pt,2,,\n\
        a/nan.pt,NaN,,\n\
        a/json.pt,0.1,{bad,\n\
        ,0.1,,\n\
        a/fine.pt,0.1,,Other\n\
        b/fine.pt,0.1,,Third\n\
        b/name.pt,0.1,,fine\n\
        y/taken.pt,0.1,,\n\
        short.pt,0.1\n\
        a/long.pt,0.1,,,more\n";
    let report = one(&db.pool, "models_loras.csv", bad).await;
    let lines: Vec<_> = report.problems.iter().map(|p| (p.line, p.column.as_deref().unwrap_or(""))).collect();
    for expected in [
        (3, "rating"),
        (4, "rating"),
        (5, "rating"),
        (6, "metadata"),
        (7, "path"),
        (8, "path"),
        (9, "filename"),
        (10, "name"),
        (11, "filename"),
        (11, "name"),
    ] {
        assert!(lines.contains(&expected), "{expected:?} is not in {:#?}", report.problems);
    }
    assert!(
        lines.iter().any(|(line, _)| *line == 12) && lines.iter().any(|(line, _)| *line == 13),
        "{:#?}",
        report.problems
    );
    assert!(!lines.iter().any(|(line, _)| *line == 2), "line 2 is fine: {:#?}", report.problems);
    assert!(report.problems.iter().all(|problem| !problem.reason.is_empty()));
    assert_eq!(count(&db.pool, "models_loras").await, 1);
}

#[tokio::test]
async fn a_bad_header_does_not_hide_bad_rows() {
    let db = database().await;
    let report = one(&db.pool, "models_loras.csv", "path,ratign,metadata\na.pt,1,\nb.pt,1,[1]\n").await;
    let lines: Vec<_> = report.problems.iter().map(|p| (p.line, p.column.as_deref().unwrap_or(""))).collect();
    assert_eq!(lines, [(1, "ratign"), (3, "metadata")]);
    assert_eq!(count(&db.pool, "models_loras").await, 0);
}

#[tokio::test]
async fn a_bad_file_does_not_stop_the_others() {
    let db = database().await;
    let folder = folder(&[
        ("models_checkpoints.csv", "path,rating\nx,9\n"),
        ("models_loras.TSV", "\u{feff}path\trating\r\na b.pt\t0.5\r\n"),
        ("notes.txt", "?"),
        ("nothing.csv", "a\n1\n"),
    ]);
    let report = run(&db.pool, folder.path()).await;
    assert_eq!(report.strangers, ["notes.txt", "nothing.csv"]);
    assert!(!report.is_sound());
    assert_eq!((count(&db.pool, "models_checkpoints").await, count(&db.pool, "models_loras").await), (0, 1));
}

/// A file called accounts.csv must not let anybody in.
#[tokio::test]
async fn the_programs_own_tables_are_not_filled_from_files() {
    let db = database().await;
    let sql = "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables
        WHERE schemaname = current_schema() AND tablename NOT LIKE 'models\\_%'";
    let tables = text(&db.pool, sql).await.unwrap();
    let names: Vec<_> = tables.split(' ').map(|table| format!("{table}.csv")).collect();
    assert!(names.len() > 20 && names.contains(&"accounts.csv".to_owned()), "{names:?}");
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), "name\nx\n")).collect();
    let report = run(&db.pool, folder(&files).path()).await;
    let mut strangers = report.strangers.clone();
    strangers.sort();
    assert_eq!(strangers, names);
}

#[tokio::test]
async fn cells_hold_lists_and_objects_in_the_forms_people_write() {
    let db = database().await;
    let rows = "path,tags,model_metadata\na.pt,\"a, b\",\"{\"\"x\"\": 1}\"\nb.pt,\"[\"\"a, b\"\", \"\"c\"\"]\",\nc.pt,\"{\"\"a, b\"\",c}\",\n";
    let report = one(&db.pool, "models_loras.csv", rows).await;
    assert_eq!(report.counts.inserted, 3, "{report:#?}");
    let tags = "SELECT string_agg(tags::text || metadata::text, ' ' ORDER BY path) FROM models_loras";
    assert_eq!(text(&db.pool, tags).await.as_deref(), Some(r#"{a,b}{"x": 1} {"a, b",c}{} {"a, b",c}{}"#));
}

#[tokio::test]
async fn a_third_table_needs_no_code() {
    let db = database().await;
    sqlx::raw_sql(
        "CREATE TYPE mood AS ENUM ('fine', 'bad');
         CREATE TABLE \"odd \"\" table\" (code text, part int, born date, feeling mood, count smallint NOT NULL DEFAULT 7, PRIMARY KEY (code, part))",
    )
    .execute(&db.pool)
    .await
    .unwrap();
    let name = "odd \" table.csv";
    let good = "code,part,born,feeling,count\na,1,2020-02-29,fine,\na,2,,,3\n";
    assert_eq!(one(&db.pool, name, good).await.counts, counts(2, 0, 0, 0));
    assert_eq!(one(&db.pool, name, good).await.counts, counts(0, 0, 2, 0));
    assert_eq!(text(&db.pool, "SELECT sum(count)::text FROM \"odd \"\" table\"").await.as_deref(), Some("10"));
    let bad = "code,part,born,feeling,count\nb,1,2021-02-29,angry,99999\nb,x,,,\n,3,,,\n";
    let report = one(&db.pool, name, bad).await;
    let lines: Vec<_> = report.problems.iter().map(|p| (p.line, p.column.as_deref().unwrap_or(""))).collect();
    assert_eq!(lines, [(2, "born"), (2, "feeling"), (2, "count"), (3, "part"), (4, "code")], "{:#?}", report.problems);
}

#[tokio::test]
async fn a_table_whose_rows_a_file_cannot_name_is_refused() {
    let db = database().await;
    let report = one(&db.pool, "models_loras.csv", "name,rating\nx,0.5\n").await;
    assert!(report.problems[0].hint.as_deref().is_some_and(|hint| hint.contains("path")), "{report:#?}");
}
