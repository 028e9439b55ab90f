//! Several ComfyUI servers on one queue: each makes what it has the models for, and what one cannot another does.

use std::time::Duration;

use genonaut_db::engines;
use reqwest::Method;
use serde_json::{Value, json};

use crate::comfyui::double::{Double, Say, until as becomes};
use crate::disk::Disk;
use crate::server::TestServer;

/// A catalogue of two checkpoints, `a` and `b`.
async fn catalogue() -> TestServer {
    let server = TestServer::start().await;
    for name in ["a", "b"] {
        let defaults = json!({"defaults": {"width": 64, "height": 64, "steps": 4}});
        let path = format!("checkpoints/{name}.safetensors");
        server.add("checkpoint", json!({"path": path, "architecture": "sd1", "metadata": defaults})).await;
    }
    server
}

async fn order(server: &TestServer, checkpoint: &str) -> String {
    let order = json!({"prompt": "a cat", "checkpoint": checkpoint, "seed": 1});
    let queued = server.request(Method::POST, "/api/v1/jobs").json(&order).send().await.unwrap();
    assert_eq!(queued.status(), 202);
    format!("/api/v1/jobs/{}", queued.json::<Value>().await.unwrap()["id"].as_str().unwrap())
}

async fn until(server: &TestServer, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..600 {
        let found = server.json(path).await;
        if holds(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{path}: {}", server.json(path).await);
}

async fn done(server: &TestServer, path: &str) -> Value {
    until(server, path, |job| job["state"] == "done").await
}

/// Waits until so many engines have said what they have.
async fn known(server: &TestServer, count: usize) {
    until(server, "/api/v1/engines", |engines| {
        let all = engines.as_array().unwrap();
        all.len() == count && all.iter().all(|engine| engine["reachable"] == true && engine["models"] != 0)
    })
    .await;
}

fn checkpoints(double: &Double) -> Vec<String> {
    let name = |posted: Value| posted["prompt"]["4"]["inputs"]["ckpt_name"].as_str().unwrap().to_owned();
    double.called("/prompt").into_iter().map(name).collect()
}

#[tokio::test]
async fn each_server_takes_the_jobs_whose_models_it_has() {
    let server = catalogue().await;
    let (one, two) =
        (Double::with_checkpoints(&["a.safetensors"]).await, Double::with_checkpoints(&["sub/b.safetensors"]).await);
    server.comfyui("one", one.client());
    server.comfyui("two", two.client());
    let jobs = [order(&server, "b").await, order(&server, "a").await, order(&server, "b").await];
    let mut made_by = Vec::new();
    for job in &jobs {
        made_by.push(done(&server, job).await["engine"].as_str().unwrap().to_owned());
    }
    assert_eq!(made_by, ["two", "one", "two"]);
    assert_eq!(checkpoints(&one), ["a.safetensors"]);
    assert_eq!(checkpoints(&two), ["sub/b.safetensors"; 2]);
}

#[tokio::test]
async fn a_job_that_no_engine_can_take_names_the_model_and_goes_on_once_one_can() {
    let server = catalogue().await;
    let job = order(&server, "b").await;
    let nobody = until(&server, &job, |job| job["waits_for"] != Value::Null).await;
    assert!(nobody["waits_for"].as_str().unwrap().starts_with("No engine connected."), "{nobody}");
    let one = Double::with_checkpoints(&["a.safetensors"]).await;
    server.comfyui("one", one.client());
    known(&server, 1).await;
    let waits = server.json(&job).await["waits_for"].as_str().unwrap().to_owned();
    assert_eq!(
        waits,
        "No engine has b.safetensors. Add the file to a model folder of one, or cancel and choose another model."
    );
    let page = server.get("/").await.text().await.unwrap();
    assert!(page.contains("No engine has b.safetensors."), "{page}");
    one.offer("CheckpointLoaderSimple", "ckpt_name", &["b.safetensors"]);
    done(&server, &job).await;
}

#[tokio::test]
async fn a_server_that_dies_in_the_middle_loses_its_job_to_another() {
    let server = catalogue().await;
    let mut dying = Double::with_checkpoints(&["a.safetensors"]).await;
    dying.state().always.as_mut().unwrap().script = vec![Say::HangUp];
    server.comfyui("dying", dying.client());
    known(&server, 1).await;
    let job = order(&server, "a").await;
    becomes(|| !dying.called("/prompt").is_empty()).await;
    let well = Double::with_checkpoints(&["a.safetensors"]).await;
    server.comfyui("well", well.client());
    known(&server, 2).await;
    dying.stop().await;
    let made = done(&server, &job).await;
    assert_eq!((&made["engine"], made["results"].as_array().unwrap().len()), (&json!("well"), 1));
    let state = until(&server, "/api/v1/engines", |engines| engines[0]["reachable"] == false).await;
    assert!(state[0]["problem"].as_str().unwrap().contains("does not respond"), "{state}");
}

/// Nobody waits for its restart where somebody else is there.
#[tokio::test]
async fn a_server_that_dies_is_waited_for_only_a_moment_where_another_has_the_models() {
    let server = catalogue().await;
    let mut dying = Double::with_checkpoints(&["a.safetensors"]).await;
    dying.state().always.as_mut().unwrap().script = vec![Say::HangUp];
    server.comfyui("dying", dying.client().with_patience(Duration::from_secs(60)));
    known(&server, 1).await;
    let job = order(&server, "a").await;
    becomes(|| !dying.called("/prompt").is_empty()).await;
    let well = Double::with_checkpoints(&["a.safetensors"]).await;
    server.comfyui("well", well.client());
    known(&server, 2).await;
    dying.stop().await;
    assert_eq!(done(&server, &job).await["engine"], "well");
}

#[tokio::test]
async fn a_job_waits_for_its_only_server_to_come_back() {
    let server = catalogue().await;
    let mut dying = Double::with_checkpoints(&["a.safetensors"]).await;
    dying.state().always.as_mut().unwrap().script = vec![Say::HangUp];
    server.comfyui("dying", dying.client());
    known(&server, 1).await;
    let job = order(&server, "a").await;
    becomes(|| !dying.called("/prompt").is_empty()).await;
    dying.stop().await;
    let next = order(&server, "a").await;
    for job in [&job, &next] {
        let waits = until(&server, job, |job| job["waits_for"] != Value::Null).await;
        assert_eq!(waits["state"], "waiting");
        assert!(waits["waits_for"].as_str().unwrap().starts_with("Waiting for dying: "), "{waits}");
    }
    let page = server.get("/").await.text().await.unwrap();
    assert!(page.contains("Not reachable") && page.contains("Start it or check its address"), "{page}");
    let works = Double::with_checkpoints(&[]).await.state().always.take();
    dying.state().always = works;
    dying.restart().await;
    done(&server, &job).await;
    done(&server, &next).await;
}

/// It may be the job that brings the server down.
#[tokio::test]
async fn a_job_that_its_server_dies_of_again_and_again_fails() {
    let server = catalogue().await;
    let mut dying = Double::with_checkpoints(&["a.safetensors"]).await;
    dying.state().always.as_mut().unwrap().script = vec![Say::HangUp];
    server.comfyui("dying", dying.client());
    known(&server, 1).await;
    let job = order(&server, "a").await;
    for round in 1..=3 {
        until(&server, &job, |job| job["state"] == "running").await;
        dying.stop().await;
        until(&server, "/api/v1/engines", |engines| engines[0]["reachable"] == false).await;
        until(&server, &job, |job| job["state"] == if round < 3 { "waiting" } else { "failed" }).await;
        dying.restart().await;
    }
    let failed = server.json(&job).await;
    assert!(failed["problem"].as_str().unwrap().contains("does not respond"), "{failed}");
}

#[tokio::test]
async fn an_engine_is_asked_for_its_models_as_soon_as_the_catalogue_changes() {
    let server = catalogue().await;
    let double = Double::with_checkpoints(&["a.safetensors"]).await;
    // Too slow a beat for the test to end by it.
    server.comfyui_with("one", double.client(), Duration::from_secs(600));
    known(&server, 1).await;
    double.offer("CheckpointLoaderSimple", "ckpt_name", &["a.safetensors", "new.safetensors"]);
    server.add("checkpoint", json!({"path": "checkpoints/new.safetensors", "architecture": "sd1"})).await;
    done(&server, &order(&server, "new").await).await;
}

#[tokio::test]
async fn a_model_that_one_server_cannot_load_is_tried_on_the_other() {
    let server = catalogue().await;
    let broken = Double::with_checkpoints(&["a.safetensors"]).await;
    broken.state().refusal = Some((reqwest::StatusCode::BAD_REQUEST.as_u16().try_into().unwrap(), "{}".to_owned()));
    server.comfyui("broken", broken.client());
    known(&server, 1).await;
    let job = order(&server, "a").await;
    let failed = until(&server, &job, |job| job["state"] == "failed").await;
    assert_eq!(failed["engine"], "broken");
    let well = Double::with_checkpoints(&["a.safetensors"]).await;
    server.comfyui("well", well.client());
    known(&server, 2).await;
    broken.state().calls.clear();
    // Both are asked, in whatever order they come.
    let jobs = [order(&server, "a").await, order(&server, "a").await, order(&server, "a").await];
    for job in &jobs {
        assert_eq!(done(&server, job).await["engine"], "well");
    }
}

#[tokio::test]
async fn the_loaded_checkpoint_goes_first() {
    let server = catalogue().await;
    let double = Double::with_checkpoints(&["a.safetensors", "b.safetensors"]).await;
    let jobs = [
        order(&server, "a").await,
        order(&server, "b").await,
        order(&server, "a").await,
        order(&server, "b").await,
        order(&server, "a").await,
    ];
    server.comfyui("one", double.client());
    for job in &jobs {
        done(&server, job).await;
    }
    let made: String = checkpoints(&double).iter().map(|name| name.trim_end_matches(".safetensors")).collect();
    assert_eq!(made, "aaabb", "each checkpoint is loaded once");
    let engine = until(&server, "/api/v1/engines", |engines| engines[0]["loaded_name"] == "b").await;
    assert_eq!(
        (&engine[0]["name"], &engine[0]["version"], &engine[0]["models"]),
        (&json!("one"), &json!("0.3.64"), &json!(2))
    );
}

#[tokio::test]
async fn no_checkpoint_waits_for_ever_behind_the_loaded_one() {
    let server = catalogue().await;
    let double = Double::with_checkpoints(&["a.safetensors", "b.safetensors"]).await;
    let mut jobs = vec![order(&server, "a").await, order(&server, "b").await];
    for _ in 0..6 {
        jobs.push(order(&server, "a").await);
    }
    server.comfyui("one", double.client());
    for job in &jobs {
        done(&server, job).await;
    }
    let made: String = checkpoints(&double).iter().map(|name| name.trim_end_matches(".safetensors")).collect();
    assert_eq!(made, "aaaabaaa");
}

#[tokio::test]
async fn a_model_is_found_under_another_name_by_its_copy() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.checkpoint("ours/mine.safetensors");
    disk.copy("ours/mine.safetensors", "comfy/models/checkpoints/theirs.safetensors");
    crate::api::library::scan(&server, &[disk.path()]).await;
    let double = Double::with_checkpoints(&["theirs.safetensors"]).await;
    server.comfyui("one", double.client());
    known(&server, 1).await;
    let all = server.json("/api/v1/checkpoint-models").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 1, "the same content is one model: {all}");
    let job = order(&server, all["items"][0]["id"].as_str().unwrap()).await;
    done(&server, &job).await;
    assert_eq!(checkpoints(&double), ["theirs.safetensors"]);
}

#[tokio::test]
async fn the_parts_of_a_diffusion_model_are_asked_for_by_the_names_of_the_server() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.flux("diffusion_models/flux1-dev.safetensors");
    disk.clip_l("text_encoders/clip_l.safetensors");
    disk.t5("text_encoders/t5xxl_fp16.safetensors", 32_128);
    disk.t5("text_encoders/t5xxl_elsewhere.safetensors", 32_128);
    disk.vae("vae/ae.safetensors");
    crate::api::library::scan(&server, &[disk.path()]).await;
    let double = Double::with_checkpoints(&[]).await;
    double.offer("UNETLoader", "unet_name", &["flux1-dev.safetensors"]);
    double.offer("CLIPLoader", "clip_name", &["clip_l.safetensors", "flux/t5xxl_elsewhere.safetensors"]);
    double.offer("VAELoader", "vae_name", &["ae.safetensors"]);
    server.comfyui("one", double.client());
    let job = order(&server, "flux1-dev.safetensors").await;
    done(&server, &job).await;
    let graph = double.called("/prompt")[0]["prompt"].clone();
    let loaded = |node: &str, input: &str| graph[node]["inputs"][input].as_str().unwrap_or_default().to_owned();
    assert_eq!(loaded("4", "unet_name"), "flux1-dev.safetensors");
    assert_eq!(
        (loaded("11", "clip_name1"), loaded("11", "clip_name2")),
        ("clip_l.safetensors".to_owned(), "flux/t5xxl_elsewhere.safetensors".to_owned())
    );
    assert_eq!(loaded("12", "vae_name"), "ae.safetensors");
}

#[tokio::test]
async fn a_missing_part_ends_the_job_before_anything_is_posted() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.flux("diffusion_models/flux1-dev.safetensors");
    crate::api::library::scan(&server, &[disk.path()]).await;
    let double = Double::with_checkpoints(&[]).await;
    double.offer("UNETLoader", "unet_name", &["flux1-dev.safetensors"]);
    server.comfyui("one", double.client());
    let job = order(&server, "flux1-dev.safetensors").await;
    let failed = until(&server, &job, |job| job["state"] == "failed").await;
    assert_eq!(failed["problem"], "flux1-dev needs a CLIP-L text encoder (clip_l)");
    assert!(failed["hint"].as_str().unwrap().contains(&format!("{}/text_encoders", disk.path())), "{failed}");
    assert!(double.called("/prompt").is_empty());
}

#[tokio::test]
async fn an_engine_that_ends_is_gone_at_once() {
    let server = catalogue().await;
    let double = Double::with_checkpoints(&["a.safetensors"]).await;
    let stop = server.comfyui("one", double.client());
    known(&server, 1).await;
    let page = server.get("/").await.text().await.unwrap();
    assert!(page.contains("1 of your models available"), "{page}");
    stop.send_replace(true);
    until(&server, "/api/v1/engines", |engines| engines == &json!([])).await;
    assert!(engines::list(server.db()).await.unwrap().is_empty());
}
