//! Whole pages: what is in the catalogue is on them, in order, and escaped.

use serde_json::json;

use crate::server::TestServer;

#[tokio::test]
async fn models_are_listed_best_rated_first_and_unrated_last() {
    let server = TestServer::start().await;
    for (kind, part) in [("checkpoint", "data-testid=\"checkpoint-option\""), ("lora", "data-testid=\"lora-card\"")] {
        for (name, rating) in [("low", json!(0.2)), ("unrated", json!(null)), ("high", json!(0.9))] {
            server.add(kind, json!({"path": format!("{kind}/{name}.safetensors"), "rating": rating})).await;
        }
        let html = server.get("/?pick=1").await.text().await.unwrap();
        let names: Vec<_> = html.split(part).skip(1).filter_map(name).collect();
        assert_eq!(names, ["high", "low", "unrated"], "{kind}");
    }
}

#[tokio::test]
async fn the_best_checkpoint_is_chosen_and_a_link_chooses_another() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "best.safetensors", "rating": 0.9})).await;
    let other = server.add("checkpoint", json!({"path": "other.safetensors", "rating": 0.1})).await;
    assert_eq!(chosen(&server, "/").await, "best");
    assert_eq!(chosen(&server, &format!("/?checkpoint={}", other["id"].as_str().unwrap())).await, "other");
}

#[tokio::test]
async fn an_empty_catalogue_says_how_to_fill_it() {
    let server = TestServer::start().await;
    let html = server.get("/").await.text().await.unwrap();
    for text in ["Import folder", "genonaut seed", "No checkpoints yet."] {
        assert!(html.contains(text), "{text}");
    }
    server.add("lora", json!({"path": "a.safetensors"})).await;
    assert!(!server.get("/").await.text().await.unwrap().contains("No models yet"));
}

#[tokio::test]
async fn names_are_text_whatever_they_hold() {
    let server = TestServer::start().await;
    let name = "<img src=x onerror=alert(1)>\"'&";
    for kind in ["checkpoint", "lora"] {
        server.add(kind, json!({"path": "a", "name": name, "description": name, "tags": [name]})).await;
    }
    let html = server.get("/?pick=1&q=img&prompt=%3C/textarea%3E%3Cb%3E").await.text().await.unwrap();
    assert!(!html.contains("<img") && !html.contains("</textarea><b>"));
    assert!(html.contains("&#60;img src=x"));
}

#[tokio::test]
async fn what_a_button_does_gets_an_address_of_its_own() {
    let server = TestServer::start().await;
    let lora = server.add("lora", json!({"path": "a.safetensors", "trigger_words": ["film look"]})).await;
    let id = lora["id"].as_str().unwrap();
    for (asked, leads_to) in [
        (format!("/?lora={id}&prompt=a,+film+look,+b&remove={id}"), "/?prompt=a%2C+b".to_owned()),
        (format!("/?q=&add={id}&prompt=a"), format!("/?lora={id}&prompt=a")),
        (format!("/?lora={id}&remove={id}"), "/".to_owned()),
        ("/?prompt=a&word=film".to_owned(), "/?prompt=a%2C+film".to_owned()),
        ("/ui/loras?q=x&fit=optimal".to_owned(), "/?fit=optimal&q=x".to_owned()),
        ("/ui/checkpoints?q=x".to_owned(), "/?checkpoint_q=x".to_owned()),
    ] {
        let answer = server.get(&asked).await;
        assert_eq!(answer.status(), 303, "{asked}");
        assert_eq!(answer.headers()["location"], leads_to, "{asked}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_good_and_pages_are_not() {
    let server = TestServer::start().await;
    let page = server.get("/").await;
    assert_eq!(page.headers()["cache-control"], "no-cache");
    let html = page.text().await.unwrap();
    let (_, rest) = html.split_once("rel=\"stylesheet\" href=\"").unwrap();
    let (css, _) = rest.split_once('"').unwrap();
    let asset = server.get(css).await;
    assert_eq!(asset.headers()["content-type"], "text/css; charset=utf-8");
    assert!(asset.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let again = server.client.get(format!("{}{css}", server.address)).header("if-none-match", &asset.headers()["etag"]);
    assert_eq!(again.send().await.unwrap().status(), 304);
    assert_eq!(server.get("/assets/app.000000000000.css").await.status(), 404);
}

async fn chosen(server: &TestServer, path: &str) -> String {
    let html = server.get(path).await.text().await.unwrap();
    html.split("data-testid=\"checkpoint-button\"").nth(1).and_then(name).unwrap().to_owned()
}

/// The text of the first element of class `name`.
fn name(html: &str) -> Option<&str> {
    let (_, rest) =
        html.split_once("name\"").filter(|(before, _)| before.ends_with("class=\"") || before.ends_with("hit "))?;
    let (_, rest) = rest.split_once('>')?;
    let rest = rest.strip_prefix("<span>").unwrap_or(rest);
    rest.split_once('<').map(|(text, _)| text)
}
