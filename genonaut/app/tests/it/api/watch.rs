//! What programs ask that watch over the server, and the API's own document.

use genonaut::api::routes_documented;

use crate::server::TestServer;

#[tokio::test]
async fn health_readiness_and_metrics() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/healthz").await.status(), 200);
    assert_eq!(server.get("/readyz").await.status(), 200);
    server.get("/api/v1/lora-models/00000000-0000-0000-0000-000000000000").await;
    let metrics = server.get("/metrics").await.text().await.unwrap();
    let counted = r#"http_requests_total{route="/api/v1/lora-models/{id}",method="GET",status="404"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
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
    for kind in genonaut::problem::KINDS {
        assert_eq!(server.json(&format!("/problems/{}", kind.0)).await["status"], kind.1);
    }
}
