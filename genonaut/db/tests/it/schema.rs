//! Migrations are made from the declarations, and stay what they are.

use genonaut_db::schema::{self, PrepareRequest, Prepared};
use genonaut_db::testing::database;
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnectOptions;

fn request(folder: &std::path::Path) -> PrepareRequest {
    PrepareRequest { folder: folder.to_owned(), name: None, allow_loss: false, renames: Vec::new() }
}

fn migrations() -> std::path::PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/migrations").into()
}

fn options(url: &str) -> PgConnectOptions {
    url.parse().unwrap()
}

#[tokio::test]
async fn migrations_make_exactly_what_is_declared() {
    let db = database().await;
    let prepared = schema::prepare(&options(&db.url), &request(&migrations())).await.unwrap();
    assert_eq!(prepared, Prepared::Nothing, "run `make migrate-prep`");
}

/// A database that has applied a migration refuses another one of that number.
#[test]
fn migrations_are_what_they_were_when_they_were_made() {
    let sums = std::fs::read_to_string(migrations().join("SHA256SUMS")).unwrap();
    for entry in std::fs::read_dir(migrations()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".sql") {
            continue;
        }
        let sum: String =
            Sha256::digest(std::fs::read(&path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect();
        let recorded = sums.lines().find(|line| line.ends_with(&format!("  {name}")));
        let recorded = recorded
            .unwrap_or_else(|| panic!("{name} is not in SHA256SUMS: make it by `make migrate-prep`, which adds it"));
        assert_eq!(recorded, format!("{sum}  {name}"), "{name} has been changed after it was made: restore it");
    }
}

#[tokio::test]
async fn a_migration_that_was_changed_is_no_ground_for_the_next() {
    let db = database().await;
    let folder = with_extra("ALTER TABLE models_loras DROP COLUMN version;");
    let landed = folder.path().join("0002_generation.sql");
    std::fs::write(&landed, std::fs::read_to_string(&landed).unwrap() + "\n-- edited").unwrap();
    let refused = schema::prepare(&options(&db.url), &request(folder.path())).await.unwrap_err().to_string();
    assert!(refused.contains("0002_generation.sql was changed"), "{refused}");
}

#[tokio::test]
async fn a_migration_is_recorded_as_it_is_made() {
    let db = database().await;
    let folder = with_extra("ALTER TABLE models_loras DROP COLUMN version;");
    schema::prepare(&options(&db.url), &request(folder.path())).await.unwrap();
    let sums = std::fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap();
    assert!(sums.lines().last().unwrap().ends_with("  9001_change.sql"), "{sums}");
}

#[tokio::test]
async fn a_second_migrate_has_nothing_to_do_and_status_shows_no_drift() {
    let db = database().await;
    assert!(schema::migrate(&db.pool).await.unwrap().applied.is_empty());
    let status = schema::status(&db.pool, &options(&db.url)).await.unwrap();
    assert!(status.pending.is_empty() && status.drift.as_ref().is_some_and(Vec::is_empty), "{status:#?}");
    assert_eq!(schema::standing(&db.pool).await.unwrap(), schema::Standing::Current);
}

#[tokio::test]
async fn status_names_what_somebody_changed_by_hand() {
    let db = database().await;
    sqlx::raw_sql("DROP INDEX models_loras_family; ALTER TABLE models_loras ADD COLUMN extra int")
        .execute(&db.pool)
        .await
        .unwrap();
    let drift = schema::status(&db.pool, &options(&db.url)).await.unwrap().drift.unwrap().join("\n");
    assert!(drift.contains("CREATE INDEX models_loras_family") && drift.contains("DROP COLUMN extra"), "{drift}");
}

/// A folder whose migrations make one thing more than is declared.
fn with_extra(sql: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(migrations()).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    std::fs::write(folder.path().join("9000_extra.sql"), sql).unwrap();
    folder
}

#[tokio::test]
async fn a_lossy_step_is_refused_unless_it_is_allowed() {
    let db = database().await;
    let folder = with_extra("ALTER TABLE models_loras ADD COLUMN extra int; CREATE TABLE more (id int PRIMARY KEY);");
    let mut request = request(folder.path());
    let refused = schema::prepare(&options(&db.url), &request).await.unwrap_err().to_string();
    assert!(refused.contains("models_loras.extra") && refused.contains("table more"), "{refused}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), std::fs::read_dir(migrations()).unwrap().count() + 1);
    request.allow_loss = true;
    let Prepared::Written { file, statements } = schema::prepare(&options(&db.url), &request).await.unwrap() else {
        panic!("nothing was written")
    };
    assert!(file.ends_with("9001_change.sql"));
    assert_eq!(statements, ["ALTER TABLE models_loras DROP COLUMN extra", "DROP TABLE more"]);
    assert_eq!(schema::prepare(&options(&db.url), &request).await.unwrap(), Prepared::Nothing);
}

#[tokio::test]
async fn a_rename_keeps_the_values() {
    let db = database().await;
    let folder = with_extra("ALTER TABLE models_loras RENAME COLUMN version TO edition;");
    let mut request = request(folder.path());
    assert!(schema::prepare(&options(&db.url), &request).await.is_err(), "drop and add would lose values");
    request.renames = vec!["models_loras.edition:version".parse().unwrap()];
    let Prepared::Written { statements, .. } = schema::prepare(&options(&db.url), &request).await.unwrap() else {
        panic!("nothing was written")
    };
    assert_eq!(statements, ["ALTER TABLE models_loras RENAME COLUMN edition TO version"]);
}

#[tokio::test]
async fn changed_defaults_rules_functions_and_triggers_are_brought_back() {
    let db = database().await;
    let folder = with_extra(
        "ALTER TABLE models_loras ALTER tags SET DEFAULT '{x}', ALTER path DROP NOT NULL, DROP CONSTRAINT models_loras_rating_check;
         CREATE OR REPLACE FUNCTION model_stem(filename text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT filename';
         CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS 'SELECT 1';
         DROP TRIGGER models_loras_fill ON models_loras;",
    );
    let request = request(folder.path());
    let prepared = schema::prepare(&options(&db.url), &request).await.unwrap();
    let Prepared::Written { statements, .. } = prepared else { panic!("nothing was written") };
    let all = statements.join("\n");
    for wanted in [
        "DROP FUNCTION extra()",
        "SET DEFAULT '{}'::text[]",
        "path SET NOT NULL",
        "rating_check",
        "FUNCTION public.model_stem",
        "CREATE TRIGGER models_loras_fill",
    ] {
        assert!(all.contains(wanted), "{wanted} is not in\n{all}");
    }
    assert_eq!(schema::prepare(&options(&db.url), &request).await.unwrap(), Prepared::Nothing);
}

/// What a newer program has added is not known here, and nothing of ours may run over it.
#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_with_advice() {
    let db = database().await;
    sqlx::raw_sql("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'future', true, '', 0)")
        .execute(&db.pool)
        .await
        .unwrap();
    assert_eq!(schema::standing(&db.pool).await.unwrap(), schema::Standing::Ahead);
    let refused = schema::migrate(&db.pool).await.unwrap_err().to_string();
    assert!(refused.contains("a newer Genonaut") && refused.contains("backup"), "{refused}");
    assert_eq!(schema::status(&db.pool, &options(&db.url)).await.unwrap().unknown, ["9999"]);
}
