//! Jobs and images through the API, as a script would use it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::TestServer;

async fn post(server: &TestServer, path: &str, body: Value) -> reqwest::Response {
    server.request(Method::POST, &format!("/api/v1{path}")).json(&body).send().await.unwrap()
}

async fn with_models() -> TestServer {
    let server = TestServer::start().await;
    let defaults = json!({"defaults": {"width": 64, "height": 96, "steps": 4}});
    server.add("checkpoint", json!({"path": "c/base.safetensors", "architecture": "sd1", "metadata": defaults})).await;
    server.add("lora", json!({"path": "l/a.safetensors", "metadata": {"recommended_weight": 0.6}})).await;
    server
}

async fn until(server: &TestServer, path: &str, state: &str) -> Value {
    for _ in 0..400 {
        let job = server.json(path).await;
        if job["state"] == state {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{path} is not {state}: {}", server.json(path).await);
}

#[tokio::test]
async fn all_jobs_are_cancelled_at_once() {
    let server = with_models().await;
    for _ in 0..3 {
        assert_eq!(post(&server, "/jobs", json!({"prompt": "a"})).await.status(), 202);
    }
    let cancelled: Value = post(&server, "/jobs/cancel", json!({})).await.json().await.unwrap();
    assert_eq!(cancelled, json!({"cancelled": 3}));
    assert_eq!(server.json("/api/v1/jobs").await, json!([]));
    let none: Value = post(&server, "/jobs/cancel", json!({})).await.json().await.unwrap();
    assert_eq!(none, json!({"cancelled": 0}));
}

#[tokio::test]
async fn a_job_is_queued_made_rated_and_binned() {
    let server = with_models().await;
    let order = json!({"prompt": "a cat", "loras": [{"model": "a"}, {"model": "l/a.safetensors", "weight": -1, "clip_weight": 0.5}],
        "sampler": "Euler a", "seed": 7, "images": 2});
    let queued = post(&server, "/jobs", order).await;
    assert_eq!(queued.status(), 202);
    let location = queued.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(server.json("/api/v1/jobs").await[0]["state"], "waiting");
    server.work(Duration::from_millis(1));
    let job = until(&server, &location, "done").await;
    let recipe = &job["recipe"];
    assert_eq!(
        (&recipe["width"], &recipe["height"], &recipe["sampler"]),
        (&json!(64), &json!(96), &json!("euler_ancestral"))
    );
    assert_eq!((&recipe["loras"][0]["weight"], &recipe["loras"][1]["clip_weight"]), (&json!(0.6), &json!(0.5)));
    assert_eq!(job["results"].as_array().unwrap().len(), 2);
    assert_eq!(server.json("/api/v1/jobs").await, json!([]));

    let page = server.json("/api/v1/images?limit=1").await;
    assert_eq!(page["items"][0]["seed"], 8);
    let next = server.json(&format!("/api/v1/images?limit=1&before={}", page["next_before"])).await;
    assert_eq!((&next["items"][0]["seed"], &next["next_before"]), (&json!(7), &Value::Null));
    let image = page["items"][0]["id"].as_str().unwrap();
    assert_eq!(server.get(page["items"][0]["url"].as_str().unwrap()).await.headers()["content-type"], "image/png");

    let path = format!("/api/v1/images/{image}");
    let rated = server.request(Method::PATCH, &path).json(&json!({"rating": 5})).send().await.unwrap();
    assert_eq!(rated.json::<Value>().await.unwrap()["rating"], 5);
    assert_eq!(server.json("/api/v1/images?liked=true").await["items"].as_array().unwrap().len(), 1);
    assert_eq!(server.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
    assert_eq!(server.json("/api/v1/images").await["items"].as_array().unwrap().len(), 1);
    assert_eq!(post(&server, &format!("/images/{image}/restore"), json!({})).await.status(), 204);
    assert_eq!(server.json("/api/v1/images").await["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_waits_is_cancelled_and_queued_again() {
    let server = with_models().await;
    let job: Value = post(&server, "/jobs", json!({"prompt": "a cat"})).await.json().await.unwrap();
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    assert_eq!(post(&server, &format!("{path}/retry"), json!({})).await.status(), 409);
    assert_eq!(post(&server, &format!("{path}/cancel"), json!({})).await.status(), 204);
    assert_eq!(post(&server, &format!("{path}/cancel"), json!({})).await.status(), 409);
    assert_eq!(server.json(&format!("/api/v1{path}")).await["state"], "cancelled");
    assert_eq!(post(&server, &format!("{path}/retry"), json!({})).await.status(), 202);
    server.work(Duration::from_millis(1));
    until(&server, &format!("/api/v1{path}"), "done").await;
}

#[tokio::test]
async fn every_wrong_field_of_a_job_is_named_and_nothing_is_queued() {
    let server = with_models().await;
    let order = json!({"prompt": 7, "checkpoint": "nobody", "loras": [{"model": "a", "weight": 9}, {"model": "nobody"}],
        "width": 63, "sampler": "none", "seed": -2, "images": 0, "nonsense": 1});
    let refused = post(&server, "/jobs", order).await;
    assert_eq!(refused.status(), 422);
    let problem: Value = refused.json().await.unwrap();
    let mut fields: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    let wrong =
        ["checkpoint", "images", "loras[0].weight", "loras[1].model", "nonsense", "prompt", "sampler", "seed", "width"];
    assert_eq!(fields, wrong);
    for loras in [json!({}), json!("a"), json!(vec![json!({"model": "a"}); 40])] {
        assert_eq!(post(&server, "/jobs", json!({"loras": loras})).await.status(), 422);
    }
    assert_eq!(post(&server, "/jobs", json!({"height": 2560})).await.status(), 422, "more than SD 1.5 makes");
    assert_eq!(server.json("/api/v1/jobs").await, json!([]));
    let nobody = "00000000-0000-0000-0000-000000000000";
    for path in [format!("/jobs/{nobody}/cancel"), format!("/jobs/{nobody}/retry"), format!("/images/{nobody}/restore")]
    {
        assert_eq!(post(&server, &path, json!({})).await.status(), 404, "{path}");
    }
    for query in ["limit=0", "before=x", "liked=maybe", "checkpoint_id=7", "nonsense=1"] {
        assert_eq!(server.get(&format!("/api/v1/images?{query}")).await.status(), 400, "{query}");
    }
}
