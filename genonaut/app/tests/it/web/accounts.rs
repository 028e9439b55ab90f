//! Whose images, jobs, grids and drafts a page and the API show.

use std::time::Duration;

use genonaut::accounts::digest_of_password;
use genonaut::config::Listen;
use genonaut_db::accounts::{self, Viewer};
use genonaut_db::jobs;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::{TestServer, listen};

const PASSWORD: &str = "correct horse & battery";

/// Somebody who is signed in, at a browser that others use too.
struct Person<'a> {
    server: &'a TestServer,
    cookies: String,
}

impl Person<'_> {
    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, String) {
        let request = self.server.request(method, path).header("cookie", &self.cookies);
        let request = if let Some(body) = &body { request.json(body) } else { request };
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    async fn status(&self, method: Method, path: &str) -> u16 {
        self.send(method, path, None).await.0.as_u16()
    }

    async fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.send(Method::GET, path, None).await.1).unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, text) = self.send(Method::POST, path, Some(body)).await;
        assert_eq!(status, 202, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn images(&self) -> Vec<Value> {
        self.get("/api/v1/images").await["items"].as_array().unwrap().clone()
    }
}

async fn sign_in<'a>(server: &'a TestServer, name: &str) -> Person<'a> {
    let form = [("name", name), ("password", PASSWORD)];
    let answer = server.request(Method::POST, "/login").form(&form).send().await.unwrap();
    let session = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let browser = "genonaut_draft=0190b4a0-0000-7000-8000-000000000001";
    Person { server, cookies: format!("{session}; {browser}") }
}

/// With a checkpoint, and accounts of which the first is an administrator's.
async fn server(listen: Listen, names: &[&str]) -> TestServer {
    let server = TestServer::with(listen).await;
    let defaults = json!({"defaults": {"width": 64, "height": 64, "steps": 2}});
    server.add("checkpoint", json!({"path": "c/base.safetensors", "architecture": "sd1", "metadata": defaults})).await;
    for name in names {
        assert!(accounts::add(server.db(), name, &digest_of_password(PASSWORD).unwrap()).await.unwrap());
    }
    server
}

async fn until_idle(server: &TestServer) {
    for _ in 0..600 {
        if jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the queue does not become empty");
}

#[tokio::test]
async fn an_image_belongs_to_the_account_that_made_it() {
    let server = server(listen(), &["Owner", "Ann", "Bob"]).await;
    let (owner, ann, bob) =
        (sign_in(&server, "owner").await, sign_in(&server, "ann").await, sign_in(&server, "bob").await);
    let job = ann.post("/api/v1/jobs", json!({"prompt": "secret of ann"})).await["id"].as_str().unwrap().to_owned();
    assert_eq!(bob.get("/api/v1/jobs").await, json!([]));
    assert!(bob.send(Method::GET, "/", None).await.1.contains("1 queued"), "why one has to wait is no secret");
    for (method, path) in [
        (Method::GET, format!("/api/v1/jobs/{job}")),
        (Method::POST, format!("/api/v1/jobs/{job}/cancel")),
        (Method::POST, format!("/api/v1/jobs/{job}/retry")),
    ] {
        assert_eq!(bob.status(method, &path).await, 404, "{path}");
    }
    server.work(Duration::ZERO);
    until_idle(&server).await;
    let image = ann.images().await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!((bob.images().await.len(), owner.images().await.len()), (0, 1));
    for (method, path) in [
        (Method::GET, format!("/api/v1/images/{image}")),
        (Method::DELETE, format!("/api/v1/images/{image}")),
        (Method::POST, format!("/api/v1/images/{image}/restore")),
        (Method::GET, format!("/images/{image}")),
        (Method::GET, format!("/images/{image}/thumbnail")),
        (Method::POST, format!("/ui/images/{image}/delete")),
        (Method::POST, format!("/ui/images/{image}/vary")),
    ] {
        assert_eq!(bob.status(method.clone(), &path).await, 404, "{method} {path}");
    }
    let rated = bob.send(Method::PATCH, &format!("/api/v1/images/{image}"), Some(json!({"rating": 1}))).await;
    assert_eq!(rated.0, 404);
    assert_eq!(ann.images().await[0]["rating"], Value::Null);
    for path in ["/".to_owned(), format!("/?image={image}"), format!("/?from={image}&use=remix")] {
        let page = bob.send(Method::GET, &path, None).await.1;
        assert!(!page.contains("secret of ann") && !page.contains(&format!("/images/{image}/thumbnail")), "{path}");
    }
    assert!(ann.send(Method::GET, "/", None).await.1.contains("secret of ann"));
    assert_eq!(ann.status(Method::GET, &format!("/images/{image}")).await, 200);
    assert_eq!(owner.status(Method::GET, &format!("/images/{image}")).await, 200);
}

#[tokio::test]
async fn a_grid_belongs_to_the_account_that_made_it() {
    let server = server(listen(), &["Owner", "Ann", "Bob"]).await;
    let (ann, bob) = (sign_in(&server, "ann").await, sign_in(&server, "bob").await);
    let axes = json!({"prompt": "x", "axes": [{"kind": "steps", "values": "1, 2"}]});
    let (status, text) = ann.send(Method::POST, "/api/v1/grids", Some(axes)).await;
    assert_eq!(status, 202, "{text}");
    let id = serde_json::from_str::<Value>(&text).unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(bob.get("/api/v1/grids").await["items"], json!([]));
    assert_eq!(ann.get("/api/v1/grids").await["items"].as_array().unwrap().len(), 1);
    for (method, path) in [
        (Method::GET, format!("/api/v1/grids/{id}")),
        (Method::POST, format!("/api/v1/grids/{id}/cancel")),
        (Method::DELETE, format!("/api/v1/grids/{id}")),
        (Method::GET, format!("/grids/{id}")),
        (Method::GET, format!("/grids/{id}/sheet.png")),
        (Method::POST, format!("/ui/grids/{id}/delete")),
    ] {
        assert_eq!(bob.status(method.clone(), &path).await, 404, "{method} {path}");
    }
    assert_eq!(ann.get("/api/v1/jobs").await.as_array().unwrap().len(), 2, "nothing of it was cancelled");
}

/// In one browser, one after the other.
#[tokio::test]
async fn each_account_has_a_draft_of_its_own() {
    let server = server(listen(), &["Owner", "Ann"]).await;
    let (owner, ann) = (sign_in(&server, "owner").await, sign_in(&server, "ann").await);
    ann.send(Method::GET, "/?prompt=draft+of+ann", None).await;
    assert!(!owner.send(Method::GET, "/", None).await.1.contains("draft of ann"));
    assert!(ann.send(Method::GET, "/", None).await.1.contains("draft of ann"));
}

/// A link on another site is followed, and what the person was at stays.
#[tokio::test]
async fn another_site_replaces_no_draft() {
    let server = server(listen(), &[]).await;
    let open = async |path: &str, from: Option<&str>| {
        let request = server.request(Method::GET, path);
        let request = request.header("cookie", "genonaut_draft=0190b2d4-0000-7000-8000-000000000009");
        let request = if let Some(from) = from { request.header("sec-fetch-site", from) } else { request };
        request.send().await.unwrap().text().await.unwrap()
    };
    for (n, from) in [None, Some("none"), Some("same-origin"), Some("same-site")].into_iter().enumerate() {
        open(&format!("/?prompt=own+{n}"), from).await;
        assert!(open("/", None).await.contains(&format!("own {n}")), "{from:?}");
    }
    let added = open("/?prompt=theirs", Some("cross-site")).await;
    assert!(added.contains("theirs"), "the page shows what the link names");
    open("/?steps=9&remove=0190b2d4-0000-7000-8000-000000000002", Some("cross-site")).await;
    let own = open("/", None).await;
    assert!(own.contains("own 3") && !own.contains("theirs"));
}

#[tokio::test]
async fn a_setting_shares_everything() {
    let server = server(Listen { share_images: true, ..listen() }, &["Owner", "Ann", "Bob"]).await;
    let (ann, bob) = (sign_in(&server, "ann").await, sign_in(&server, "bob").await);
    server.work(Duration::ZERO);
    ann.post("/api/v1/jobs", json!({"prompt": "for all"})).await;
    until_idle(&server).await;
    let image = bob.images().await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(bob.status(Method::DELETE, &format!("/api/v1/images/{image}")).await, 204);
    assert!(ann.images().await.is_empty());
    let (owner, form) = (sign_in(&server, "owner").await, "/ui/engines/demo");
    let only_administrators = "only an administrator changes the engines";
    assert!(bob.send(Method::POST, form, None).await.1.contains(only_administrators), "what is shared is images");
    assert!(!owner.send(Method::POST, form, None).await.1.contains(only_administrators));
}

/// What was made before there were accounts, and what an account leaves behind, is an administrator's to see.
#[tokio::test]
async fn what_belongs_to_nobody_is_seen_by_administrators() {
    let server = server(listen(), &[]).await;
    server.work(Duration::ZERO);
    let queued = server.request(Method::POST, "/api/v1/jobs").json(&json!({"prompt": "early"})).send().await.unwrap();
    assert_eq!(queued.status(), 202);
    until_idle(&server).await;
    for name in ["Owner", "Ann", "Bob"] {
        assert!(accounts::add(server.db(), name, &digest_of_password(PASSWORD).unwrap()).await.unwrap());
    }
    let (owner, ann, bob) =
        (sign_in(&server, "owner").await, sign_in(&server, "ann").await, sign_in(&server, "bob").await);
    ann.post("/api/v1/jobs", json!({"prompt": "late"})).await;
    until_idle(&server).await;
    assert_eq!((owner.images().await.len(), ann.images().await.len(), bob.images().await.len()), (2, 1, 0));
    assert!(accounts::remove(server.db(), "ann").await.unwrap());
    assert_eq!((owner.images().await.len(), bob.images().await.len()), (2, 0));
    assert!(accounts::set_administrator(server.db(), "bob", true).await.unwrap());
    assert_eq!(bob.images().await.len(), 2);
}

/// The stream of events announces one's own jobs only.
#[tokio::test]
async fn other_peoples_jobs_are_no_events() {
    let server = server(listen(), &["Owner", "Ann", "Bob"]).await;
    let (ann, bob) = (sign_in(&server, "ann").await, sign_in(&server, "bob").await);
    let mut events = server.request(Method::GET, "/events").header("cookie", &bob.cookies).send().await.unwrap();
    let other = ann.post("/api/v1/jobs", json!({"prompt": "x"})).await["id"].as_str().unwrap().to_owned();
    let own = bob.post("/api/v1/jobs", json!({"prompt": "y"})).await["id"].as_str().unwrap().to_owned();
    server.work(Duration::ZERO);
    let mut text = String::new();
    while !(text.contains(&own) && text.contains("\"open\":false")) {
        let chunk = tokio::time::timeout(Duration::from_secs(30), events.chunk()).await.expect("an event");
        text.push_str(&String::from_utf8_lossy(&chunk.unwrap().expect("the stream goes on")));
    }
    assert!(!text.contains(&other), "{text}");
}

/// Programs that never send a cookie leave no rows behind.
#[tokio::test]
async fn a_browser_without_a_cookie_leaves_no_draft() {
    let server = server(listen(), &[]).await;
    for _ in 0..3 {
        assert_eq!(server.get("/?prompt=x&steps=9").await.status(), 200);
    }
    assert_eq!(genonaut_db::testing::count(server.db(), "SELECT count(*) FROM drafts").await, 0);
}

#[tokio::test]
async fn only_an_administrator_changes_the_engines_and_looks_through_folders() {
    let server = server(listen(), &["Owner", "Ann"]).await;
    let (owner, ann) = (sign_in(&server, "owner").await, sign_in(&server, "ann").await);
    for path in ["/ui/engines/add", "/ui/engines/built-in", "/ui/engines/demo"] {
        let (status, text) = ann.send(Method::POST, path, None).await;
        assert_eq!(status, 409, "{path}");
        assert!(text.contains("an administrator changes the engines"), "{text}");
    }
    assert!(!ann.send(Method::GET, "/start", None).await.1.contains("/ui/engines/add"));
    let browsed = "data-testid=\"browse-folders\"";
    assert!(owner.send(Method::GET, "/models/import?at=/", None).await.1.contains(browsed));
    assert!(!ann.send(Method::GET, "/models/import?at=/", None).await.1.contains(browsed));
}
