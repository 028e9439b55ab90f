//! What htmx asks for: parts of the page, and the address that goes with them.

use reqwest::{Method, Response};
use serde_json::json;

use crate::server::TestServer;

#[tokio::test]
async fn a_change_answers_with_the_parts_that_changed_and_never_the_prompts() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "best.safetensors"})).await;
    let answer = partial(&server, "/?q=x&prompt=typed&picking=1").await;
    assert!(answer.headers()["hx-push-url"].to_str().unwrap().ends_with("prompt=typed&q=x"));
    assert!(answer.headers()["vary"].to_str().unwrap().contains("HX-Request-Type"));
    let html = answer.text().await.unwrap();
    assert!(html.contains("hx-target=\"#picker-results\"") && html.contains("hx-target=\"#loras-part\""));
    assert!(!html.contains("<textarea") && !html.contains("<html"));
}

#[tokio::test]
async fn typing_a_search_makes_no_history() {
    let server = TestServer::start().await;
    let answer = partial(&server, "/ui/loras?q=x").await;
    assert_eq!(answer.headers()["hx-replace-url"], "/?q=x");
    assert!(!answer.headers().contains_key("hx-push-url"));
}

#[tokio::test]
async fn a_search_finds_what_is_far_behind_the_first_page() {
    let server = TestServer::start().await;
    for at in 0..30 {
        server.add("lora", json!({"path": format!("filler_{at}.safetensors"), "rating": 0.9})).await;
    }
    server.add("lora", json!({"path": "needle.safetensors", "rating": 0.1})).await;
    let first = partial(&server, "/ui/loras").await.text().await.unwrap();
    assert_eq!(first.matches("data-testid=\"lora-card\"").count(), 24);
    assert!(!first.contains("needle") && first.contains("data-testid=\"lora-next\""));
    let found = partial(&server, "/ui/loras?q=needle").await.text().await.unwrap();
    assert_eq!(found.matches("data-testid=\"lora-card\"").count(), 1);
    let count = server.get("/ui/loras/count?q=filler").await.text().await.unwrap();
    assert_eq!(count.trim(), "of 30 LoRAs");
}

#[tokio::test]
async fn a_lora_that_lists_a_checkpoint_of_another_base_is_a_conflict() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "xl.safetensors", "architecture": "sdxl", "rating": 0.75})).await;
    let fields = json!({"path": "old.safetensors", "rating": 0.95, "compatible_architectures": ["sd1"], "optimal_checkpoints": ["xl"]});
    server.add("lora", fields).await;
    let html = partial(&server, "/ui/loras").await.text().await.unwrap();
    assert!(html.contains(">Conflict<") && !html.contains(">Optimal<"), "{html}");
    assert!(html.contains("Lists xl as its best checkpoint, but is made for SD 1.5, not SDXL."), "{html}");
    assert!(html.contains("data-rating=\"4.8\""), "{html}");
}

#[tokio::test]
async fn fit_is_judged_against_the_chosen_checkpoint() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "xl.safetensors", "architecture": "sdxl", "rating": 0.9})).await;
    let old = server.add("checkpoint", json!({"path": "old.safetensors", "architecture": "sd1"})).await;
    server.add("lora", json!({"path": "for_xl.safetensors", "compatible_architectures": ["SDXL 1.0"]})).await;
    server.add("lora", json!({"path": "for_old.safetensors", "compatible_architectures": ["Sd1.5"]})).await;
    let cards = |html: &str| ["for_xl", "for_old"].map(|name| html.contains(&format!("title=\"{name}\"")));
    let best = partial(&server, "/ui/loras?fit=compatible").await.text().await.unwrap();
    assert_eq!(cards(&best), [true, false]);
    let path = format!("/ui/loras?fit=compatible&checkpoint={}", old["id"].as_str().unwrap());
    assert_eq!(cards(&partial(&server, &path).await.text().await.unwrap()), [false, true]);
    let all = partial(&server, "/ui/loras").await.text().await.unwrap();
    assert_eq!(cards(&all), [true, true]);
    assert!(all.contains("Incompatible") && all.contains("Compatible"));
}

#[tokio::test]
async fn checkpoints_come_in_pages_of_options() {
    let server = TestServer::start().await;
    for at in 0..35 {
        server.add("checkpoint", json!({"path": format!("base_{at}.safetensors"), "rating": 0.5})).await;
    }
    let first = partial(&server, "/ui/checkpoints?q=base").await.text().await.unwrap();
    assert_eq!(first.matches("role=\"option\" aria-selected").count() + first.matches("class=\"more\"").count(), 13);
    let (_, more) = first.split_once("hx-get=\"").unwrap();
    let more = more.split_once('"').unwrap().0.replace("&#38;", "&");
    let rest = partial(&server, &more).await.text().await.unwrap();
    assert_eq!(rest.matches("data-testid=\"checkpoint-option\"").count(), 23);
}

pub async fn partial(server: &TestServer, path: &str) -> Response {
    let request = server.request(Method::GET, path).header("hx-request", "true").header("hx-request-type", "partial");
    request.send().await.unwrap()
}
