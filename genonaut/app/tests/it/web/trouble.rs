//! Nonsense is answered in words and with 4xx; nothing a browser sends is our fault.

use reqwest::Method;

use super::parts::partial;
use crate::server::TestServer;

const NOBODY: &str = "0190b2d4-0000-7000-8000-000000000001";

#[tokio::test]
async fn nonsense_in_an_address_is_told_on_the_page() {
    let server = TestServer::start().await;
    let long = "x".repeat(201);
    for (query, status) in [
        ("checkpoint=abc", 400),
        ("lora=%00", 400),
        ("add=1", 400),
        ("remove=1", 400),
        ("fit=best", 400),
        ("cursor=abc", 400),
        ("cursor=00000000.e30", 400),
        ("q=a%00b", 400),
        ("checkpoint_q=%00", 400),
        (&format!("q={long}"), 400),
        (&format!("prompt={}", "x".repeat(5001)), 400),
        (&format!("checkpoint={NOBODY}"), 404),
        (&format!("lora={NOBODY}"), 404),
    ] {
        for answer in [server.get(&format!("/?{query}")).await, partial(&server, &format!("/ui/loras?{query}")).await] {
            assert_eq!(answer.status(), status, "{query}");
            assert!(answer.text().await.unwrap().contains("data-testid=\"notice\""), "{query}");
        }
    }
}

#[tokio::test]
async fn odd_searches_are_searches() {
    let server = TestServer::start().await;
    for q in ["%25", "'", "%27%3B--", "%5C", "%26+%7C+%21", "%F0%9F%98%80", "%FF%FE", "a%3A*", "%28", "++"] {
        assert_eq!(server.get(&format!("/?q={q}")).await.status(), 200, "{q}");
        assert_eq!(partial(&server, &format!("/ui/checkpoints?q={q}")).await.status(), 200, "{q}");
        assert_eq!(partial(&server, &format!("/ui/loras/count?q={q}")).await.status(), 200, "{q}");
    }
    assert_eq!(partial(&server, "/ui/checkpoints?q=%00").await.status(), 400);
    assert_eq!(partial(&server, "/ui/checkpoints?cursor=%00").await.status(), 400);
}

#[tokio::test]
async fn the_theme_menu_leads_back_into_the_page_and_nowhere_else() {
    let server = TestServer::start().await;
    for (back, leads_to) in
        [("/?q=x", "/?q=x"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil", "/")]
    {
        let body = format!("theme=dark&back={back}");
        let request =
            server.request(Method::POST, "/ui/theme").header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        assert_eq!(answer.headers()["location"], leads_to);
        assert!(answer.headers()["set-cookie"].to_str().unwrap().starts_with("genonaut_theme=dark;"));
    }
    let page = server.request(Method::GET, "/").header("cookie", "a=b; genonaut_theme=dark").send().await.unwrap();
    assert!(page.text().await.unwrap().contains("<html lang=\"en\" data-theme=\"dark\">"));
}

/// What PostgreSQL reports when its disk is full is neither our fault nor in need of a log.
#[tokio::test]
async fn a_full_disk_is_told_with_a_sentence() {
    let server = TestServer::start().await;
    let there = server.add("lora", serde_json::json!({"path": "there.pt"})).await;
    genonaut_db::testing::run(
        server.db(),
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
        CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON models_loras FOR EACH ROW EXECUTE FUNCTION no_room()",
    )
    .await;
    let add = server.request(Method::POST, "/api/v1/lora-models").json(&serde_json::json!({"path": "a.pt"}));
    let refused = add.send().await.unwrap();
    assert_eq!(refused.status(), 507);
    let problem: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(problem["type"], "/problems/no-room");
    assert!(
        problem["detail"].as_str().unwrap().contains("The disk of the database of the tests is full."),
        "{problem}"
    );
    let field = format!("/ui/models/lora/{}?field=rating", there["id"].as_str().unwrap());
    let save = server.request(Method::PATCH, &field).header("hx-request-type", "partial").form(&[("rating", "3")]);
    let refused = save.send().await.unwrap();
    assert_eq!(refused.status(), 507);
    let part = refused.text().await.unwrap();
    assert!(part.contains("The disk of the database of the tests is full."), "the page names it too: {part}");
}
