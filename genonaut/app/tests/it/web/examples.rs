//! Examples on the pages: marked, behind what is real, hidden with one click.

use std::path::Path;

use genonaut_db::{checkpoint, seed};
use reqwest::Method;
use serde_json::json;

use crate::api::library::scan;
use crate::disk::Disk;
use crate::server::TestServer;

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../db/demo/seed_data_static");

async fn seeded() -> TestServer {
    let server = TestServer::start().await;
    let report = seed::static_files(server.db(), Path::new(SEEDS), false, |_| ()).await.unwrap();
    assert!(report.is_sound(), "{report:#?}");
    server
}

async fn text(server: &TestServer, path: &str) -> String {
    server.get(path).await.text().await.unwrap()
}

/// The name on the button that opens the list of checkpoints.
fn chosen(html: &str) -> &str {
    let button = html.split("data-testid=\"checkpoint-button\"").nth(1).unwrap_or_default();
    let name = button.split("class=\"name\">").nth(1).unwrap_or_default();
    name.split('<').next().unwrap_or_default()
}

#[tokio::test]
async fn an_example_is_chosen_only_while_there_is_nothing_else() {
    let (server, disk) = (seeded().await, Disk::new());
    let html = text(&server, "/").await;
    assert_eq!(chosen(&html), "sd_xl_base_1.0");
    assert!(html.contains("Example, no file"));
    disk.checkpoint("mine.safetensors");
    scan(&server, &[disk.path()]).await;
    let html = text(&server, "/").await;
    assert_eq!(chosen(&html), "mine");
    let options: Vec<_> = html.split("data-testid=\"checkpoint-option\"").skip(1).collect();
    assert!(options[0].contains("mine") && options[1].contains("sd_xl_base_1.0"), "{html}");
    assert!(!options[0].contains("Example, no file") && options[1].contains("Example, no file"));
}

#[tokio::test]
async fn a_draft_from_before_lets_go_of_its_example() {
    let (server, disk) = (seeded().await, Disk::new());
    let example = checkpoint::find_by_name(server.db(), "sd_xl_base_1.0").await.unwrap().unwrap().id;
    let first = server.get("/").await;
    let cookie = first.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let open = |path: String| server.request(Method::GET, &path).header("cookie", cookie.clone()).send();
    open(format!("/?checkpoint={example}&prompt=a+cat")).await.unwrap();
    disk.checkpoint("mine.safetensors");
    scan(&server, &[disk.path()]).await;
    let html = open("/".to_owned()).await.unwrap().text().await.unwrap();
    assert_eq!(chosen(&html), "mine");
    assert!(html.contains("a cat"), "the rest of the draft stays");
    let html = open(format!("/?checkpoint={example}")).await.unwrap().text().await.unwrap();
    assert_eq!(chosen(&html), "sd_xl_base_1.0", "who asks for it gets it");
}

#[tokio::test]
async fn examples_are_hidden_and_shown_with_one_click_each() {
    let server = seeded().await;
    let hide =
        |hidden| server.request(Method::POST, "/ui/examples").form(&[("hidden", hidden), ("back", "/models")]).send();
    assert!(text(&server, "/models").await.contains("Hide examples"));
    let answer = hide("1").await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, "/models"));
    let html = text(&server, "/models").await;
    assert!(html.contains("Show examples") && !html.contains("add_detail"), "{html}");
    assert!(!text(&server, "/?pick=1").await.contains("add_detail"));
    hide("0").await.unwrap();
    assert!(text(&server, "/models").await.contains("add_detail"));
}

#[tokio::test]
async fn a_change_of_all_that_match_leaves_hidden_examples_alone() {
    let server = seeded().await;
    server.add("lora", json!({"path": "mine.pt"})).await;
    let post = async |path: &str, form: &[(&str, &str)]| {
        let answer = server.request(Method::POST, path).form(form).send().await.unwrap();
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    post("/ui/examples", &[("hidden", "1")]).await;
    let changed = post("/ui/models/bulk", &[("all", "type=lora"), ("add_tags", "checked")]).await;
    assert!(changed.contains("changed=1&"), "{changed}");
}
