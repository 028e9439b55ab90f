//! Whatever a client gets wrong is said in problem+json, and never our fault (5xx), and never in SQL.

use proptest::prelude::{Strategy, any};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::TestServer;

async fn refused(response: reqwest::Response, status: u16, slug: &str, field: &str, what: &str) {
    let got = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{what}");
    let text = response.text().await.unwrap();
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((got, problem["type"].as_str()), (status, Some(format!("/problems/{slug}").as_str())), "{what}: {text}");
    assert_eq!(problem["status"], status);
    if !field.is_empty() {
        assert_eq!(problem["errors"][0]["field"], field, "{what}: {text}");
        assert!(problem["errors"][0]["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
    }
    for leak in ["SELECT", "INSERT", "sqlx", "constraint", "panicked"] {
        assert!(!text.contains(leak), "{what}: {text}");
    }
}

#[tokio::test]
async fn bad_addresses() {
    let server = TestServer::start().await;
    let parameter = "invalid-parameter";
    for (path, status, slug, field) in [
        ("/lora-models?limit=0", 400, parameter, "limit"),
        ("/lora-models?limit=201", 400, parameter, "limit"),
        ("/lora-models?limit=1e9", 400, parameter, "limit"),
        ("/lora-models?limit=99999999999999999999", 400, parameter, "limit"),
        ("/lora-models?cursor=!!", 400, parameter, "cursor"),
        ("/lora-models?cursor=eyJzIjoicmF0aW5nIn0", 400, parameter, "cursor"),
        ("/lora-models?sort=worst", 400, parameter, "sort"),
        ("/lora-models?q=a%00b", 400, parameter, "q"),
        ("/lora-models?tag=%00", 400, parameter, "tag"),
        ("/lora-models?min_rating=NaN", 400, parameter, "min_rating"),
        ("/lora-models?min_rating=2", 400, parameter, "min_rating"),
        ("/lora-models?total=maybe", 400, parameter, "total"),
        ("/lora-models?nonsense=1", 400, parameter, "nonsense"),
        ("/lora-models?q=a&q=b", 400, parameter, "q"),
        ("/lora-models?fit=optimal", 400, parameter, "fit"),
        ("/lora-models?checkpoint_id=7", 400, parameter, "checkpoint_id"),
        ("/lora-models?checkpoint_id=00000000-0000-0000-0000-000000000000", 404, "not-found", "checkpoint_id"),
        ("/lora-models?checkpoint_id=00000000-0000-0000-0000-000000000000&fit=nice", 404, "not-found", "checkpoint_id"),
        ("/lora-models/facets?checkpoint_id=00000000-0000-0000-0000-000000000000", 404, "not-found", "checkpoint_id"),
        ("/lora-models/facets?fit=optimal", 400, parameter, "fit"),
        ("/checkpoint-models?checkpoint_id=1", 400, parameter, "checkpoint_id"),
        ("/checkpoint-models/facets?limit=1", 400, parameter, "limit"),
        ("/checkpoint-models/xyz", 400, parameter, "id"),
        ("/checkpoint-models/%00", 400, parameter, "id"),
        ("/checkpoint-models/%ff", 400, parameter, "id"),
        ("/checkpoint-models/00000000-0000-0000-0000-000000000000", 404, "not-found", ""),
        ("/nothing", 404, "not-found", ""),
    ] {
        refused(server.get(&format!("/api/v1{path}")).await, status, slug, field, path).await;
    }
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused() {
    let server = TestServer::start().await;
    for path in ["a.pt", "b.pt"] {
        server.add("lora", json!({"path": path})).await;
    }
    let page = server.json("/api/v1/lora-models?limit=1&sort=name").await;
    let path = format!("/api/v1/lora-models?cursor={}", page["next_cursor"].as_str().unwrap());
    refused(server.get(&path).await, 400, "invalid-parameter", "cursor", &path).await;
}

#[tokio::test]
async fn bad_bodies() {
    let server = TestServer::start().await;
    server.add("lora", json!({"path": "there/x.pt"})).await;
    let json = "application/json";
    for (kind, body, status, slug, field) in [
        ("text/plain", r#"{"path": "x"}"#, 415, "unsupported-media-type", ""),
        ("application/x-www-form-urlencoded", "path=x", 415, "unsupported-media-type", ""),
        (json, "", 400, "malformed-json", ""),
        (json, "{", 400, "malformed-json", ""),
        (json, "[]", 400, "malformed-json", ""),
        (json, "\u{feff}{}", 400, "malformed-json", ""),
        (json, r#"{"path": "\ud800"}"#, 400, "malformed-json", ""),
        (json, "{}", 422, "invalid-field", "path"),
        (json, r#"{"path": ""}"#, 422, "invalid-field", "path"),
        (json, r#"{"path": 7}"#, 422, "invalid-field", "path"),
        (json, r#"{"path": "x\u0000"}"#, 422, "invalid-field", "path"),
        (json, r#"{"path": "x", "rating": 1.5}"#, 422, "invalid-field", "rating"),
        (json, r#"{"path": "x", "rating": "high"}"#, 422, "invalid-field", "rating"),
        (json, r#"{"path": "x", "rating": 1e400}"#, 400, "malformed-json", ""),
        (json, r#"{"path": "x", "tags": [1]}"#, 422, "invalid-field", "tags"),
        (json, r#"{"path": "x", "metadata": []}"#, 422, "invalid-field", "metadata"),
        (json, r#"{"path": "x", "metadata": {"a": "\u0000"}}"#, 422, "invalid-field", "metadata"),
        (json, r#"{"path": "x", "architecture": "sd1"}"#, 422, "invalid-field", "architecture"),
        (json, r#"{"path": "x", "id": "1"}"#, 422, "invalid-field", "id"),
        (
            json,
            r#"{"path": "x", "\"; DROP TABLE models_loras; --": 1}"#,
            422,
            "invalid-field",
            "\"; DROP TABLE models_loras; --",
        ),
        (json, r#"{"path": "there/x.pt"}"#, 422, "invalid-field", "path"),
        (json, r#"{"path": "elsewhere/x.pt"}"#, 422, "invalid-field", "filename"),
    ] {
        let post = server.request(Method::POST, "/api/v1/lora-models").header("content-type", kind).body(body);
        refused(post.send().await.unwrap(), status, slug, field, body).await;
    }
    assert_eq!(server.json("/api/v1/lora-models?total=true").await["total"], 1);
}

#[tokio::test]
async fn broken_json_is_shown_where_it_breaks() {
    let server = TestServer::start().await;
    let post = server.request(Method::POST, "/api/v1/lora-models").header("content-type", "application/json");
    let problem: Value = post.body("{\n  \"path\": x}").send().await.unwrap().json().await.unwrap();
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("line 2 column 11"), "{detail}");
}

/// Searching is typing, and people type anything.
#[tokio::test]
async fn whatever_is_searched_for_is_no_failure_of_ours() {
    let server = TestServer::start().await;
    let mut random = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    server.add("lora", json!({"path": "a.pt", "description": "it's a | (b) & !c:* <-> \\ \"d\""})).await;
    for _ in 0..100 {
        let text = any::<String>().new_tree(&mut random).unwrap().current();
        for name in ["q", "architecture", "family", "tag", "any_tag", "trigger_word"] {
            let response = server.get(&searched(name, &text)).await;
            let expected = if text.contains('\0') { 400 } else { 200 };
            assert_eq!(response.status(), expected, "{name}={text:?}");
        }
    }
    for text in ["a".repeat(3000), "a ".repeat(2000), "'\\':*".to_owned(), "\u{130}".repeat(1000)] {
        let response = server.get(&searched("q", &text)).await;
        assert_eq!(response.status(), 200, "{text}");
    }
}

fn searched(name: &str, text: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, text).finish();
    format!("/api/v1/lora-models?{query}")
}

#[tokio::test]
async fn long_and_deep_bodies() {
    let server = TestServer::start().await;
    let post = |body: String| {
        server.request(Method::POST, "/api/v1/lora-models").header("content-type", "application/json").body(body).send()
    };
    let long = |length| format!(r#"{{"path": "x", "tags": ["{}"]}}"#, "a".repeat(length));
    refused(post(long(501)).await.unwrap(), 422, "invalid-field", "tags", "a long tag").await;
    let path = format!(r#"{{"path": "{}"}}"#, "é".repeat(1001));
    refused(post(path).await.unwrap(), 422, "invalid-field", "path", "a long path").await;
    let deep = format!(r#"{{"path": "x", "metadata": {}1{}}}"#, r#"{"a":"#.repeat(200), "}".repeat(200));
    refused(post(deep).await.unwrap(), 400, "malformed-json", "", "a deep object").await;
    let huge = post(long(1_100_000)).await.unwrap();
    refused(huge, 413, "too-large", "", "a huge body").await;
}

#[tokio::test]
async fn wrong_methods_and_revisions() {
    let server = TestServer::start().await;
    let made = server.add("lora", json!({"path": "x.pt"})).await;
    let one = format!("/api/v1/lora-models/{}", made["id"].as_str().unwrap());
    for (method, path) in
        [(Method::PUT, one.as_str()), (Method::DELETE, "/api/v1/lora-models"), (Method::POST, "/healthz")]
    {
        let response = server.request(method, path).send().await.unwrap();
        assert!(response.headers().contains_key("allow"), "{path}");
        refused(response, 405, "method-not-allowed", "", path).await;
    }
    for tag in ["W/\"1\"", "abc", "\"abc\"", "\"1\", \"2\"", ""] {
        let patch = server.request(Method::PATCH, &one).header("if-match", tag).json(&json!({"rating": 0.1}));
        refused(patch.send().await.unwrap(), 400, "invalid-parameter", "If-Match", tag).await;
    }
    let patch = server.request(Method::PATCH, &one).json(&json!({"path": null}));
    refused(patch.send().await.unwrap(), 422, "invalid-field", "path", "a path taken away").await;
}

async fn post(server: &TestServer, path: &str, body: Value) -> reqwest::Response {
    server.request(Method::POST, &format!("/api/v1{path}")).json(&body).send().await.unwrap()
}

/// PostgreSQL knows no NUL in a text.
#[tokio::test]
async fn a_nul_is_refused_wherever_a_text_may_be() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "c.safetensors"})).await;
    let lora = server.add("lora", json!({"path": "l.safetensors"})).await;
    for (body, field) in [
        (json!({"prompt": "a\0b"}), "prompt"),
        (json!({"negative_prompt": "a\0b"}), "negative_prompt"),
        (json!({"checkpoint": "a\0b"}), "checkpoint"),
        (json!({"loras": [{"model": "a\0b"}]}), "loras[0].model"),
        (json!({"vae": "a\0b"}), "vae"),
        (json!({"sampler": "a\0b"}), "sampler"),
        (json!({"a\0b": 1}), "a\0b"),
    ] {
        refused(post(&server, "/jobs", body.clone()).await, 422, "invalid-field", field, &body.to_string()).await;
        let mut grid = body.clone();
        grid["axes"] = json!([{"kind": "steps", "values": "20"}]);
        refused(post(&server, "/grids", grid).await, 422, "invalid-field", field, &body.to_string()).await;
    }
    for kind in ["checkpoint", "lora", "prompt", "sampler", "seed"] {
        let grid = json!({"axes": [{"kind": kind, "values": ["a\0b"]}]});
        refused(post(&server, "/grids", grid).await, 422, "invalid-field", "axes[0].values", kind).await;
    }
    refused(post(&server, "/scans", json!({"paths": ["/a\0b"]})).await, 422, "invalid-field", "", "a path").await;
    let path = format!("/api/v1/lora-models/{}", lora["id"].as_str().unwrap());
    for field in ["path", "filename", "name", "version", "family", "description"] {
        let patch = server.request(Method::PATCH, &path).json(&json!({field: "a\0b"})).send().await.unwrap();
        refused(patch, 422, "invalid-field", field, field).await;
    }
    let document = server.json("/api/v1/openapi.json").await;
    for (path, operation) in document["paths"].as_object().unwrap() {
        for name in query_parameters(&operation["get"]) {
            let path = path.replace("{id}", lora["id"].as_str().unwrap());
            refused(server.get(&format!("{path}?{name}=%00")).await, 400, "invalid-parameter", &name, &path).await;
        }
    }
}

fn query_parameters(operation: &Value) -> Vec<String> {
    let all = operation["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "query");
    all.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn empty_parameters_count_as_left_out() {
    let server = TestServer::start().await;
    let lora = server.add("lora", json!({"path": "l.safetensors"})).await;
    let document = server.json("/api/v1/openapi.json").await;
    for (path, operation) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", lora["id"].as_str().unwrap());
        for name in query_parameters(&operation["get"]) {
            let (without, with) = (server.get(&path).await, server.get(&format!("{path}?{name}=")).await);
            assert_eq!(with.status(), without.status(), "{path}?{name}=");
            assert_eq!(with.text().await.unwrap(), without.text().await.unwrap(), "{path}?{name}=");
        }
    }
}

#[tokio::test]
async fn fields_that_nobody_knows_are_refused_in_parts_of_a_body_too() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "c.safetensors"})).await;
    server.add("lora", json!({"path": "l.safetensors"})).await;
    let job = json!({"loras": [{"model": "l", "wieght": 0.5}]});
    refused(post(&server, "/jobs", job).await, 422, "invalid-field", "loras[0].wieght", "a LoRA").await;
    let grid = json!({"axes": [{"kind": "steps", "values": "20", "label": "x"}]});
    refused(post(&server, "/grids", grid).await, 422, "invalid-field", "axes[0].label", "an axis").await;
}

/// What the server answers to these bytes, and nothing behind them.
async fn raw(server: &TestServer, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address.trim_start_matches("http://")).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_body_that_is_broken_on_its_way_is_the_clients_fault() {
    let server = TestServer::start().await;
    let host = server.address.trim_start_matches("http://");
    let head = |path: &str, kind: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        )
    };
    for (path, kind) in [
        ("/api/v1/lora-models", "application/json"),
        ("/api/v1/jobs", "application/json"),
        ("/ui/draft", "application/x-www-form-urlencoded"),
        ("/ui/recipe-from-image", "image/png"),
    ] {
        let broken = format!("{}5\r\n{{\"pat\r\nZZ\r\n", head(path, kind));
        let answer = raw(&server, broken.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{path}: {answer}");
        assert!(answer.contains("application/problem+json") && answer.contains("/problems/bad-request"), "{answer}");
    }
    let long = format!(
        "POST /ui/recipe-from-image HTTP/1.1\r\nHost: {host}\r\nContent-Length: 134217729\r\nConnection: close\r\n\r\n"
    );
    let answer = raw(&server, long.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("at most 128 MiB"), "{answer}");
}
