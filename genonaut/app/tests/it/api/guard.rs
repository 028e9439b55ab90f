//! Who may talk to the server.

use genonaut::config::Listen;
use genonaut::serve::Guard;
use reqwest::Method;
use serde_json::json;

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
async fn every_answer_carries_the_policy() {
    let server = TestServer::start().await;
    for path in ["/", "/api/docs", "/api/v1/lora-models", "/nothing", "/api/v1/lora-models?limit=0"] {
        let response = server.get(path).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
    }
}

fn listen(address: &str, token: Option<&str>) -> (Listen, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = token.map(|token| {
        let file = folder.path().join("token");
        std::fs::write(&file, token).unwrap();
        file
    });
    (Listen { listen: address.parse().unwrap(), token_file: file, allow_hosts: Vec::new(), migrate: false }, folder)
}

#[test]
fn other_machines_need_a_token() {
    let refused = Guard::new(&listen("0.0.0.0:0", None).0).unwrap_err().to_string();
    assert!(refused.contains("--token-file"), "{refused}");
    assert!(Guard::new(&listen("0.0.0.0:0", Some("short")).0).is_err());
    assert!(Guard::new(&listen("[::]:0", Some("0123456789abcdef\n")).0).is_ok());
    assert!(Guard::new(&listen("[::1]:0", None).0).is_ok());
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
