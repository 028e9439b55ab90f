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

/// RFC 7396: what is not named stays, null clears, objects merge, lists are replaced.
#[tokio::test]
async fn a_change_touches_what_it_names() {
    let server = TestServer::start().await;
    let fields = json!({"path": "m/one.pt", "rating": 0.5, "description": "d", "tags": ["a", "b"],
        "metadata": {"defaults": {"steps": 30, "cfg": 7}, "note": "n"}});
    let made = server.add("checkpoint", fields).await;
    let path = format!("/api/v1/checkpoint-models/{}", made["id"].as_str().unwrap());
    let change = json!({"description": null, "tags": ["c"], "metadata": {"defaults": {"steps": 20, "cfg": null}}});
    let changed = server.request(Method::PATCH, &path).json(&change).send().await.unwrap();
    let etag = changed.headers()["etag"].clone();
    let changed: serde_json::Value = changed.json().await.unwrap();
    for (field, value) in [
        ("rating", json!(0.5)),
        ("path", json!("m/one.pt")),
        ("description", json!(null)),
        ("tags", json!(["c"])),
        ("metadata", json!({"defaults": {"steps": 20}, "note": "n"})),
    ] {
        assert_eq!(changed[field], value, "{field}");
    }
    let nothing = server.request(Method::PATCH, &path).json(&json!({})).send().await.unwrap();
    assert_eq!((nothing.status().as_u16(), &nothing.headers()["etag"]), (200, &etag), "a change of nothing");
}

#[tokio::test]
async fn a_stale_change_changes_nothing() {
    let server = TestServer::start().await;
    let made = server.request(Method::POST, "/api/v1/lora-models").json(&json!({"path": "m/one.pt"}));
    let made = made.send().await.unwrap();
    let (path, seen) = (made.headers()["location"].to_str().unwrap().to_owned(), made.headers()["etag"].clone());
    let patch = |rating: f64| {
        server.request(Method::PATCH, &path).header("if-match", &seen).json(&json!({"rating": rating})).send()
    };
    assert_eq!(patch(0.1).await.unwrap().status(), 200);
    let stale = patch(0.9).await.unwrap();
    assert_eq!(stale.status(), 412);
    assert_eq!(stale.json::<serde_json::Value>().await.unwrap()["type"], "/problems/stale");
    assert_eq!(server.json(&path).await["rating"], 0.1);
    let gone = "/api/v1/lora-models/00000000-0000-0000-0000-000000000000";
    for method in [Method::PATCH, Method::DELETE] {
        assert_eq!(server.request(method, gone).json(&json!({"rating": 1})).send().await.unwrap().status(), 404);
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
