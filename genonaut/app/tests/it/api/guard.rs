//! Who may talk to the server.

use std::os::unix::fs::PermissionsExt;

use genonaut::config::Listen;
use genonaut::serve::Guard;
use genonaut_db::accounts;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server::TestServer;

#[tokio::test]
async fn foreign_names_and_foreign_pages_are_refused() {
    let server = TestServer::start().await;
    let host = |name: &str| server.request(Method::GET, "/api/v1/lora-models").header("host", name.to_owned()).send();
    assert_eq!(host("evil.example").await.unwrap().status(), 421);
    let post = || server.request(Method::POST, "/api/v1/lora-models").json(&json!({"path": "x"}));
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        assert_eq!(post().header(name, value).send().await.unwrap().status(), 403, "{name}: {value}");
    }
    assert_eq!(post().header("origin", &server.address).send().await.unwrap().status(), 201);
}

#[tokio::test]
async fn a_request_with_two_hosts_is_refused() {
    let server = TestServer::start().await;
    let host = server.address.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn every_answer_carries_the_policy() {
    let server = TestServer::start().await;
    for path in ["/", "/api/docs", "/api/v1/lora-models", "/nothing", "/api/v1/lora-models?limit=0"] {
        let response = server.get(path).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        let mut rules: Vec<_> = policy.split("; ").collect();
        rules.sort_unstable();
        let wanted = [
            "base-uri 'none'",
            "default-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "img-src 'self' data: blob:",
            "object-src 'none'",
        ];
        assert_eq!(rules, wanted, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(response.headers()[name], value, "{path}");
        }
    }
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_can_read_it() {
    let server = TestServer::start().await;
    for coding in ["br", "gzip"] {
        let response = server.request(Method::GET, "/api/v1/openapi.json").header("accept-encoding", coding).send();
        assert_eq!(response.await.unwrap().headers()["content-encoding"], coding);
    }
}

/// A name that the owner has allowed is as good as ours, and its pages are then our own.
#[tokio::test]
async fn an_allowed_name_is_served() {
    let (listen, _folder) = listen("127.0.0.1:0", None);
    let server = TestServer::with(Listen { allow_hosts: vec!["models.example".to_owned()], ..listen }).await;
    let post = |origin: &'static str| {
        let post = server.request(Method::POST, "/api/v1/lora-models").json(&json!({"path": "x"}));
        post.header("host", "models.example").header("origin", origin).send()
    };
    assert_eq!(post("https://evil.example").await.unwrap().status(), 403);
    assert_eq!(post("https://models.example").await.unwrap().status(), 201);
}

/// The cookie comes along with what another site makes a browser send, so it alone proves nothing.
#[tokio::test]
async fn a_token_does_not_open_the_door_to_other_sites() {
    let (listen, _folder) = listen("127.0.0.1:0", Some("0123456789abcdef"));
    let server = TestServer::with(listen).await;
    let post = server.request(Method::POST, "/api/v1/lora-models").bearer_auth("0123456789abcdef");
    let post = post.header("origin", "http://evil.example").json(&json!({"path": "x"}));
    assert_eq!(post.send().await.unwrap().status(), 403);
}

fn listen(address: &str, token: Option<&str>) -> (Listen, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = token.map(|token| {
        let file = folder.path().join("token");
        std::fs::write(&file, token).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
        file
    });
    (Listen { listen: address.parse().unwrap(), token_file: file, ..crate::server::listen() }, folder)
}

#[tokio::test]
async fn other_machines_need_a_token_or_an_account() {
    let database = genonaut_db::testing::database().await;
    let guard = async |(listen, _folder): (Listen, tempfile::TempDir)| {
        Guard::new(&listen)?.with_accounts(database.pool.clone(), &listen).await
    };
    let refused = guard(listen("0.0.0.0:0", None)).await.unwrap_err().to_string();
    assert!(refused.contains("--token-file") && refused.contains("genonaut accounts add"), "{refused}");
    assert!(guard(listen("0.0.0.0:0", Some("short"))).await.is_err());
    assert!(guard(listen("[::]:0", Some("0123456789abcdef\n"))).await.is_ok());
    assert!(guard(listen("[::1]:0", None)).await.is_ok());
    assert!(accounts::add(&database.pool, "me", "").await.unwrap());
    assert!(guard(listen("0.0.0.0:0", None)).await.is_ok());
}

#[tokio::test]
async fn with_a_token_nothing_is_open_without_it() {
    let (listen, _folder) = listen("127.0.0.1:0", Some("0123456789abcdef"));
    let server = TestServer::with(listen).await;
    assert_eq!(server.get("/healthz").await.status(), 200);
    for path in ["/", "/api/v1/lora-models", "/metrics", "/?token=0123456789abcdeF"] {
        assert_eq!(server.get(path).await.status(), 401, "{path}");
    }
    let bearer = server.request(Method::GET, "/api/v1/lora-models").bearer_auth("0123456789abcdef");
    assert_eq!(bearer.send().await.unwrap().status(), 200);
    let signed_in = server.get("/?token=0123456789abcdef").await;
    assert_eq!((signed_in.status().as_u16(), signed_in.headers()["location"].to_str().unwrap()), (303, "/"));
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let with_cookie = server.request(Method::GET, "/").header("cookie", cookie.split(';').next().unwrap());
    assert_eq!(with_cookie.send().await.unwrap().status(), 200);
}
