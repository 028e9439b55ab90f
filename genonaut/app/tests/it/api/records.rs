//! One model: made, read, changed, removed.

use reqwest::Method;
use serde_json::json;

use crate::server::TestServer;

#[tokio::test]
async fn a_model_goes_through_its_whole_life() {
    let server = TestServer::start().await;
    for kind in ["checkpoint", "lora"] {
        let made = server
            .request(Method::POST, &format!("/api/v1/{kind}-models"))
            .json(&json!({"path": "m/One.safetensors", "rating": 0.5}));
        let made = made.send().await.unwrap();
        assert_eq!(made.status(), 201);
        let (location, etag) =
            (made.headers()["location"].to_str().unwrap().to_owned(), made.headers()["etag"].clone());
        let made: serde_json::Value = made.json().await.unwrap();
        assert_eq!((made["filename"].as_str(), made["name"].as_str()), (Some("One.safetensors"), Some("One")));
        assert_eq!(server.json(&location).await, made);
        let patch = server
            .request(Method::PATCH, &location)
            .header("if-match", &etag)
            .header("content-type", "application/merge-patch+json");
        let patched = patch.body(r#"{"rating": null, "tags": ["a"], "metadata": {"x": 1}}"#).send().await.unwrap();
        assert_eq!(patched.status(), 200);
        assert_ne!(patched.headers()["etag"], etag);
        let patched: serde_json::Value = patched.json().await.unwrap();
        assert_eq!(
            (&patched["rating"], &patched["tags"], &patched["metadata"]),
            (&json!(null), &json!(["a"]), &json!({"x": 1}))
        );
        let stale = server.request(Method::DELETE, &location).header("if-match", etag).send().await.unwrap();
        assert_eq!(stale.status(), 412);
        assert_eq!(stale.headers()["content-type"], "application/problem+json");
        assert_eq!(
            server.request(Method::DELETE, &location).header("if-match", "*").send().await.unwrap().status(),
            204
        );
        assert_eq!(server.get(&location).await.status(), 404);
        assert_eq!(server.request(Method::DELETE, &location).send().await.unwrap().status(), 404);
    }
}

/// A row that came by another way than ours, as odd as the table allows.
#[tokio::test]
async fn an_odd_row_breaks_no_list() {
    let server = TestServer::start().await;
    let odd = "INSERT INTO models_loras (path, metadata, tags, trigger_words, rating, version, description) VALUES
        ('x/', NULL, NULL, '{{a},{NULL}}', NULL, '', repeat('<script>', 1000)), (E'\\u0001\\u202e', '{}', '{}', '{\"\"}', 1, NULL, NULL)";
    sqlx_run(&server, odd).await;
    let page = server.json("/api/v1/lora-models?total=true").await;
    assert_eq!((page["total"].as_i64(), page["items"].as_array().map(Vec::len)), (Some(2), Some(2)));
    for sort in ["name", "newest", "updated"] {
        assert_eq!(
            server.json(&format!("/api/v1/lora-models?sort={sort}")).await["items"].as_array().map(Vec::len),
            Some(2)
        );
    }
}

async fn sqlx_run(server: &TestServer, sql: &'static str) {
    genonaut_db::testing::run(server.db(), sql).await;
}
