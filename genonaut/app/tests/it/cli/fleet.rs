//! `genonaut worker` and `genonaut engines`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use genonaut_db::accounts::Viewer;
use genonaut_db::jobs::{self, State};
use genonaut_db::server;
use serde_json::{Value, json};

use super::{Home, ask, post_form, signal, until};
use crate::comfyui::double::Double;

fn worker(home: &Home, engine: &str) -> Child {
    let args = ["worker", "--engine", engine, "--demo-step", "200"];
    let mut child = home.command(&args).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("working with "), "{line:?}");
    child
}

fn engines(home: &Home) -> Vec<Value> {
    serde_json::from_str(&home.says(&["engines", "--json"])).unwrap()
}

#[tokio::test]
async fn a_worker_makes_images_without_pages_and_gives_its_job_back() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    assert!(home.says(&["engines"]).contains("no engines running"));
    let place = server::Config { data: home.0.path().join("data"), database_url: None, env: server::Env::Demo };
    let postgres = server::start(&place).await.unwrap();
    let db = genonaut_db::connect(postgres.options()).await.unwrap();
    let mut working = worker(&home, "night=scripted");
    until(|| async { !engines(&home).is_empty() }).await;
    let engine = engines(&home).remove(0);
    assert_eq!(
        (&engine["name"], &engine["kind"], &engine["reachable"]),
        (&json!("night"), &json!("demo engine"), &json!(true))
    );
    let table = home.says(&["engines"]);
    assert!(table.starts_with("NAME") && table.contains("night") && table.contains("ready, just now"), "{table}");
    let recipe = json!({"prompt": "dunes", "checkpoint": {"id": uuid(), "name": "a", "path": "a"}, "width": 64, "height": 64,
        "steps": 40, "cfg": 7.0, "sampler": "euler", "scheduler": "normal", "clip_skip": 1, "seed": 1});
    let job = jobs::add(&db, None, &recipe, 1, None).await.unwrap();
    let state = || async { jobs::find(&db, Viewer::EVERYTHING, job.id).await.unwrap().unwrap() };
    until(|| async { state().await.step > 1 }).await;
    assert_eq!(state().await.engine.as_deref(), Some("night"));
    signal(&working, "INT");
    assert!(working.wait().unwrap().success());
    let given_back = state().await;
    assert_eq!((given_back.state, given_back.attempts), (State::Waiting, 0));
    assert!(engines(&home).is_empty(), "it has said that it ends");
    db.close().await;
    postgres.stop().await.unwrap();
}

/// A test with threads, because the double has to answer while the command line is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comfyui_that_is_found_is_used_once_a_person_agrees_and_remembered() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    let double = Double::with_checkpoints(&["a.safetensors"]).await;
    let (mut first, address) = home.serve_looking(&double.url);
    until(|| async { ask(&address, "GET", "/", "").contains("0.3.64</strong> found at") }).await;
    assert_eq!(engines(&home)[0]["name"], "demo engine", "nobody has agreed yet");
    assert!(double.state().calls.is_empty() && double.state().looks == 0, "it was only asked what it is");
    let elsewhere = post_form(&address, "/ui/engines/use", "url=http%3A%2F%2F127.0.0.1%3A9");
    assert!(elsewhere.starts_with("HTTP/1.1 409"), "{elsewhere}");
    let form = format!("url={}", double.url.replace(':', "%3A").replace('/', "%2F"));
    assert!(post_form(&address, "/ui/engines/use", &form).starts_with("HTTP/1.1 303"));
    let is_used = || async { engines(&home).iter().any(|engine| engine["url"] == double.url.as_str()) };
    until(is_used).await;
    signal(&first, "TERM");
    assert!(first.wait().unwrap().success());
    let (mut second, address) = home.serve();
    until(is_used).await;
    assert_eq!(engines(&home).len(), 1, "the demo engine is not there beside it");
    assert!(post_form(&address, "/ui/engines/demo", "").starts_with("HTTP/1.1 303"));
    until(|| async { engines(&home).iter().all(|engine| engine["name"] == "demo engine") }).await;
    signal(&second, "TERM");
    assert!(second.wait().unwrap().success());
}

#[test]
fn engines_that_cannot_be_are_named() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    assert!(home.fails(&["worker"], 1).contains("no engine given"));
    for (engine, said) in [
        ("comfy=http://a", "use scripted, embedded or comfyui"),
        ("nonsense", "unknown engine \"nonsense\""),
        ("comfyui=gpu:8188", "http://127.0.0.1:8188"),
    ] {
        let complaint = home.fails(&["worker", "--engine", engine], 1);
        assert!(complaint.contains(said), "{engine}: {complaint}");
    }
    let twice = home.fails(&["serve", "--engine", "scripted", "--engine", "scripted"], 1);
    assert!(twice.contains("two engines are named \"demo engine\""), "{twice}");
    let stray = home.fails(&["worker", "--engine", "scripted", "--engine-token-file", "big=t"], 1);
    assert!(stray.contains("no engine named \"big\""), "{stray}");
}

fn uuid() -> &'static str {
    "00000000-0000-0000-0000-000000000001"
}
