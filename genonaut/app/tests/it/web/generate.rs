//! Jobs through the page's own door: the form in, images out, each once, whoever works on them.

use std::time::Duration;

use genonaut_db::accounts::Viewer;
use genonaut_db::images::{self, Shown, Window};
use genonaut_db::jobs::{self, State};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::server::TestServer;

pub const QUICK: Duration = Duration::from_millis(1);

pub async fn checkpoint(server: &TestServer) -> String {
    let metadata = json!({"defaults": {"width": 64, "height": 96, "steps": 4}});
    let added = json!({"path": "c/base.safetensors", "architecture": "sd1", "metadata": metadata});
    server.add("checkpoint", added).await["id"].as_str().unwrap().to_owned()
}

/// Presses Generate; htmx does when `partial`.
pub async fn generate(server: &TestServer, form: &[(&str, &str)], partial: bool) -> Response {
    let request = server.request(Method::POST, "/ui/jobs").form(form);
    if partial { request.header("HX-Request-Type", "partial").send() } else { request.send() }.await.unwrap()
}

pub async fn until_idle(server: &TestServer) {
    for _ in 0..600 {
        if jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the queue does not become empty");
}

pub async fn made(server: &TestServer) -> Vec<images::Image> {
    images::list(server.db(), Viewer::EVERYTHING, Shown::All, Window { limit: 200, ..Window::default() })
        .await
        .unwrap()
        .0
}

#[tokio::test]
async fn a_form_becomes_images_with_everything_they_were_made_from() {
    let server = TestServer::start().await;
    let id = checkpoint(&server).await;
    let lora = server.add("lora", json!({"path": "l/a.safetensors", "metadata": {"recommended_weight": 0.6}})).await;
    let lora = lora["id"].as_str().unwrap();
    server.work(QUICK);
    let form = [("checkpoint", id.as_str()), ("lora", lora), ("prompt", "two\nlines"), ("seed", "7"), ("images", "3")];
    let answer = generate(&server, &form, true).await;
    assert_eq!(answer.status(), 202);
    assert!(answer.text().await.unwrap().contains("hx-target=\"#stage\""));
    until_idle(&server).await;
    let images = made(&server).await;
    assert_eq!(images.iter().map(|image| image.seed).collect::<Vec<_>>(), [9, 8, 7]);
    assert_eq!((images[0].width, images[0].height), (64, 96));
    let recipe: &Value = &images[0].recipe;
    assert_eq!((&recipe["prompt"], &recipe["steps"], &recipe["cfg"]), (&json!("two\nlines"), &json!(4), &json!(7.0)));
    assert_eq!(
        (&recipe["loras"][0]["weight"], &recipe["checkpoint"]["path"]),
        (&json!(0.6), &json!("c/base.safetensors"))
    );
    let file = server.get(&format!("/images/{}", images[0].id)).await;
    assert_eq!(file.headers()["content-type"], "image/png");
    assert!(file.bytes().await.unwrap().starts_with(b"\x89PNG"));
    let small = server.get(&format!("/images/{}/thumbnail", images[0].id)).await.bytes().await.unwrap();
    assert_eq!(&small[8..12], b"WEBP");
}

#[tokio::test]
async fn a_recipe_that_makes_no_sense_makes_no_job() {
    let server = TestServer::start().await;
    let nothing = generate(&server, &[("prompt", "x")], true).await;
    assert_eq!(nothing.status(), 422);
    assert!(nothing.text().await.unwrap().contains("No checkpoint to generate with"));
    let id = checkpoint(&server).await;
    for (field, value, says) in [
        ("steps", "0", "from 1 to 150"),
        ("images", "1000", "from 1 to 64"),
        ("seed", "-9", "whole number"),
        ("width", "2560", "Width must be at most 2048 with SD 1.5"),
    ] {
        let refused = generate(&server, &[("checkpoint", &id), (field, value)], true).await;
        assert_eq!(refused.status(), 422, "{field}");
        let html = refused.text().await.unwrap();
        assert!(html.contains(says), "{field}: {html}");
    }
    assert!(jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty());
}

#[tokio::test]
async fn two_workers_share_the_queue_and_double_nothing() {
    let server = TestServer::start().await;
    let id = checkpoint(&server).await;
    for seed in 0..8 {
        let seed = (seed * 10).to_string();
        assert_eq!(
            generate(&server, &[("checkpoint", &id), ("seed", &seed), ("images", "2")], false).await.status(),
            303
        );
    }
    server.work(QUICK);
    server.work(QUICK);
    until_idle(&server).await;
    let mut seeds: Vec<_> = made(&server).await.iter().map(|image| image.seed).collect();
    seeds.sort_unstable();
    assert_eq!(seeds, [0, 1, 10, 11, 20, 21, 30, 31, 40, 41, 50, 51, 60, 61, 70, 71]);
}

#[tokio::test]
async fn a_running_job_is_cancelled_and_taken_up_again() {
    let server = TestServer::start().await;
    let id = checkpoint(&server).await;
    server.work(Duration::from_millis(150));
    generate(&server, &[("checkpoint", &id), ("seed", "1"), ("images", "2")], false).await;
    let job = jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().remove(0);
    while jobs::find(server.db(), Viewer::EVERYTHING, job.id).await.unwrap().unwrap().made == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(post(&server, &format!("/ui/jobs/{}/cancel", job.id)).await, 303);
    until_idle(&server).await;
    assert_eq!(jobs::find(server.db(), Viewer::EVERYTHING, job.id).await.unwrap().unwrap().state, State::Cancelled);
    assert_eq!(made(&server).await.len(), 1);
    assert_eq!(post(&server, &format!("/ui/jobs/{}/retry", job.id)).await, 303);
    until_idle(&server).await;
    assert_eq!(made(&server).await.len(), 2);
    assert_eq!(post(&server, &format!("/ui/jobs/{}/retry", job.id)).await, 409);
}

async fn post(server: &TestServer, path: &str) -> u16 {
    server.request(Method::POST, path).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn what_is_done_with_images_works_without_javascript() {
    let server = TestServer::start().await;
    let id = checkpoint(&server).await;
    server.work(QUICK);
    generate(&server, &[("checkpoint", &id), ("prompt", "dunes"), ("steps", "9"), ("seed", "5")], false).await;
    until_idle(&server).await;
    let image: Uuid = made(&server).await[0].id;
    let rated =
        server.request(Method::POST, &format!("/ui/images/{image}/rating")).form(&[("stars", "4")]).send().await;
    assert_eq!(rated.unwrap().headers()["location"], format!("/?image={image}"));
    assert_eq!(made(&server).await[0].rating, Some(4));
    let reused = server.get(&format!("/?from={image}&use=all")).await;
    let place = reused.headers()["location"].to_str().unwrap().to_owned();
    assert!(place.contains("prompt=dunes") && place.contains("steps=9") && place.contains("seed=5"), "{place}");
    assert!(server.get(&place).await.text().await.unwrap().contains("dunes</textarea>"));
    assert_eq!(post(&server, &format!("/ui/images/{image}/vary")).await, 303);
    until_idle(&server).await;
    assert_eq!(made(&server).await.len(), 2);
    assert_eq!(post(&server, &format!("/ui/images/{image}/delete")).await, 303);
    assert_eq!(made(&server).await.len(), 1);
    assert_eq!(post(&server, &format!("/ui/images/{image}/restore")).await, 303);
    assert_eq!(made(&server).await.len(), 2);
    assert_eq!(post(&server, &format!("/ui/images/{}/vary", Uuid::new_v4())).await, 404);
}

#[tokio::test]
async fn a_draft_is_kept_for_each_browser() {
    let server = TestServer::start().await;
    checkpoint(&server).await;
    let first =
        server.request(Method::PUT, "/ui/draft").form(&[("prompt", "mine"), ("steps", "12")]).send().await.unwrap();
    assert_eq!(
        (first.status().as_u16(), &first.headers()["location"]),
        (204, &"/?steps=12&prompt=mine".parse().unwrap())
    );
    let cookie = first.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = |cookie: String| server.request(Method::GET, "/").header("cookie", cookie).send();
    let html = page(cookie.clone()).await.unwrap().text().await.unwrap();
    assert!(html.contains("mine</textarea>") && html.contains("name=\"steps\" value=\"12\""));
    let lora = server.add("lora", json!({"path": "l/a.safetensors"})).await["id"].as_str().unwrap().to_owned();
    let added =
        server.request(Method::GET, &format!("/?add={lora}")).header("cookie", cookie.clone()).send().await.unwrap();
    let place = added.headers()["location"].to_str().unwrap();
    assert!(place.contains(&lora) && place.contains("prompt=mine") && place.contains("steps=12"), "{place}");
    let other = page(format!("genonaut_draft={}", Uuid::new_v4())).await.unwrap().text().await.unwrap();
    assert!(!other.contains("mine</textarea>"));
}

#[tokio::test]
async fn open_pages_hear_of_progress() {
    let server = TestServer::start().await;
    let id = checkpoint(&server).await;
    let mut events = server.get("/events").await;
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    server.work(QUICK);
    generate(&server, &[("checkpoint", &id)], false).await;
    let mut heard = String::new();
    while !heard.contains("\"made\":1") {
        heard += &String::from_utf8_lossy(&events.chunk().await.unwrap().unwrap());
    }
    assert!(heard.contains("event: job"), "{heard}");
}

/// The demo engine counts no work of its own, and is heard of every few seconds only.
#[tokio::test]
async fn the_list_of_engines_says_which_one_works() {
    let server = TestServer::start().await;
    let id = checkpoint(&server).await;
    server.work(Duration::from_millis(100));
    generate(&server, &[("checkpoint", &id), ("images", "50")], false).await;
    list_of_engines_says(&server, "Working").await;
    server.request(Method::POST, "/ui/jobs/cancel").send().await.unwrap();
    until_idle(&server).await;
    list_of_engines_says(&server, "Ready").await;
}

async fn list_of_engines_says(server: &TestServer, state: &str) {
    for _ in 0..100 {
        let page = server.get("/").await.text().await.unwrap();
        let list = page.split_once("data-testid=\"engine-list\"").and_then(|(_, list)| list.split_once("</ul>"));
        if list.is_some_and(|(list, _)| list.contains(state)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the list of engines does not say {state}");
}

#[tokio::test]
async fn a_picture_brings_its_recipe_along() {
    let server = TestServer::start().await;
    let id = checkpoint(&server).await;
    let lora = server.add("lora", json!({"path": "l/film.safetensors"})).await;
    server.work(QUICK);
    let form =
        [("checkpoint", id.as_str()), ("lora", lora["id"].as_str().unwrap()), ("prompt", "日本, dunes"), ("seed", "7")];
    generate(&server, &form, false).await;
    until_idle(&server).await;
    let image = made(&server).await.remove(0);
    let file = server.get(&format!("/images/{}", image.id)).await.bytes().await.unwrap();
    let read = genonaut_sources::picture::read(&file).unwrap();
    assert_eq!(
        (read.prompt.as_str(), read.seed, read.checkpoint.unwrap().name.as_str()),
        ("日本, dunes", Some(7), "base")
    );
    let (status, found) = drop_file(&server, file.to_vec()).await;
    assert_eq!((status, &found["notices"]), (200, &json!([])));
    let url = found["url"].as_str().unwrap();
    assert!(url.contains(&id) && url.contains("seed=7") && url.contains(lora["id"].as_str().unwrap()), "{url}");
    let text = "a cat, <lora:film:0.4>, <lora:gone:1>\nSteps: 9, Sampler: Euler a, CFG scale: 3, Seed: 1, Size: 64x64, Model: nowhere";
    let foreign = genonaut_sources::picture::png::with_texts(&file[..33], &[("parameters", text)]).unwrap();
    let (status, found) = drop_file(&server, foreign).await;
    assert_eq!(status, 200);
    let url = found["url"].as_str().unwrap();
    assert!(url.contains("%7E0.4") && url.contains("sampler=euler_ancestral") && url.contains("steps=9"), "{url}");
    let notices = found["notices"].to_string();
    assert!(notices.contains("nowhere") && notices.contains("gone"), "{notices}");
    let (status, problem) = drop_file(&server, b"hello".to_vec()).await;
    assert_eq!((status, problem["detail"].as_str()), (422, Some("this is not a PNG, JPEG, WebP, AVIF or HEIF image")));
}

async fn drop_file(server: &TestServer, file: Vec<u8>) -> (u16, Value) {
    let answer = server.request(Method::POST, "/ui/recipe-from-image").body(file).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}
