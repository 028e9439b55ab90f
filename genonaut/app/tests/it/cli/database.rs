//! Databases and PostgreSQLs that are not what we need.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use genonaut_db::testing::{database, run};

use super::Home;

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn programs_that_are_not_where_they_were_said_to_be_are_an_error() {
    let home = Home::new();
    let failed = home.command(&["db", "status"]).env("PG_BIN", "/nowhere/bin").output().unwrap();
    assert_eq!(failed.status.code(), Some(1));
    assert!(said(&failed).contains("PG_BIN is /nowhere/bin"), "{}", said(&failed));
}

/// A PostgreSQL as it is installed without the package of its extensions.
#[test]
fn a_postgresql_without_pg_trgm_names_the_package() {
    let (home, folder) = (Home::new(), tempfile::tempdir().unwrap());
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::copy(postgres(), bin.join("postgres")).unwrap();
    for name in ["initdb", "pg_ctl"] {
        fs::write(bin.join(name), "").unwrap();
        fs::set_permissions(bin.join(name), Permissions::from_mode(0o755)).unwrap();
    }
    let failed = home.command(&["db", "status"]).env("PG_BIN", &bin).output().unwrap();
    assert_eq!(failed.status.code(), Some(1));
    assert!(
        said(&failed).contains("has no pg_trgm") && said(&failed).contains("postgresql-contrib"),
        "{}",
        said(&failed)
    );
}

fn postgres() -> PathBuf {
    let chosen = std::env::var_os("PG_BIN").map(PathBuf::from);
    let installed =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/share/genonaut/pg/bin"));
    let all = chosen.into_iter().chain(installed).chain(home).chain(["/var/lib/genonaut/pg/bin".into()]);
    all.map(|folder| folder.join("postgres")).find(|file| file.is_file()).expect("a PostgreSQL")
}

/// Migrating needs no more rights than that; only comparing does.
#[tokio::test]
async fn a_role_that_may_not_create_databases_can_migrate() {
    let (home, database) = (Home::new(), database().await);
    run(
        &database.pool,
        "DO $$ BEGIN CREATE ROLE genonaut_plain LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
        DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO genonaut_plain', current_database()); END $$;
        DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION genonaut_plain",
    )
    .await;
    let url = database.url.replacen("genonaut@", "genonaut_plain@", 1);
    assert_ne!(url, database.url);
    for (command, wanted) in [("migrate", "applied 0001"), ("migrate", "nothing to do"), ("status", "not compared")] {
        let output = home.command(&["--database-url", &url, "db", command]).output().unwrap();
        assert!(output.status.success() && said(&output).contains(wanted), "{command}: {}", said(&output));
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let (home, database) = (Home::new(), database().await);
    run(
        &database.pool,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'future', true, '', 0)",
    )
    .await;
    for args in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["serve", "--listen", "127.0.0.1:0", "--migrate"],
        &["models", "list"],
        &["db", "migrate"],
    ] {
        let refused = home.command(args).env("DATABASE_URL", &database.url).output().unwrap();
        assert_eq!(refused.status.code(), Some(1), "{args:?}");
        assert!(said(&refused).contains("a newer Genonaut"), "{args:?}: {}", said(&refused));
    }
    let status = home.command(&["db", "status"]).env("DATABASE_URL", &database.url).output().unwrap();
    assert!(said(&status).contains("unknown      9999"), "{}", said(&status));
}

/// An update of the system may take the programs away that the private database needs.
#[test]
fn an_upgrade_of_postgresql_is_refused_or_needed_with_advice() {
    let home = Home::new();
    assert!(home.fails(&["db", "upgrade"], 1).contains("no private database"));
    home.says(&["db", "migrate"]);
    assert!(home.says(&["db", "upgrade"]).contains("nothing to do"));
    let status: serde_json::Value = serde_json::from_str(&home.says(&["db", "status", "--json"])).unwrap();
    assert!(status["upgrade"].is_null() && status["database"] == "genonaut_demo", "{status}");
    let external = ["--database-url", "postgres://me@db/models", "db", "upgrade"];
    assert!(home.fails(&external, 1).contains("its own tools"));
    fs::write(home.0.path().join("data/postgres/PG_VERSION"), "9\n").unwrap();
    for args in [&["db", "upgrade"][..], &["serve", "--listen", "127.0.0.1:0"], &["models", "list"]] {
        let refused = home.fails(args, 1);
        assert!(refused.contains("install postgresql-9,") && refused.contains("genonaut db upgrade"), "{refused}");
    }
}
