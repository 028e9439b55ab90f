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
    let opening = partial(&server, "/ui/loras").await.text().await.unwrap();
    assert_eq!(cards(&opening), [true, false], "what fits, until somebody chooses");
    let nothing = partial(&server, "/ui/loras?q=for_old").await.text().await.unwrap();
    assert_eq!(cards(&nothing), [false, true], "all, where nothing fits");
    let all = partial(&server, "/ui/loras?fit=any").await.text().await.unwrap();
    assert_eq!(cards(&all), [true, true]);
    assert!(all.contains("Incompatible") && all.contains("Compatible"));
}

#[tokio::test]
async fn what_fits_best_comes_first_on_all_pages_forth_and_back() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "xl.safetensors", "architecture": "sdxl", "rating": 0.9})).await;
    for at in 0..60 {
        let optimal = if at < 30 { json!(["xl"]) } else { json!([]) };
        let rating = f64::from(at) / 100.0;
        let fields = json!({"path": format!("l{at:02}.safetensors"), "rating": rating,
            "compatible_architectures": ["sdxl"], "optimal_checkpoints": optimal});
        server.add("lora", fields).await;
    }
    // 30 that list it by their ratings, then 30 that are made for its base.
    let expected: Vec<_> = (0..30).rev().chain((30..60).rev()).map(|at| format!("l{at:02}")).collect();
    let names = |html: &str| -> Vec<String> {
        let cards = html.split("class=\"hit name\"").skip(1);
        cards
            .filter_map(|card| card.split_once("title=\"")?.1.split_once('"').map(|(name, _)| name.to_owned()))
            .collect()
    };
    let cursor = |html: &str, id: &str| {
        let (_, rest) = html.split_once(&format!("id=\"{id}\" name=\"cursor\" value=\""))?;
        rest.split_once('"').map(|(cursor, _)| cursor.to_owned())
    };
    let mut pages = vec![partial(&server, "/ui/loras").await.text().await.unwrap()];
    while let Some(next) = cursor(pages.last().unwrap(), "page-next") {
        let path = format!("/ui/loras?fit=compatible&cursor={next}");
        pages.push(partial(&server, &path).await.text().await.unwrap());
    }
    let listed: Vec<_> = pages.iter().map(|page| names(page)).collect();
    assert_eq!(listed.concat(), expected);
    assert_eq!(listed.iter().map(Vec::len).collect::<Vec<_>>(), [24, 24, 12]);
    let mut page = pages.pop().unwrap();
    for before in listed.iter().rev().skip(1) {
        let path = format!("/ui/loras?fit=compatible&cursor={}", cursor(&page, "page-prev").unwrap());
        page = partial(&server, &path).await.text().await.unwrap();
        assert_eq!(&names(&page), before);
    }
    assert_eq!(cursor(&page, "page-prev"), None);
}

#[tokio::test]
async fn every_tag_can_be_found_however_rare() {
    let server = TestServer::start().await;
    for at in 0..30 {
        let tags = json!(["common", format!("tag_{at:02}")]);
        server.add("lora", json!({"path": format!("{at}.safetensors"), "tags": tags})).await;
    }
    server.add("lora", json!({"path": "rare.safetensors", "tags": ["zz Rare 100%"]})).await;
    let offered = async |query: &str| server.get(&format!("/ui/loras/facets{query}")).await.text().await.unwrap();
    assert!(!offered("").await.contains("zz Rare"));
    let found = offered("?tag_q=rare+100%25").await;
    assert!(found.contains("value=\"zz Rare 100%\"") && !found.contains("common"), "{found}");
    assert!(offered("?tag_q=nothing").await.contains("No tags found."));
    assert!(offered("?tag_q=nothing&tag=common").await.contains("value=\"common\""), "what is chosen stays");
}

#[tokio::test]
async fn details_of_a_lora_are_a_part_of_the_picker() {
    let server = TestServer::start().await;
    let base = server.add("checkpoint", json!({"path": "xl.safetensors", "architecture": "sdxl"})).await;
    let words: Vec<_> = (0..40).map(|at| format!("word {at}")).collect();
    let fields = json!({"path": "film.safetensors", "trigger_words": words, "compatible_architectures": ["sd1"]});
    let id = server.add("lora", fields).await["id"].as_str().unwrap().to_owned();
    let path = format!("/ui/loras/{id}?checkpoint={}", base["id"].as_str().unwrap());
    let html = partial(&server, &path).await.text().await.unwrap();
    assert!(html.contains("word 39") && html.contains("Incompatible") && html.contains("Add to recipe"), "{html}");
    let added = partial(&server, &format!("{path}&lora={id}")).await.text().await.unwrap();
    assert!(added.contains("Remove from recipe"), "{added}");
    assert_eq!(server.get(&format!("/ui/loras/{id}")).await.headers()["location"], format!("/models/lora/{id}"));
    assert_eq!(partial(&server, "/ui/loras/0190b2d4-0000-7000-8000-000000000001").await.status(), 404);
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
