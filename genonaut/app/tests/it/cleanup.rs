//! What a running server removes by itself.

use std::time::Duration;

use genonaut::cleanup;
use genonaut_db::accounts::Viewer;
use genonaut_db::images::{self, Shown, Window};
use genonaut_db::jobs;
use genonaut_db::testing::{count, run};
use reqwest::Method;
use serde_json::json;
use tokio::sync::watch;

use crate::server::TestServer;

async fn with_images(count: u32) -> (TestServer, Vec<images::Image>) {
    let server = TestServer::start().await;
    let defaults = json!({"defaults": {"width": 64, "height": 64, "steps": 2}});
    server.add("checkpoint", json!({"path": "c/base.safetensors", "architecture": "sd1", "metadata": defaults})).await;
    server.work(Duration::ZERO);
    let queued = server.request(Method::POST, "/api/v1/jobs").json(&json!({"prompt": "x", "images": count}));
    assert_eq!(queued.send().await.unwrap().status(), 202);
    while !jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let window = Window { limit: 50, ..Window::default() };
    let made = images::list(server.db(), Viewer::EVERYTHING, Shown::All, window).await.unwrap().0;
    (server, made)
}

#[tokio::test]
async fn images_leave_the_trash_with_their_files_after_their_time() {
    let (server, made) = with_images(3).await;
    for image in &made[..2] {
        images::bin(server.db(), Viewer::EVERYTHING, image.id, true).await.unwrap();
    }
    run(server.db(), "UPDATE images SET deleted = now() - interval '31 days' WHERE number = 3").await;
    let (_stop, stopped) = watch::channel(false);
    cleanup::once(server.db(), &server.pictures(), images::TRASH_DAYS, &stopped).await.unwrap();
    assert!(server.pictures().read(&made[0].file).await.is_err());
    assert!(server.pictures().read(&made[1].file).await.is_ok());
    assert_eq!(count(server.db(), "SELECT count(*) FROM images").await, 2);
    let restored = images::bin(server.db(), Viewer::EVERYTHING, made[1].id, false).await.unwrap();
    assert!(restored, "one that is in time comes back");
}

#[tokio::test]
async fn an_image_in_the_trash_is_seen_restored_and_deleted_for_good_with_its_files() {
    let (server, made) = with_images(2).await;
    for image in &made {
        images::bin(server.db(), Viewer::EVERYTHING, image.id, true).await.unwrap();
    }
    let first = server.json("/api/v1/trash/images?limit=1").await;
    let cursor = first["next"].as_str().unwrap();
    let second = server.json(&format!("/api/v1/trash/images?limit=1&cursor={cursor}")).await;
    assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
    assert_eq!(second["next"], serde_json::Value::Null);
    let restore = format!("/ui/trash/image/{}/restore", made[0].id);
    assert_eq!(server.request(Method::POST, &restore).send().await.unwrap().status(), 303);
    let purge = |id| format!("/api/v1/trash/images/{id}");
    let purged = |id| server.request(Method::DELETE, &purge(id)).send();
    assert_eq!(purged(made[0].id).await.unwrap().status(), 404, "it is not in the trash");
    assert_eq!(purged(made[1].id).await.unwrap().status(), 204);
    assert!(server.pictures().read(&made[1].file).await.is_err());
    assert!(server.pictures().read(&made[0].file).await.is_ok());
    assert_eq!(count(server.db(), "SELECT count(*) FROM images").await, 1);
}

/// Its files may be gone already.
#[tokio::test]
async fn an_image_is_not_restored_after_its_time() {
    let (server, made) = with_images(1).await;
    images::bin(server.db(), Viewer::EVERYTHING, made[0].id, true).await.unwrap();
    run(server.db(), "UPDATE images SET deleted = now() - interval '31 days'").await;
    let restore = format!("/api/v1/images/{}/restore", made[0].id);
    assert_eq!(server.request(Method::POST, &restore).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_server_that_stops_does_not_wait_for_a_full_trash() {
    let (server, made) = with_images(3).await;
    for image in &made {
        images::bin(server.db(), Viewer::EVERYTHING, image.id, true).await.unwrap();
    }
    run(server.db(), "UPDATE images SET deleted = now() - interval '31 days'").await;
    let (_stop, stopped) = watch::channel(true);
    cleanup::once(server.db(), &server.pictures(), images::TRASH_DAYS, &stopped).await.unwrap();
    assert_eq!(count(server.db(), "SELECT count(*) FROM images").await, 3, "the next start goes on");
}

#[tokio::test]
async fn old_drafts_and_scans_go() {
    let (server, _) = with_images(1).await;
    run(
        server.db(),
        "INSERT INTO drafts (id, recipe, last_updated) VALUES
            (gen_random_uuid(), 'prompt=old', now() - interval '181 days'), (gen_random_uuid(), 'prompt=new', now() - interval '9 days');
         INSERT INTO scans (paths, state, finished) SELECT '{/x}', 'done', now() - interval '31 days' FROM generate_series(1, 150);
         INSERT INTO scans (paths, state) VALUES ('{/y}', 'running')",
    )
    .await;
    let (_stop, stopped) = watch::channel(false);
    cleanup::once(server.db(), &server.pictures(), images::TRASH_DAYS, &stopped).await.unwrap();
    assert_eq!(count(server.db(), "SELECT count(*) FROM drafts WHERE recipe = 'prompt=new'").await, 1);
    assert_eq!(count(server.db(), "SELECT count(*) FROM drafts").await, 1);
    assert_eq!(count(server.db(), "SELECT count(*) FROM scans").await, 100, "the latest stay, however old they are");
}
