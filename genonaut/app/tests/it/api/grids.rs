//! Grids through the API: planned whole, made, cancelled, tried again, deleted.

use std::time::Duration;

use genonaut_db::accounts::Viewer;
use genonaut_db::images::{self, Shown, Window};
use genonaut_db::jobs;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::TestServer;

async fn post(server: &TestServer, path: &str, body: Value) -> (u16, Value) {
    let answer = server.request(Method::POST, &format!("/api/v1{path}")).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn with_models() -> TestServer {
    let server = TestServer::start().await;
    for (name, architecture, steps) in [("base", "sd1", 4), ("other", "sd1", 6), ("big", "sdxl", 5)] {
        let metadata = json!({"defaults": {"width": 64, "height": 64, "steps": steps}});
        let path = format!("c/{name}.safetensors");
        server.add("checkpoint", json!({"path": path, "architecture": architecture, "metadata": metadata})).await;
    }
    for (name, architecture) in [("film", "sd1"), ("glow, soft", "sdxl")] {
        let fits = json!([architecture]);
        server.add("lora", json!({"path": format!("l/{name}.safetensors"), "compatible_architectures": fits})).await;
    }
    server
}

/// The grid when nothing of it is open any more.
pub async fn finished(server: &TestServer, id: &Value) -> Value {
    let path = format!("/api/v1/grids/{}", id.as_str().unwrap());
    for _ in 0..600 {
        let grid = server.json(&path).await;
        if grid["open"] == 0 {
            return grid;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the grid does not end: {}", server.json(&path).await);
}

fn states(grid: &Value) -> Vec<&str> {
    grid["cells"].as_array().unwrap().iter().map(|cell| cell["state"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_grid_is_made_cell_by_cell_with_one_seed() {
    let server = with_models().await;
    let order = json!({"prompt": "dunes", "checkpoint": "base", "cfg": 3, "axes": [
        {"kind": "checkpoint", "values": "base, other, big"},
        {"kind": "lora", "values": ["none", "film"]},
        {"kind": "weight", "values": "0.4-0.8 by 0.4"}]});
    let (status, grid) = post(&server, "/grids", order).await;
    assert_eq!(status, 202, "{grid}");
    assert_eq!(grid["axes"][1], json!({"kind": "lora", "labels": ["No LoRA", "film"]}));
    // 3 × 2 × 2 cells. Without a LoRA both weights are one image, and film does not fit the SDXL checkpoint.
    assert_eq!((grid["cells"].as_array().unwrap().len(), &grid["images"]), (12, &json!(7)));
    assert_eq!(states(&grid)[5], "empty");
    assert_eq!(grid["cells"][5]["reason"], "film does not fit. Made for SD 1.5, but big is SDXL.");
    server.work(Duration::from_millis(1));
    let grid = finished(&server, &grid["id"]).await;
    assert_eq!((&grid["made"], &grid["failed"]), (&json!(7), &json!(0)));
    assert_eq!(states(&grid).iter().filter(|state| **state == "done").count(), 10);
    let sheet = server.get(grid["sheet_url"].as_str().unwrap()).await;
    assert_eq!(sheet.headers()["content-type"], "image/png");
    let image = server.get(grid["cells"][0]["image_url"].as_str().unwrap()).await;
    assert_eq!(image.headers()["content-type"], "image/png");
    let window = Window { limit: 20, ..Window::default() };
    let made = images::list(server.db(), Viewer::EVERYTHING, Shown::All, window).await.unwrap().0;
    assert!(made.iter().all(|image| image.seed == made[0].seed && image.recipe["cfg"] == 3.0));
    let mut steps: Vec<_> = made
        .iter()
        .map(|image| (image.recipe["checkpoint"]["name"].as_str(), image.recipe["steps"].as_i64()))
        .collect();
    // The queue has each checkpoint once; the newest is first.
    steps.dedup();
    assert_eq!(steps, [(Some("big"), Some(5)), (Some("other"), Some(6)), (Some("base"), Some(4))]);
}

#[tokio::test]
async fn a_grid_is_cancelled_tried_again_listed_and_deleted() {
    let server = with_models().await;
    let order = json!({"prompt": "dunes", "checkpoint": "base", "axes": [{"kind": "seed", "values": [7, 8, 9]}]});
    let (_, first) = post(&server, "/grids", order.clone()).await;
    let (_, second) = post(&server, "/grids", order).await;
    let page = server.json("/api/v1/grids?limit=1").await;
    assert_eq!((&page["items"][0]["id"], &page["items"][0]["open"]), (&second["id"], &json!(3)));
    let next = server.json(&format!("/api/v1/grids?limit=1&before={}", page["next_before"])).await;
    assert_eq!((&next["items"][0]["id"], &next["next_before"]), (&first["id"], &Value::Null));

    let path = format!("/grids/{}", first["id"].as_str().unwrap());
    assert_eq!(post(&server, &format!("{path}/retry"), json!({})).await.0, 409);
    assert_eq!(post(&server, &format!("{path}/cancel"), json!({})).await.0, 204);
    assert_eq!(post(&server, &format!("{path}/cancel"), json!({})).await.0, 409);
    assert_eq!(states(&server.json(&format!("/api/v1{path}")).await), ["cancelled"; 3]);
    let (status, again) = post(&server, &format!("{path}/retry"), json!({})).await;
    assert_eq!((status, states(&again)), (202, vec!["waiting"; 3]));
    server.work(Duration::from_millis(1));
    assert_eq!(finished(&server, &first["id"]).await["made"], 3);
    finished(&server, &second["id"]).await;

    let gone = server.request(Method::DELETE, &format!("/api/v1{path}"));
    assert_eq!(gone.send().await.unwrap().status(), 204);
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/cancel")),
        (Method::POST, format!("{path}/retry")),
    ] {
        let answer = server.request(method, &format!("/api/v1{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
    assert_eq!(server.json("/api/v1/images").await["items"].as_array().unwrap().len(), 6, "the images stay");
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_axis_and_nothing_is_queued() {
    let server = with_models().await;
    let steps = json!({"kind": "steps", "values": "4"});
    for (axes, field, says) in [
        (json!(null), "axes", "one to three"),
        (json!([]), "axes", "one to three"),
        (json!([steps, steps, steps, steps]), "axes", "one to three"),
        (json!(["steps"]), "axes[0].kind", "must be one of checkpoint, lora"),
        (json!([steps, {"kind": "mood", "values": "7"}]), "axes[1].kind", "must be one of"),
        (json!([{"kind": "steps"}]), "axes[0].values", "must be a list or a string"),
        (json!([{"kind": "steps", "values": [[4]]}]), "axes[0].values", "must be a list or a string"),
        (json!([{"kind": "steps", "values": ""}]), "axes[0].values", "Steps has no values"),
        (json!([steps, {"kind": "cfg", "values": "3, 99, x"}]), "axes[1].values", "“x” is not a number"),
        (json!([{"kind": "cfg", "values": [3, 99, 77]}]), "axes[0].values", "must be a number from 0 to 30, not “77”"),
        (json!([{"kind": "sampler", "values": "best"}]), "axes[0].values", "not “best”"),
        (json!([{"kind": "checkpoint", "values": "base\nnobody\n\0"}]), "axes[0].values", "without NUL"),
        (json!([{"kind": "checkpoint", "values": "base, nobody"}]), "axes[0].values", "no checkpoint named “nobody”"),
        (json!([{"kind": "weight", "values": "1"}]), "axes", "add a LoRA to the recipe"),
        (json!([steps, steps]), "axes", "Steps is chosen twice"),
        (json!([{"kind": "seed", "values": "1-401"}]), "axes[0].values", "more than 400"),
        (
            json!([{"kind": "seed", "values": "1-300"}, {"kind": "cfg", "values": "1-2"}]),
            "axes",
            "300 × 2 = 600 images",
        ),
        (json!([{"kind": "lora", "values": "glow, soft"}]), "axes", "No cell can be generated"),
    ] {
        let (status, problem) = post(&server, "/grids", json!({"checkpoint": "base", "axes": axes})).await;
        assert_eq!(status, 422, "{axes}");
        let error = &problem["errors"][0];
        assert_eq!(error["field"], field, "{axes}: {problem}");
        assert!(error["reason"].as_str().unwrap().contains(says), "{axes}: {problem}");
    }
    let (status, problem) = post(&server, "/grids", json!({"axes": [steps], "images": 2, "nonsense": 1})).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("images")));
    let (status, problem) = post(&server, "/grids", json!({"axes": [steps], "nonsense": 1})).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("nonsense")));
    assert!(jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty());
    for query in ["limit=0", "before=x", "nonsense=1"] {
        assert_eq!(server.get(&format!("/api/v1/grids?{query}")).await.status(), 400, "{query}");
    }
}

/// What is left open comes to the same in every cell of one seed, or the cells could not be compared.
#[tokio::test]
async fn a_wildcard_comes_to_the_same_in_all_cells() {
    let server = with_models().await;
    server.wildcard("animal.txt", "fox\nowl\nhare\nlynx\nwolf\nbear\nseal\ncrow");
    let order = json!({"prompt": "a __animal__", "checkpoint": "base", "axes": [{"kind": "steps", "values": "4-9"}]});
    let (status, grid) = post(&server, "/grids", order).await;
    assert_eq!(status, 202, "{grid}");
    let open = jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap();
    assert_eq!(open.len(), 6);
    assert!(open[0].recipe["resolved"][0]["prompt"].as_str().unwrap().starts_with("a "));
    assert!(open.iter().all(|job| job.recipe["resolved"] == open[0].recipe["resolved"]));
    let unknown = json!({"prompt": "__nothing__", "checkpoint": "base", "axes": [{"kind": "steps", "values": "4"}]});
    let (status, problem) = post(&server, "/grids", unknown).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("prompt")));
    assert_eq!(server.json("/api/v1/grids").await["items"].as_array().unwrap().len(), 1);
}
