//! Importing a folder as a browser does it, with and without htmx; what comes of it on the pages.

mod csv;

use genonaut_db::library;
use reqwest::{Method, Response};
use serde_json::json;

use crate::api::library::scan;
use crate::disk::Disk;
use crate::server::TestServer;

async fn send(server: &TestServer, path: &str, body: &str, partial: bool) -> Response {
    let mut request = server.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
    if partial {
        request = request.header("hx-request", "true").header("hx-request-type", "partial");
    }
    request.body(body.to_owned()).send().await.unwrap()
}

async fn text(server: &TestServer, path: &str) -> String {
    let answer = server.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// What the page of the import says when nothing runs any more.
async fn over(server: &TestServer) -> String {
    loop {
        let html = text(server, "/models/import").await;
        if !html.contains("data-state=\"running\"") {
            return html;
        }
        assert!(html.contains("http-equiv=\"refresh\""), "without scripts the page looks again by itself");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn without_scripts_a_folder_is_imported_and_told_of() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.lora("a <b>.safetensors", false);
    disk.write("broken.safetensors", b"nothing");
    let answer = send(&server, "/ui/imports", &format!("path={}", disk.path()), false).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &"/models/import".parse().unwrap()));
    let html = over(&server).await;
    assert!(html.contains("Done: 2 files") && html.contains("id=\"scan-new\">1<"), "{html}");
    assert!(html.contains("broken.safetensors") && html.contains(disk.path()) && html.contains("scanned just now"));
    assert!(text(&server, "/models").await.contains("a &#60;b&#62;"));
}

#[tokio::test]
async fn what_cannot_be_imported_is_told_at_the_field() {
    let server = TestServer::start().await;
    for (body, said) in [
        ("path=/no/where", "on the computer that runs Genonaut"),
        ("path=models", "Enter the full path of models"),
        ("path=", "Enter the full path"),
        ("path=%3Cb%3E", "&#60;b&#62;"),
    ] {
        for partial in [true, false] {
            let answer = send(&server, "/ui/imports", body, partial).await;
            assert_eq!(answer.status(), 422, "{body}");
            let html = answer.text().await.unwrap();
            assert!(html.contains("data-testid=\"import-problem\"") && html.contains(said), "{html}");
        }
    }
    assert!(library::roots(server.db()).await.unwrap().is_empty());
}

#[tokio::test]
async fn htmx_gets_the_parts_of_the_dialog() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.lora("a.safetensors", false);
    let answer = send(&server, "/ui/imports", &format!("path={}", disk.path()), true).await;
    assert_eq!(answer.status(), 202);
    let html = answer.text().await.unwrap();
    assert!(html.contains("hx-target=\"#imp-live\"") && !html.contains("<html"), "{html}");
    over(&server).await;
    let root = library::roots(server.db()).await.unwrap().remove(0).id;
    let html = send(&server, &format!("/ui/roots/{root}/remove"), "", true).await.text().await.unwrap();
    assert!(!html.contains(&format!("root-{root}")));
    assert_eq!(server.get("/ui/imports").await.status(), 303);
    let foreign = server.request(Method::POST, "/ui/imports").header("origin", "http://evil.example");
    assert_eq!(foreign.body("all=1").send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn a_missing_file_is_marked_hidden_from_the_picker_and_kept_in_recipes() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.lora("gone.safetensors", false);
    disk.lora("here.safetensors", false);
    scan(&server, &[disk.path()]).await;
    let id = genonaut_db::lora::find_by_name(server.db(), "gone").await.unwrap().unwrap().id;
    assert!(!text(&server, "/models").await.contains("data-testid=\"missing\""));
    disk.remove("gone.safetensors");
    scan(&server, &[]).await;
    let all = text(&server, "/models").await;
    assert_eq!(all.matches("data-testid=\"missing\"").count(), 1);
    let missing = text(&server, "/models?state=missing").await;
    assert!(missing.contains("title=\"gone\"") && !missing.contains("title=\"here\""));
    let picker = text(&server, &format!("/?pick=1&lora={id}")).await;
    assert!(!picker.contains(&format!("id=\"add-{id}\"")), "the picker does not offer it");
    assert!(picker.contains(&format!("id=\"row-{id}\"")) && picker.contains("File not found at the last scan"));
    let detail = text(&server, &format!("/models/lora/{id}")).await;
    assert!(
        detail.contains("available again once its file is restored")
            && detail.contains(&format!("{}/gone.", disk.path()))
    );
}

#[tokio::test]
async fn unrated_models_are_a_filter_of_their_own() {
    let server = TestServer::start().await;
    server.add("lora", json!({"path": "rated.pt", "rating": 0.5})).await;
    server.add("lora", json!({"path": "unrated.pt"})).await;
    let html = text(&server, "/models?state=unrated").await;
    assert!(html.contains("title=\"unrated\"") && !html.contains("title=\"rated\""));
    assert!(html.contains("Remove filter Unrated"));
    assert_eq!(text(&server, "/ui/models/count?state=unrated").await, "1");
}

#[tokio::test]
async fn suggested_words_are_set_apart_and_conflicts_are_told() {
    let server = TestServer::start().await;
    let metadata = json!({
        "suggested_words": ["soft light", "hero"], "kind": "lora", "rank": {"mode": 16, "min": 16, "max": 16},
        "detection": {"architecture": "sdxl", "conflict": true, "confidence": "high", "source": "keys", "claim": {"base": "SD 1.5", "by": "a.json"}},
        "warnings": ["stale-sidecar:b.json"],
    });
    let made = server.add("lora", json!({"path": "a.pt", "trigger_words": ["hero"], "metadata": metadata})).await;
    let id = made["id"].as_str().unwrap();
    let recipe = text(&server, &format!("/?lora={id}&prompt=soft+light")).await;
    assert_eq!(recipe.matches("data-testid=\"suggested-word\"").count(), 1);
    assert!(recipe.contains("aria-pressed=\"true\" data-testid=\"suggested-word\""));
    let removed = server.get(&format!("/?lora={id}&prompt=soft+light,+cat&remove={id}")).await;
    assert_eq!(removed.headers()["location"], "/?prompt=cat");
    let detail = text(&server, &format!("/models/lora/{id}")).await;
    for said in
        ["a.json says SD 1.5, the weights say SDXL", "b.json describes another file", "soft light", "high confidence"]
    {
        assert!(detail.contains(said), "{said}");
    }
}

#[tokio::test]
async fn the_list_is_asked_for_again_without_what_is_said_above_it() {
    let server = TestServer::start().await;
    server.add("lora", json!({"path": "a.pt"})).await;
    let request = server.request(Method::GET, "/ui/models/again?q=a").header("hx-request-type", "partial");
    let answer = request.send().await.unwrap();
    assert!(!answer.headers().contains_key("hx-replace-url"));
    let html = answer.text().await.unwrap();
    assert!(html.contains("#model-results") && html.contains("title=\"a\"") && !html.contains("#notices"));
}
