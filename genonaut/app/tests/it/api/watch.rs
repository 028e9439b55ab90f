//! What programs ask that watch over the server, and the API's own document.

use std::collections::HashSet;

use genonaut::api::routes_documented;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::TestServer;

#[tokio::test]
async fn health_readiness_and_metrics() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/healthz").await.status(), 200);
    assert_eq!(server.get("/readyz").await.status(), 200);
    server.get("/api/v1/lora-models/00000000-0000-0000-0000-000000000000").await;
    let metrics = server.get("/metrics").await.text().await.unwrap();
    // Tests in the same process count together: how many there are by now is not ours to say.
    for counted in [
        r#"http_requests_total{route="/api/v1/lora-models/{id}",method="GET",status="404"} "#,
        r#"http_request_seconds_bucket{route="/api/v1/lora-models/{id}",method="GET",status="404",le="0.001"} "#,
        "db_connections ",
    ] {
        assert!(metrics.contains(counted), "{counted} is not in\n{metrics}");
    }
    server.db().close().await;
    assert_eq!(
        (server.get("/healthz").await.status().as_u16(), server.get("/readyz").await.status().as_u16()),
        (200, 503)
    );
    assert_eq!(server.get("/api/v1/lora-models").await.status(), 503);
}

/// Every operation that is documented is there, and the page shows it.
#[tokio::test]
async fn the_document_lists_what_the_server_does() {
    let server = TestServer::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    insta::assert_snapshot!(routes_documented().join("\n"));
    let page = server.get("/api/docs").await.text().await.unwrap();
    for route in routes_documented() {
        let (method, path) = route.split_once(' ').unwrap();
        let shown = format!(">{method}</span> <code>{path}</code>");
        assert!(page.contains(&shown), "{route} is not on the page");
        let path = path.replace("{id}", "00000000-0000-0000-0000-000000000000");
        let status = server.request(method.parse().unwrap(), &path).send().await.unwrap().status();
        assert!(![405, 500].contains(&status.as_u16()), "{route}: {status}");
    }
}

#[tokio::test]
async fn every_problem_type_is_explained() {
    let server = TestServer::start().await;
    let page = |path: &str| server.request(Method::GET, path).header("accept", "text/html").send();
    let all = page("/problems").await.unwrap().text().await.unwrap();
    for known in genonaut::problem::ProblemType::ALL {
        let (path, title) = (format!("/problems/{}", known.slug()), known.title());
        assert_eq!(server.json(&path).await, json!({"type": path, "title": title, "status": known.status()}));
        let one = page(&path).await.unwrap().text().await.unwrap();
        assert!(all.contains(&path) && one.contains(title), "{path}");
    }
    assert_eq!(page("/problems/none").await.unwrap().status(), 404);
}

/// A made-up method, or an address that leads nowhere, makes no series of its own; refusals are counted too.
#[tokio::test]
async fn clients_cannot_swell_the_metrics() {
    let server = TestServer::start().await;
    for name in ["INVENTED", "INVENTED2"] {
        server.request(Method::from_bytes(name.as_bytes()).unwrap(), "/nowhere/1234").send().await.unwrap();
    }
    server.request(Method::GET, "/healthz").header("host", "evil.example").send().await.unwrap();
    let metrics = server.get("/metrics").await.text().await.unwrap();
    assert!(!metrics.contains("INVENTED") && !metrics.contains("nowhere"), "{metrics}");
    assert!(metrics.contains(r#"route="none",method="other",status="404"}"#), "{metrics}");
    assert!(metrics.contains(r#"route="/healthz",method="GET",status="421"}"#), "{metrics}");
}

/// What a generator of clients trips over.
#[tokio::test]
async fn the_document_is_sound() {
    let server = TestServer::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    let mut names = HashSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let what = format!("{method} {path}");
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{what}: another operation is called {name}");
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{what}");
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let in_path = parameters.iter().any(|parameter| parameter["in"] == "path" && parameter["name"] == "id");
            assert_eq!(in_path, path.contains("{id}"), "{what}");
            for response in operation["responses"].as_object().unwrap().values() {
                assert!(!response["description"].as_str().unwrap().is_empty(), "{what}");
            }
        }
    }
    sound(&document, &document);
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let itself = format!("#/components/schemas/{name}");
        assert!(parts.map(|part| &part["$ref"]).all(|part| *part != itself), "{name} is a part of itself");
    }
}

/// References lead somewhere, and a default is of the type that it is the default of.
fn sound(part: &Value, document: &Value) {
    if let Some(reference) = part["$ref"].as_str() {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
    assert!(part.get("default").is_none() || part["type"] != "object", "{part}");
    match part {
        Value::Object(fields) => fields.values().for_each(|field| sound(field, document)),
        Value::Array(items) => items.iter().for_each(|item| sound(item, document)),
        _ => {}
    }
}

/// The fields that the document names are those that the catalogue takes.
#[tokio::test]
async fn documented_fields_are_those_that_can_be_written() {
    let server = TestServer::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    for (kind, schema) in [("checkpoint", "CheckpointFields"), ("lora", "LoraFields")] {
        let fields = document["components"]["schemas"][schema]["properties"].as_object().unwrap();
        let documented: Vec<_> = fields.keys().map(String::as_str).collect();
        let post = server.request(Method::POST, &format!("/api/v1/{kind}-models"));
        let refused: Value =
            post.json(&json!({"path": "x", "nonsense": 1})).send().await.unwrap().json().await.unwrap();
        let hint = refused["errors"][0]["hint"].as_str().unwrap();
        let mut taken: Vec<_> = hint.trim_start_matches("use one of ").split(", ").collect();
        taken.sort_unstable();
        assert_eq!(documented, taken, "{kind}");
    }
}

/// Empty ones count as left out, and what is no ETag is no revision.
#[tokio::test]
async fn parameters_are_documented_as_they_are_read() {
    let server = TestServer::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    for parameter in operations.flat_map(|operation| operation["parameters"].as_array().into_iter().flatten()) {
        assert_eq!(parameter["allowEmptyValue"] == true, parameter["in"] == "query", "{parameter}");
        if parameter["in"] == "header" {
            let revision = json!({"type": "string", "pattern": "^(\\*|\"-?[0-9]{1,18}\")$"});
            assert_eq!((&parameter["name"], &parameter["schema"]), (&json!("If-Match"), &revision));
        }
    }
}

/// What the guard, the body's limits and each kind of parameter can refuse.
#[tokio::test]
async fn every_refusal_is_in_the_document_as_a_problem() {
    let server = TestServer::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            let (is_open, changes) = (path == "/healthz", method != "get");
            let (has_body, has_parameters) =
                (operation.get("requestBody").is_some(), operation.get("parameters").is_some());
            for (status, expected) in [
                ("400", has_body || has_parameters),
                ("401", !is_open),
                ("403", changes),
                ("413", changes),
                ("415", has_body),
                ("421", true),
                ("503", !is_open),
                ("507", changes),
            ] {
                assert_eq!(responses.contains_key(status), expected, "{method} {path}: {status}");
            }
            for (status, response) in responses.iter().filter(|(status, _)| status.as_str() >= "400") {
                let content: Vec<_> = response["content"].as_object().unwrap().iter().collect();
                let problem = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
                assert_eq!(content, [(&"application/problem+json".to_owned(), &problem)], "{method} {path}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn bodies_take_no_other_fields() {
    let server = TestServer::start().await;
    let document = server.json("/api/v1/openapi.json").await;
    let schemas = &document["components"]["schemas"];
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for body in operation["requestBody"]["content"].as_object().into_iter().flatten().map(|(_, body)| body) {
                let name = body["schema"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
                assert_eq!(schemas[name]["additionalProperties"], false, "{method} {path}: {name}");
            }
        }
    }
    for part in ["JobLora", "GridAxis", "NameReplacement"] {
        assert_eq!(schemas[part]["additionalProperties"], false, "{part}");
    }
    let grid = schemas["GridFields"]["properties"].as_object().unwrap();
    let job = schemas["JobFields"]["properties"].as_object().unwrap();
    assert!(job.keys().all(|name| grid.contains_key(name) != (name == "images")));
    for (new, change) in [("NewCheckpointFields", "CheckpointFields"), ("NewLoraFields", "LoraFields")] {
        let names = |name: &str| schemas[name]["properties"].as_object().unwrap().keys().collect::<HashSet<_>>();
        assert_eq!((names(new), &schemas[new]["required"]), (names(change), &json!(["path"])));
    }
    assert_eq!(schemas["ImageFields"]["required"], json!(["rating"]));
    assert!(grid.contains_key("axes") && schemas["GridFields"]["required"] == json!(["axes"]));
    assert_eq!(job["seed"]["minimum"].as_f64(), Some(-1.0));
}
