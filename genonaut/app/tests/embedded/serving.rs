//! From a folder of models to an image in the history, through the real program.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fixture::Models;
use crate::processes::{children, is_alive, stat};
use crate::studio::kill;

/// A data folder and a private database of the test's own.
struct Home(TempDir);

/// Ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

impl Home {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        // The account that PostgreSQL runs as when we are root has to get in.
        std::fs::set_permissions(home.path(), PermissionsExt::from_mode(0o755)).unwrap();
        Self(home)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_genonaut"));
        command.args(args).env("GENONAUT_DATA", self.0.path().join("data")).env_remove("DATABASE_URL");
        command
    }

    fn says(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// On a free port.
    fn serve(&self) -> (Server, String) {
        let args = ["serve", "--listen", "127.0.0.1:0", "--engine", "embedded=1", "--no-hash", "--rescan", "0"];
        // A group of its own, as a shell gives to each command.
        let mut child = self.command(&args).process_group(0).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        (Server(child), address)
    }
}

impl Home {
    /// A server with an image in the middle, and the job's path.
    async fn serve_in_the_middle(&self) -> (Server, String) {
        self.says(&["db", "migrate"]);
        self.says(&["models", "scan", Models::get().folder().to_str().unwrap()]);
        let (server, address) = self.serve();
        let order = json!({"checkpoint": "tiny-sd1", "width": 64, "height": 64, "steps": 150, "seed": 42});
        let url = queue(&address, &order).await;
        let until = Instant::now() + Duration::from_secs(60);
        while reqwest::get(&url).await.unwrap().json::<Value>().await.unwrap()["step"] == 0 {
            assert!(Instant::now() < until, "it does not begin");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        (server, url.strip_prefix(&address).unwrap().to_owned())
    }
}

/// Queues a job, and gives its address.
async fn queue(address: &str, order: &Value) -> String {
    let queued = reqwest::Client::new().post(format!("{address}/api/v1/jobs")).json(order).send().await.unwrap();
    assert_eq!(queued.status(), 202, "{}", queued.text().await.unwrap());
    format!("{address}{}", queued.headers()["location"].to_str().unwrap())
}

/// Queues a job, and gives it once it is over.
async fn job(address: &str, order: Value) -> Value {
    let url = queue(address, &order).await;
    let until = Instant::now() + Duration::from_secs(120);
    loop {
        let job: Value = reqwest::get(&url).await.unwrap().json().await.unwrap();
        if !matches!(job["state"].as_str(), Some("waiting" | "running")) {
            return job;
        }
        assert!(Instant::now() < until, "{job}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_scanned_checkpoint_and_lora_become_an_image_in_the_history() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    let scanned = home.says(&["models", "scan", Models::get().folder().to_str().unwrap()]);
    assert!(scanned.contains("new"), "{scanned}");
    let (_server, address) = home.serve();
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
    assert!(refused.to_string().contains("The embedded engine makes no 72×64"), "{refused}");
    assert_eq!(job(&address, order).await["state"], "done", "the server has survived all that");
    // What these lack is in the catalogue, in files of its own.
    for lacking in ["tiny-flux-mute", "tiny-sd1-blind"] {
        let order = json!({"checkpoint": lacking, "width": 64, "height": 64, "steps": 2, "scheduler": "simple"});
        let done = job(&address, order).await;
        assert_eq!(done["state"], "done", "{done}");
    }
    let page = reqwest::get(&address).await.unwrap().text().await.unwrap();
    assert!(page.contains("embedded engine") && page.contains("multiples of 64"), "its limits are said on the page");
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
    drop(home.serve());
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
    let (_server, address) = home.serve();
    let state = reqwest::get(format!("{address}{job}")).await.unwrap().json::<Value>().await.unwrap()["state"].clone();
    assert!(state == "waiting" || state == "running", "{state}");
}
