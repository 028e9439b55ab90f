//! With one version of PostgreSQL, which moves to itself.

use std::os::unix::fs::PermissionsExt;

use sqlx::PgPool;
use tempfile::TempDir;

use super::*;
use crate::server::{Env, private};

/// A data folder that the account of PostgreSQL can enter.
async fn catalogue() -> (TempDir, Config) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let config = Config { data: folder.path().join("data"), database_url: None, env: Env::Demo };
    let server = private(&config, &[]).await.unwrap();
    let db = PgPool::connect_with(server.options()).await.unwrap();
    crate::schema::migrate(&db).await.unwrap();
    sqlx::raw_sql("INSERT INTO models_loras (path) VALUES ('a.pt'), ('b.pt')").execute(&db).await.unwrap();
    db.close().await;
    server.stop().await.unwrap();
    (folder, config)
}

async fn loras(config: &Config) -> i64 {
    let server = private(config, &[]).await.unwrap();
    let mut connection = server.options().connect().await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM models_loras").fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    server.stop().await.unwrap();
    count
}

/// The smallest PostgreSQL packages have no programs for this.
fn cannot_dump() -> bool {
    Programs::find(None).is_ok_and(|programs| Clients::find(programs.major).is_err())
}

#[tokio::test]
async fn every_row_moves_and_the_old_files_stay() {
    if cannot_dump() {
        return;
    }
    let (_folder, config) = catalogue().await;
    let cluster = Cluster::at(&config.data).unwrap();
    let programs = Programs::find(cluster.version()).unwrap();
    let done = move_to(&cluster, &programs, &programs).await.unwrap();
    let Upgraded::Done { from, to, rows, aside } = done.clone() else { panic!("{done:?}") };
    assert!(from == to && rows > 2 && aside.join("PG_VERSION").exists(), "{from} {to} {rows}");
    assert_eq!(loras(&config).await, 2);
    let left = fs::read_dir(&cluster.home).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!left.into_iter().any(|name| name.starts_with("postgres.")), "something is left behind");
}

#[tokio::test]
async fn one_that_fails_changes_nothing() {
    if cannot_dump() {
        return;
    }
    let (_folder, config) = catalogue().await;
    let cluster = Cluster::at(&config.data).unwrap();
    let programs = Programs::find(cluster.version()).unwrap();
    let nowhere = Programs { folder: "/nowhere/bin".into(), major: programs.major };
    let failed = format!("{:#}", move_to(&cluster, &programs, &nowhere).await.unwrap_err());
    assert!(failed.contains("as it was"), "{failed}");
    assert_eq!(loras(&config).await, 2);
}

/// Killed between two names: the next start gives the new files theirs.
#[tokio::test]
async fn one_that_was_killed_is_finished_by_the_next_start() {
    let (_folder, config) = catalogue().await;
    let cluster = Cluster::at(&config.data).unwrap();
    fs::rename(&cluster.data, cluster.upgraded()).unwrap();
    assert_eq!(loras(&config).await, 2);
}

#[tokio::test]
async fn it_is_refused_while_others_use_the_catalogue_and_has_nothing_to_do_on_the_newest() {
    let (_folder, config) = catalogue().await;
    let server = private(&config, &[]).await.unwrap();
    let refused = upgrade(&config).await.unwrap_err().to_string();
    assert!(refused.contains("end them first"), "{refused}");
    server.stop().await.unwrap();
    let newest = Programs::find(None).unwrap().major;
    assert_eq!(upgrade(&config).await.unwrap(), Upgraded::Nothing { major: newest });
    let external = Config { database_url: Some("postgres://me@db/models".to_owned()), ..config.clone() };
    assert!(upgrade(&external).await.unwrap_err().to_string().contains("own tools"));
}

/// Distributions take the old programs away with an update of the system.
#[tokio::test]
async fn programs_that_are_gone_are_asked_for_by_name() {
    let (_folder, config) = catalogue().await;
    let cluster = Cluster::at(&config.data).unwrap();
    fs::write(cluster.data.join("PG_VERSION"), "9\n").unwrap();
    for failed in [upgrade(&config).await.map(drop), private(&config, &[]).await.map(drop)] {
        let failed = format!("{:#}", failed.unwrap_err());
        assert!(failed.contains("install postgresql-9") && failed.contains("genonaut db upgrade"), "{failed}");
    }
}
