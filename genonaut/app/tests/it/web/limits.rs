//! What a setting may be is the same wherever it comes in.

use genonaut::settings::LONGEST_PROMPT;
use genonaut_db::{checkpoint, seed};
use genonaut_sources::setting_limits::{DEFAULTS, MOST_LORAS};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::server::TestServer;

/// A value that each setting may have, and one that it may not.
const CASES: [(&str, &str, &str); 7] = [
    ("width", "1000", "1001"),
    ("height", "64", "5000"),
    ("steps", "150", "200"),
    ("cfg", "0.5", "30.5"),
    ("sampler", "euler", "best"),
    ("scheduler", "karras", "worst"),
    ("clip_skip", "1", "0"),
];

async fn send(server: &TestServer, method: Method, path: &str, form: &[(&str, &str)]) -> Response {
    let request = server.request(method, path).header("hx-request", "true").header("hx-request-type", "partial");
    request.form(form).send().await.unwrap()
}

async fn api(server: &TestServer, method: Method, path: &str, body: Value) -> (u16, Value) {
    let answer = server.request(method, path).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// A checkpoint of a seed file; its id.
async fn seeded(server: &TestServer, architecture: &str, metadata: &Value) -> String {
    let folder = tempfile::tempdir().unwrap();
    let row = format!("a.safetensors,{architecture},\"{}\"", metadata.to_string().replace('"', "\"\""));
    let table = format!("path,architecture,metadata\n{row}\n");
    std::fs::write(folder.path().join("models_checkpoints.csv"), table).unwrap();
    assert!(seed::static_files(server.db(), folder.path(), false, |_| ()).await.unwrap().is_sound());
    checkpoint::find_by_name(server.db(), "a").await.unwrap().unwrap().id.to_string()
}

#[test]
fn every_setting_has_a_case() {
    assert_eq!(CASES.map(|(key, _, _)| key), DEFAULTS.map(|limit| limit.key));
}

#[tokio::test]
async fn the_editor_the_recipe_the_api_and_grids_take_and_refuse_the_same() {
    let server = TestServer::start().await;
    let model = server.add("checkpoint", json!({"path": "a.safetensors", "architecture": "sdxl"})).await;
    let id = model["id"].as_str().unwrap();
    let editor = format!("/ui/models/checkpoint/{id}?field=metadata.defaults");
    let model = format!("/api/v1/checkpoint-models/{id}");
    for (key, right, wrong) in CASES {
        for (value, fine) in [(wrong, false), (right, true)] {
            let said = format!("{key}={value}");
            let saved = send(&server, Method::PATCH, &editor, &[(key, value)]).await;
            assert_eq!(saved.status() == 200, fine, "editor, {said}");
            let typed: Value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
            let change = json!({"metadata": {"defaults": {key: &typed}}});
            let (status, answer) = api(&server, Method::PATCH, &model, change).await;
            assert_eq!(status == 200, fine, "API, {said}: {answer}");
            let (status, answer) = api(&server, Method::POST, "/api/v1/jobs", json!({key: typed})).await;
            assert_eq!(status == 202, fine, "job, {said}: {answer}");
            if !fine {
                assert_eq!(answer["errors"][0]["field"], key, "{answer}");
            }
            let made = send(&server, Method::POST, "/ui/jobs", &[("checkpoint", id), (key, value)]).await;
            assert_eq!(made.status() == 202, fine, "recipe, {said}");
            let html = made.text().await.unwrap();
            assert_eq!(html.contains(&format!("data-field=\"{key}\"")), !fine, "recipe, {said}: {html}");
            if !["width", "height"].contains(&key) {
                let axes = json!({"axes": [{"kind": key, "values": value}]});
                let (status, answer) = api(&server, Method::POST, "/api/v1/grids", axes).await;
                assert_eq!(status == 202, fine, "grid, {said}: {answer}");
            }
        }
    }
    let kept = server.json(&model).await["metadata"]["defaults"].clone();
    let taken = json!({"width": 1000, "height": 64, "steps": 150, "cfg": 0.5, "sampler": "euler", "scheduler": "karras", "clip_skip": 1});
    assert_eq!(kept, taken);
}

#[tokio::test]
async fn weights_and_ratings_have_one_range_too() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "c.safetensors"})).await;
    let lora = server.add("lora", json!({"path": "a.safetensors"})).await;
    let id = lora["id"].as_str().unwrap();
    let editor = |field: &str| format!("/ui/models/lora/{id}?field={field}");
    for (field, name, wrong) in
        [("rating", "rating", "5.01"), ("metadata.recommended_weight", "recommended_weight", "4.5")]
    {
        assert_eq!(send(&server, Method::PATCH, &editor(field), &[(name, wrong)]).await.status(), 422, "{name}");
    }
    for body in [json!({"rating": 1.01}), json!({"metadata": {"recommended_weight": 4.5}})] {
        let (status, _) = api(&server, Method::PATCH, &format!("/api/v1/lora-models/{id}"), body).await;
        assert_eq!(status, 422);
    }
    let (status, answer) =
        api(&server, Method::POST, "/api/v1/jobs", json!({"loras": [{"model": "a", "weight": 4.5}]})).await;
    assert_eq!((status, &answer["errors"][0]["field"]), (422, &json!("loras[0].weight")));
    let weight = format!("weight.{id}");
    let form = [("follows", ""), ("lora", id), (&*format!("on.{id}"), "on"), (&*weight, "4.5")];
    let answer = send(&server, Method::POST, "/ui/jobs", &form).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains(&format!("data-field=\"{weight}\"")));
}

#[tokio::test]
async fn values_of_files_that_no_recipe_takes_are_told_of_and_not_used() {
    let server = TestServer::start().await;
    let theirs = json!({"defaults": {"steps": 200, "width": 4096, "height": 640, "clip_skip": 0, "cfg_scale": 6.5}});
    let id = seeded(&server, "sd1", &theirs).await;
    let page = server.get(&format!("/models/checkpoint/{id}")).await.text().await.unwrap();
    for said in [
        "Steps must be a whole number from 1 to 150, not “200”. This default is ignored.",
        "CLIP skip must be a whole number from 1 to 12, not “0”. This default is ignored.",
        "Width must be at most 2048 with SD 1.5, not “4096”. This default is ignored.",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    let (status, job) = api(&server, Method::POST, "/api/v1/jobs", json!({})).await;
    let recipe = &job["recipe"];
    assert_eq!((status, &recipe["height"], &recipe["cfg"]), (202, &json!(640), &json!(6.5)), "{job}");
    assert!(recipe["steps"] != 200 && recipe["width"] != 4096 && recipe["clip_skip"] == 1, "{job}");
}

#[tokio::test]
async fn a_cfg_that_a_person_types_beats_the_cfg_scale_of_a_file() {
    let server = TestServer::start().await;
    let id = seeded(&server, "", &json!({"defaults": {"cfg_scale": 7}})).await;
    let page = server.get(&format!("/models/checkpoint/{id}")).await.text().await.unwrap();
    assert!(page.contains("name=\"cfg\" value=\"7\""), "the editor shows what is used");
    let editor = format!("/ui/models/checkpoint/{id}?field=metadata.defaults");
    assert_eq!(send(&server, Method::PATCH, &editor, &[("cfg", "4.5")]).await.status(), 200);
    let (_, job) = api(&server, Method::POST, "/api/v1/jobs", json!({})).await;
    assert_eq!(job["recipe"]["cfg"], 4.5);
    let model = format!("/api/v1/checkpoint-models/{id}");
    assert_eq!(server.json(&model).await["metadata"]["defaults"], json!({"cfg": 4.5}));

    let (status, now) = api(&server, Method::PATCH, &model, json!({"metadata": {"defaults": {"cfg_scale": 3}}})).await;
    assert_eq!((status, &now["metadata"]["defaults"]), (200, &json!({"cfg": 3})));
    let both = json!({"metadata": {"defaults": {"cfg_scale": 3, "cfg": 4}}});
    let (status, answer) = api(&server, Method::PATCH, &model, both).await;
    assert_eq!((status, &answer["errors"][0]["field"]), (422, &json!("metadata.defaults.cfg_scale")));
    let (status, _) = api(&server, Method::POST, "/api/v1/jobs", json!({"cfg_scale": 3, "cfg": 4})).await;
    assert_eq!(status, 422);
    let (status, job) = api(&server, Method::POST, "/api/v1/jobs", json!({"cfg_scale": 2})).await;
    assert_eq!((status, &job["recipe"]["cfg"]), (202, &json!(2.0)));
}

#[tokio::test]
async fn the_api_document_has_the_limits() {
    let server = TestServer::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    let schemas = &document["components"]["schemas"];
    for schema in ["JobFields", "DefaultFields"] {
        let fields = &schemas[schema]["properties"];
        let width = &fields["width"];
        assert_eq!(
            (width["minimum"].as_f64(), width["maximum"].as_f64(), width["multipleOf"].as_f64()),
            (Some(64.0), Some(4096.0), Some(8.0)),
            "{schema}: {width}"
        );
        assert_eq!(fields["steps"]["maximum"].as_f64(), Some(150.0));
        let samplers = fields["sampler"]["enum"].as_array().unwrap();
        assert!(samplers.contains(&json!("euler_ancestral")) && samplers.contains(&json!("Euler a")));
    }
    let job = &schemas["JobFields"]["properties"];
    assert_eq!((&job["prompt"]["maxLength"], &job["loras"]["maxItems"]), (&json!(LONGEST_PROMPT), &json!(MOST_LORAS)));
    assert_eq!(schemas["JobLora"]["properties"]["weight"]["minimum"].as_f64(), Some(-4.0));
    assert_eq!(schemas["LoraFields"]["properties"]["rating"]["maximum"].as_f64(), Some(1.0));
}
