//! From a folder of models to an image in the history, through the real program.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fixture::Models;
use crate::home::{Home, Server, begun, job, queue};
use crate::processes::{children, is_alive, stat};
use crate::studio::kill;

const ENGINE: &str = "embedded=1";

impl Home {
    /// A server with an image in the middle, and the job's path.
    async fn serve_in_the_middle(&self) -> (Server, String) {
        self.says(&["db", "migrate"]);
        self.says(&["models", "scan", Models::get().folder().to_str().unwrap()]);
        let (server, address) = self.serve(ENGINE);
        let order = json!({"checkpoint": "tiny-sd1", "width": 64, "height": 64, "steps": 150, "seed": 42});
        let url = queue(&address, &order).await;
        begun(&url).await;
        (server, url.strip_prefix(&address).unwrap().to_owned())
    }
}

#[tokio::test]
async fn a_scanned_checkpoint_and_lora_become_an_image_in_the_history() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    let scanned = home.says(&["models", "scan", Models::get().folder().to_str().unwrap()]);
    assert!(scanned.contains("new"), "{scanned}");
    let (_server, address) = home.serve(ENGINE);
    let order = json!({"prompt": "a cat", "checkpoint": "tiny-sd1", "loras": [{"model": "tiny-sd1-lora", "weight": 0.8}],
        "width": 64, "height": 64, "steps": 2, "sampler": "euler", "scheduler": "karras", "seed": 42});
    let done = job(&address, order.clone()).await;
    assert_eq!(done["state"], "done", "{done}");
    let images: Value = reqwest::get(format!("{address}/api/v1/images")).await.unwrap().json().await.unwrap();
    assert_eq!((&images["items"][0]["width"], &images["items"][0]["seed"]), (&json!(64), &json!(42)));
    let url = format!("{address}{}", images["items"][0]["url"].as_str().unwrap());
    let png = reqwest::get(url).await.unwrap().bytes().await.unwrap();
    assert_eq!(image::load_from_memory(&png).unwrap().width(), 64);

    let with = |name: &str, value: Value| {
        let mut changed = order.clone();
        changed[name] = value;
        changed
    };
    let crashed = job(&address, with("loras", json!([{"model": "wide-sd1-lora"}]))).await;
    assert_eq!(crashed["state"], "failed", "{crashed}");
    assert!(crashed.to_string().contains("GGML_ASSERT"), "{crashed}");
    let refused = job(&address, with("width", json!(72))).await;
    assert!(refused.to_string().contains("72×64 is not supported by the built-in engine"), "{refused}");
    assert_eq!(job(&address, order).await["state"], "done", "the server has survived all that");
    // What these lack is in the catalogue, in files of its own.
    for lacking in ["tiny-flux-mute", "tiny-sd1-blind"] {
        let order = json!({"checkpoint": lacking, "width": 64, "height": 64, "steps": 2, "scheduler": "simple"});
        let done = job(&address, order).await;
        assert_eq!(done["state"], "done", "{done}");
    }
    let page = reqwest::get(&address).await.unwrap().text().await.unwrap();
    assert!(page.contains("built-in engine") && page.contains("multiples of 64"), "its limits are said on the page");
}

/// Whoever is killed can end nobody: the process ends by itself when nobody is there to give it orders.
#[tokio::test]
async fn a_server_that_is_killed_in_the_middle_of_an_image_leaves_no_process() {
    let home = Home::new();
    let (server, _) = home.serve_in_the_middle().await;
    let engines = children(server.0.id());
    assert_eq!(engines.len(), 1);
    kill(server.0.id());
    drop(server);
    let until = Instant::now() + Duration::from_secs(30);
    while engines.iter().any(|&id| is_alive(id)) {
        assert!(Instant::now() < until, "the engine's process is still there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The database that the killed one left running ends with the next.
    drop(home.serve(ENGINE));
}

/// A terminal tells everyone in the group; if the engine heard it too, the image would have failed.
#[tokio::test]
async fn ctrl_c_in_the_middle_of_an_image_gives_it_back_to_the_queue() {
    let home = Home::new();
    let (mut server, job) = home.serve_in_the_middle().await;
    let group = server.0.id();
    assert!(children(group).into_iter().all(|engine| stat(engine).is_some_and(|(_, _, of)| of != group)));
    let group = format!("-{group}");
    assert!(Command::new("kill").args(["-INT", "--", &group]).status().unwrap().success());
    assert!(server.0.wait().unwrap().success());
    let (_server, address) = home.serve(ENGINE);
    let state = reqwest::get(format!("{address}{job}")).await.unwrap().json::<Value>().await.unwrap()["state"].clone();
    assert!(state == "waiting" || state == "running", "{state}");
}
