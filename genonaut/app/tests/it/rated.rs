//! Pictures of given recipes with given stars, made by the demo engine and rated through the API.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::TestServer;

/// A server with two checkpoints and a LoRA, whose engine works, and their ids.
pub async fn start() -> (TestServer, [String; 3]) {
    let server = TestServer::start().await;
    let defaults = json!({"defaults": {"width": 64, "height": 64, "steps": 4}});
    let id = |model: Value| model["id"].as_str().unwrap().to_owned();
    let first = json!({"path": "c/first.safetensors", "rating": 0.8, "architecture": "sd1", "metadata": defaults});
    let second = json!({"path": "c/second.safetensors", "rating": 0.75, "architecture": "sd1", "metadata": defaults});
    let lora = json!({"path": "l/a.safetensors", "metadata": {"recommended_weight": 1.0}});
    let ids = [
        id(server.add("checkpoint", first).await),
        id(server.add("checkpoint", second).await),
        id(server.add("lora", lora).await),
    ];
    server.work(Duration::ZERO);
    (server, ids)
}

/// Makes a picture for each of the stars.
pub async fn rate(server: &TestServer, order: &Value, stars: &[u8]) {
    let mut order = order.clone();
    order["images"] = json!(stars.len());
    let queued = server.request(Method::POST, "/api/v1/jobs").json(&order).send().await.unwrap();
    assert_eq!(queued.status(), 202);
    let path = queued.headers()["location"].to_str().unwrap().to_owned();
    let mut job = server.json(&path).await;
    while job["state"] != "done" {
        assert_ne!(job["state"], "failed", "{job}");
        tokio::time::sleep(Duration::from_millis(20)).await;
        job = server.json(&path).await;
    }
    for (image, stars) in job["results"].as_array().unwrap().iter().zip(stars) {
        let id = image["id"].as_str().unwrap_or_else(|| panic!("{image}"));
        let path = format!("/api/v1/images/{id}");
        let rated = server.request(Method::PATCH, &path).json(&json!({"rating": stars})).send().await.unwrap();
        assert_eq!(rated.status(), 200);
    }
}
