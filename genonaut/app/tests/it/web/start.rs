//! From nothing to the first real image: engines set on the page, folders offered, demo images that say so.

use std::time::Duration;

use genonaut_db::engines;
use reqwest::{Method, Response};
use serde_json::json;

use crate::comfyui::double::Double;
use crate::disk::Disk;
use crate::server::TestServer;

async fn send(server: &TestServer, path: &str, form: &[(&str, &str)]) -> Response {
    server.request(Method::POST, path).form(form).send().await.unwrap()
}

async fn text(server: &TestServer, path: &str) -> String {
    let answer = server.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn the_stage_the_engine_menu_and_the_empty_list_lead_the_same_three_ways() {
    let server = TestServer::without_engines().await;
    for (path, times) in [("/", 2), ("/models", 1)] {
        let html = text(&server, path).await;
        assert_eq!(html.matches("data-testid=\"ways\"").count(), times, "{path}");
        for way in ["/start#connect", "/start#built-in", "/models/import"] {
            assert!(html.contains(&format!("href=\"{way}\"")), "{path} {way}");
        }
    }
    let html = text(&server, "/start").await;
    for part in ["id=\"connect\"", "id=\"built-in\"", "id=\"folder\""] {
        assert!(html.contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_server_with_a_token_is_tested_kept_renamed_and_removed_and_its_token_is_shown_nowhere() {
    let (server, comfyui) = (TestServer::without_engines().await, Double::with_checkpoints(&["a.safetensors"]).await);
    comfyui.state().token = Some("Bearer t0p-s3cret".to_owned());
    let wrong = send(&server, "/ui/engines/add", &[("url", comfyui.url.as_str()), ("token", "wr0ng-s3cret")]).await;
    assert_eq!(wrong.status(), 422);
    let html = wrong.text().await.unwrap();
    assert!(html.contains("data-field=\"url\"") && html.contains(&comfyui.url) && !html.contains("wr0ng"), "{html}");
    assert!(engines::chosen(server.db()).await.unwrap().is_empty(), "what does not answer is not kept");

    let form = [("url", comfyui.url.as_str()), ("name", "big"), ("token", "t0p-s3cret")];
    let added = send(&server, "/ui/engines/add", &form).await;
    assert_eq!((added.status().as_u16(), added.headers()["location"].to_str().unwrap()), (303, "/start#engines"));
    let kept = engines::chosen(server.db()).await.unwrap().remove(0);
    assert_eq!((kept.name.as_deref(), kept.secret.as_deref()), (Some("big"), Some("t0p-s3cret")));
    let html = text(&server, "/start").await;
    assert!(html.contains("Sends an access token") && html.contains(&comfyui.url), "{html}");
    for path in ["/start", "/", "/api/v1/engines"] {
        assert!(!text(&server, path).await.contains("s3cret"), "{path}");
    }
    let all = server.json("/api/v1/engines").await;
    assert_eq!((&all[0]["name"], &all[0]["reachable"]), (&json!("big"), &json!(true)));

    let place = format!("/ui/engines/{}", kept.id);
    assert_eq!(send(&server, &format!("{place}/name"), &[("name", "bigger")]).await.status(), 303);
    assert_eq!(server.json("/api/v1/engines").await[0]["name"], "bigger");
    assert_eq!(send(&server, &format!("{place}/remove"), &[]).await.status(), 303);
    assert!(engines::chosen(server.db()).await.unwrap().is_empty());
    assert_eq!(server.json("/api/v1/engines").await[0]["kind"], "demo engine");
}

#[tokio::test]
async fn two_servers_work_side_by_side() {
    let server = TestServer::without_engines().await;
    let (one, two) = (Double::with_checkpoints(&["a.safetensors"]).await, Double::with_checkpoints(&[]).await);
    for comfyui in [&one, &two] {
        assert_eq!(send(&server, "/ui/engines/add", &[("url", comfyui.url.as_str())]).await.status(), 303);
    }
    let all = server.json("/api/v1/engines").await;
    let mut urls: Vec<_> = all.as_array().unwrap().iter().map(|engine| engine["url"].as_str().unwrap()).collect();
    urls.sort_unstable();
    let mut expected = [one.url.as_str(), two.url.as_str()];
    expected.sort_unstable();
    assert_eq!(urls, expected);
}

#[tokio::test]
async fn no_engine_is_where_only_this_machine_gets_an_answer() {
    let server = TestServer::without_engines().await;
    for url in ["http://169.254.169.254/", "http://[fe80::1]:8188", "gpu", "embedded", ""] {
        let refused = send(&server, "/ui/engines/add", &[("url", url)]).await;
        assert_eq!(refused.status(), 422, "{url}");
        assert!(refused.text().await.unwrap().contains("data-testid=\"connect-refused\""), "{url}");
    }
}

#[tokio::test]
async fn engines_of_the_command_line_are_shown_and_stay() {
    let server = TestServer::start().await;
    server.work(Duration::from_millis(1));
    let html = text(&server, "/start").await;
    assert!(html.contains("data-testid=\"engines-fixed\"") && !html.contains("/ui/engines/add"), "{html}");
    assert_eq!(send(&server, "/ui/engines/add", &[("url", "http://127.0.0.1:9")]).await.status(), 409);
}

#[tokio::test]
async fn folders_are_browsed_and_quotes_are_no_part_of_a_path() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.lora("sub <b>/a.safetensors", false);
    let html = text(&server, &format!("/models/import?at={}", disk.path())).await;
    assert!(
        html.contains("sub &#60;b&#62;") && html.contains("1 folder.") && html.contains("Scan this folder"),
        "{html}"
    );
    let quoted = format!(" '{}' ", disk.path());
    let begun = send(&server, "/ui/imports", &[("path", quoted.as_str())]).await;
    assert_eq!(begun.status(), 303);
    let nowhere = text(&server, "/models/import?at=/no/such/folder").await;
    assert!(nowhere.contains("There is no such folder."));
}

#[tokio::test]
async fn an_image_of_the_demo_engine_says_so() {
    let server = TestServer::start().await;
    server.work(Duration::from_millis(1));
    let metadata = json!({"defaults": {"width": 64, "height": 64, "steps": 2}});
    let added = json!({"path": "c/base.safetensors", "architecture": "sd1", "metadata": metadata});
    let checkpoint = server.add("checkpoint", added).await;
    let form = [("checkpoint", checkpoint["id"].as_str().unwrap()), ("prompt", "a cat")];
    send(&server, "/ui/jobs", &form).await;
    for _ in 0..600 {
        let html = text(&server, "/").await;
        if html.contains("data-testid=\"history-item\"") {
            assert_eq!(html.matches("data-testid=\"demo-badge\"").count(), 2, "on the stage and in the history");
            assert!(html.contains(", demo image"));
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("no image");
}
