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
    assert_eq!(server.get(&path).await.status(), 404, "the trash lists it");
    let rated = server.request(Method::PATCH, &path).json(&json!({"rating": 1})).send().await.unwrap();
    assert_eq!(rated.status(), 404);
    assert_eq!(post(&server, &format!("/images/{image}/restore"), json!({})).await.status(), 204);
    assert_eq!(server.json(&path).await["rating"], 5);
    assert_eq!(server.json("/api/v1/images").await["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn whole_numbers_may_be_written_as_decimals_and_a_seed_of_minus_one_is_drawn() {
    let server = with_models().await;
    let order = r#"{"steps": 20.0, "width": 64.0, "clip_skip": 2.0, "seed": 7.0, "images": 2.0}"#;
    let queue = |body: &'static str| {
        server.request(Method::POST, "/api/v1/jobs").header("content-type", "application/json").body(body).send()
    };
    let job: Value = queue(order).await.unwrap().json().await.unwrap();
    let recipe = &job["recipe"];
    assert_eq!((&recipe["steps"], &recipe["width"], &recipe["seed"]), (&json!(20), &json!(64), &json!(7)), "{job}");
    assert_eq!((&recipe["clip_skip"], &job["images"]), (&json!(2), &json!(2)));
    for order in [r#"{"seed": -1}"#, r#"{"seed": -1.0}"#] {
        let job: Value = queue(order).await.unwrap().json().await.unwrap();
        assert!(job["recipe"]["seed"].as_i64().is_some_and(|seed| seed >= 0), "{job}");
    }
    for order in [
        r#"{"seed": 7.5}"#,
        r#"{"seed": -1.5}"#,
        r#"{"images": 1.5}"#,
        r#"{"seed": "7"}"#,
        r#"{"steps": "20"}"#,
        r#"{"": null}"#,
        r#"{"step": null}"#,
        r#"{"cfg_scale": "7"}"#,
    ] {
        assert_eq!(queue(order).await.unwrap().status(), 422, "{order}");
    }
    assert_eq!(server.get("/api/v1/images?limit=50.0&before=7.0").await.status(), 200);
    assert_eq!(server.get("/api/v1/images?limit=50.5").await.status(), 400);
}

/// The names of a prompt are looked up together, and no more of them than a recipe holds.
#[tokio::test]
async fn a_prompt_may_name_as_many_loras_as_a_recipe_holds() {
    let server = with_models().await;
    let named = |count: usize| (0..count).map(|at| format!("<lora:n{at}>")).collect::<String>();
    for (prompt, reason) in [
        (named(32), "no LoRA named “n31”"),
        (named(33), "there are more than 32 LoRAs"),
        (format!("{}<lora:a>", "<lora:a:0.5>".repeat(400)), ""),
    ] {
        let answer = post(&server, "/jobs", json!({"prompt": prompt})).await;
        assert_eq!(answer.status(), if reason.is_empty() { 202 } else { 422 }, "{reason}");
        let problem: Value = answer.json().await.unwrap();
        assert!(reason.is_empty() || problem["errors"].to_string().contains(reason), "{problem}");
    }
}

#[tokio::test]
async fn an_image_that_was_in_the_bin_for_too_long_is_said_to_be_gone() {
    let server = with_models().await;
    let nobody = "00000000-0000-0000-0000-000000000000";
    let answer = post(&server, &format!("/images/{nobody}/restore"), json!({})).await;
    assert_eq!(answer.status(), 404);
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["detail"], "image not found, or in the trash for more than 30 days");
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
