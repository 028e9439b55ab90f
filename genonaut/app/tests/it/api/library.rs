//! Folders become models through the API: scans, roots, files.

use reqwest::Method;
use serde_json::{Value, json};

use crate::disk::Disk;
use crate::server::TestServer;

/// Scans until it is over, and returns the scan.
pub async fn scan(server: &TestServer, paths: &[&str]) -> Value {
    let request = server.request(Method::POST, "/api/v1/scans").json(&json!({"paths": paths}));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 202);
    over(server, answer.headers()["location"].to_str().unwrap()).await
}

async fn over(server: &TestServer, place: &str) -> Value {
    loop {
        let scan = server.json(place).await;
        if scan["state"] != "running" {
            return scan;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|model| model["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_folder_is_scanned_and_what_is_gone_is_missing_until_it_is_back() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.lora("style/ink.safetensors", false);
    disk.lora("detail.safetensors", true);
    disk.write("broken.safetensors", b"\xff\xff\xff\xff\xff\xff\xff\x7f{");
    let done = scan(&server, &[disk.path()]).await;
    assert_eq!((&done["state"], &done["report"]["imported"]["added"]), (&json!("done"), &json!(2)), "{done}");
    assert_eq!((&done["report"]["files"], &done["report"]["troubles"]), (&json!(3), &json!(1)), "{done}");
    let listed = server.json("/api/v1/lora-models?sort=name").await;
    assert_eq!(names(&listed), ["detail", "ink"]);
    assert_eq!(listed["items"][0]["bases"], json!(["sdxl"]));
    let problems = server.json("/api/v1/files/problems").await;
    let path = format!("{}/broken.safetensors", disk.path());
    assert_eq!((&problems[0]["path"], problems.as_array().unwrap().len()), (&json!(path), 1));
    assert!(problems[0]["reason"].as_str().unwrap().len() > 5, "{problems}");
    assert_eq!(server.json(&format!("/api/v1/files/problems?after={path}&limit=1")).await, json!([]));
    let loras = json!({"kind": "lora", "files": 2, "missing": 0});
    assert!(server.json("/api/v1/files/kinds").await.as_array().unwrap().contains(&loras));

    disk.remove("style/ink.safetensors");
    assert_eq!(scan(&server, &[]).await["report"]["imported"]["missing"], 1);
    assert_eq!(names(&server.json("/api/v1/lora-models?missing=true").await), ["ink"]);
    let id = server.json("/api/v1/lora-models?missing=true").await["items"][0]["id"].as_str().unwrap().to_owned();
    let files = server.json(&format!("/api/v1/lora-models/{id}/files")).await;
    assert_eq!((&files[0]["missing"], &files[0]["path"]), (&json!(true), &json!("style/ink.safetensors")));
    disk.lora("style/ink.safetensors", false);
    scan(&server, &[]).await;
    assert_eq!(names(&server.json("/api/v1/lora-models?missing=true").await), [""; 0]);
    assert_eq!(server.json("/api/v1/scans").await.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn roots_are_listed_and_removed_and_their_models_stay() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.lora("a.safetensors", false);
    scan(&server, &[disk.path()]).await;
    let roots = server.json("/api/v1/roots").await;
    assert_eq!((&roots[0]["path"], &roots[0]["away"]), (&json!(disk.path()), &json!(false)));
    assert!(roots[0]["scanned"].is_string());
    let root = format!("/api/v1/roots/{}", roots[0]["id"].as_str().unwrap());
    assert_eq!(server.request(Method::DELETE, &root).send().await.unwrap().status(), 204);
    assert_eq!(server.request(Method::DELETE, &root).send().await.unwrap().status(), 404);
    assert_eq!(server.json("/api/v1/roots").await, json!([]));
    assert_eq!(names(&server.json("/api/v1/lora-models?missing=true").await), ["a"]);
}

#[tokio::test]
async fn what_cannot_be_scanned_is_refused_by_name() {
    let server = TestServer::start().await;
    for (body, status, said) in [
        (json!({"paths": ["/nowhere/at all"]}), 422, "/nowhere/at all"),
        (json!({"paths": ["models"]}), 422, "models"),
        (json!({"paths": "x"}), 422, "must be a list"),
        (json!({"path": "/tmp"}), 422, "path: unknown field"),
        (json!(["/tmp"]), 400, "must be an object"),
    ] {
        let answer = server.request(Method::POST, "/api/v1/scans").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{body}");
        let problem: Value = answer.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }
    assert_eq!(server.json("/api/v1/scans").await, json!([]));
    for (method, path) in [(Method::GET, ""), (Method::POST, "/cancel")] {
        let path = format!("/api/v1/scans/0190b2d4-0000-7000-8000-000000000001{path}");
        assert_eq!(server.request(method, &path).send().await.unwrap().status(), 404);
    }
}

#[tokio::test]
async fn what_a_cancelled_scan_has_read_stays_and_is_not_missing() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    for at in 0..1700 {
        disk.lora(&format!("{at}.safetensors"), false);
    }
    let request = server.request(Method::POST, "/api/v1/scans").json(&json!({"paths": [disk.path()]}));
    let begun = request.send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    let cancelled = server.request(Method::POST, &format!("{begun}/cancel")).send().await.unwrap();
    assert_eq!(cancelled.status(), 204);
    let scan = over(&server, &begun).await;
    // A fast machine may be through before it hears of it.
    assert!(scan["state"] == "cancelled" || scan["report"]["imported"]["added"] == 1700, "{scan}");
    assert_eq!(scan["report"]["imported"]["missing"], 0, "{scan}");
    assert_eq!(names(&server.json("/api/v1/lora-models?missing=true").await), [""; 0]);
}

#[tokio::test]
async fn a_scan_that_is_over_cannot_be_cancelled() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.lora("a.safetensors", false);
    let done = scan(&server, &[disk.path()]).await;
    let path = format!("/api/v1/scans/{}/cancel", done["id"].as_str().unwrap());
    assert_eq!(server.request(Method::POST, &path).send().await.unwrap().status(), 409);
}

#[tokio::test]
async fn lists_are_narrowed_to_what_nobody_has_rated() {
    let server = TestServer::start().await;
    for kind in ["lora", "checkpoint"] {
        server.add(kind, json!({"path": "rated.pt", "rating": 0.0})).await;
        server.add(kind, json!({"path": "unrated.pt"})).await;
        let list = format!("/api/v1/{kind}-models?unrated=");
        assert_eq!(names(&server.json(&format!("{list}true")).await), ["unrated"]);
        assert_eq!(names(&server.json(&format!("{list}false")).await), ["rated", "unrated"]);
        assert_eq!(server.get(&format!("{list}maybe")).await.status(), 400);
    }
}
