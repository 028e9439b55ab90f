//! A ComfyUI: the one that the person named, or one that the test starts and may kill.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::models;

/// What the models are called in the catalogue.
pub const CHECKPOINT: &str = "genonaut-e2e";
pub const LORA: &str = "genonaut-e2e-lora";
/// With torch to load from a cold disk.
const START: Duration = Duration::from_secs(180);

pub struct Comfy {
    pub url: String,
    /// Where its models are: checkpoints, then LoRAs.
    pub folders: [String; 2],
    files: [PathBuf; 2],
    own: Option<Own>,
}

/// Started by the test.
struct Own {
    port: u16,
    base: TempDir,
    process: Child,
}

impl Comfy {
    /// The named one, else one of the test's own.
    pub async fn get() -> Self {
        match std::env::var("GENONAUT_COMFYUI") {
            Ok(url) if !url.is_empty() => Self::at(url.trim_end_matches('/').to_owned(), None).await,
            _ => Self::start().await,
        }
    }

    /// One of the test's own, with nothing but its program from outside.
    pub async fn start() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let base = tempfile::tempdir().unwrap();
        for folder in ["models/checkpoints", "models/loras", "custom_nodes", "user", "front"] {
            std::fs::create_dir_all(base.path().join(folder)).unwrap();
        }
        let process = run(port, base.path());
        let mut own = Own { port, base, process };
        own.ready().await;
        Self::at(format!("http://127.0.0.1:{port}"), Some(own)).await
    }

    async fn at(url: String, own: Option<Own>) -> Self {
        let known = ask(&format!("{url}/internal/folder_paths")).await;
        let folder = |kind: &str| known[kind][0].as_str().unwrap_or_else(|| panic!("{url} names no {kind}")).to_owned();
        let folders = [folder("checkpoints"), folder("loras")];
        let place = |(folder, name): (&String, &str)| {
            assert!(Path::new(folder).is_dir(), "{folder}, where {url} has its models, is not on this machine");
            Path::new(folder).join(format!("{name}.safetensors"))
        };
        let files = [place((&folders[0], CHECKPOINT)), place((&folders[1], LORA))];
        models::make(&files[0], &files[1]);
        Self { url, folders, files, own }
    }

    /// Without a word to anybody.
    pub fn kill(&mut self) {
        self.own.as_mut().expect("only what we have started").end();
    }

    /// At the same address, with nothing in its memory.
    pub async fn start_again(&mut self) {
        let own = self.own.as_mut().expect("only what we have started");
        own.process = run(own.port, own.base.path());
        own.ready().await;
    }

    pub async fn get_json(&self, path: &str) -> Value {
        ask(&format!("{}{path}", self.url)).await
    }

    /// Queues what has nothing to do with us: its id, and its number in the queue.
    pub async fn post_as_somebody_else(&self, steps: u32) -> (String, i64) {
        let posted = reqwest::Client::new().post(format!("{}/prompt", self.url));
        let posted = posted.json(&json!({"prompt": graph(steps), "client_id": "somebody"})).send().await.unwrap();
        let posted: Value = posted.json().await.unwrap();
        assert_eq!(posted["node_errors"], json!({}), "{posted}");
        (posted["prompt_id"].as_str().unwrap().to_owned(), posted["number"].as_i64().unwrap())
    }

    /// What became of a prompt, once it is over.
    pub async fn over(&self, id: &str) -> Value {
        let until = Instant::now() + Duration::from_secs(300);
        loop {
            let history = self.get_json(&format!("/history/{id}")).await;
            if !history[id].is_null() {
                return history[id]["status"]["status_str"].clone();
            }
            assert!(Instant::now() < until, "{id} is not over");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Comfy {
    fn drop(&mut self) {
        self.files.iter().for_each(|file| drop(std::fs::remove_file(file)));
    }
}

impl Own {
    async fn ready(&mut self) {
        let (until, url) = (Instant::now() + START, format!("http://127.0.0.1:{}/queue", self.port));
        while reqwest::get(&url).await.is_err() {
            let log = || std::fs::read_to_string(self.base.path().join("log")).unwrap_or_default();
            assert!(self.process.try_wait().unwrap().is_none(), "ComfyUI does not start:\n{}", log());
            assert!(Instant::now() < until, "ComfyUI does not answer:\n{}", log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        self.process.wait().unwrap();
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.end();
    }
}

/// On the processor, with previews, and without whatever else is installed there.
fn run(port: u16, base: &Path) -> Child {
    let folder = PathBuf::from(std::env::var_os("GENONAUT_COMFYUI_DIR").expect("run it by `make e2e-comfyui`"));
    let log = std::fs::File::create(base.join("log")).unwrap();
    let mut command = Command::new(std::env::var_os("GENONAUT_COMFYUI_PYTHON").unwrap_or_else(|| "python3".into()));
    command.arg(folder.join("main.py")).args(["--listen", "127.0.0.1", "--port", &port.to_string()]);
    command.arg("--base-directory").arg(base).arg("--front-end-root").arg(base.join("front"));
    command.args(["--cpu", "--preview-method", "latent2rgb", "--disable-auto-launch", "--disable-all-custom-nodes"]);
    command.args(["--disable-api-nodes", "--database-url", "sqlite:///:memory:"]).current_dir(base);
    // Several wait for each other at every step, spinning; beside the tests' own work that is a hundred times slower.
    command.env("OMP_NUM_THREADS", "1");
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
}

async fn ask(url: &str) -> Value {
    let answer = reqwest::get(url).await.unwrap_or_else(|error| panic!("{url} does not answer: {error}"));
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    answer.json().await.unwrap()
}

/// A workflow with nothing of ours but the checkpoint, each time another.
fn graph(steps: u32) -> Value {
    let seed = uuid::Uuid::new_v4().as_u64_pair().0 >> 1;
    json!({
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": format!("{CHECKPOINT}.safetensors")}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a house", "clip": ["1", 1]}},
        "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "4": {"class_type": "KSampler", "inputs": {"seed": seed, "steps": steps, "cfg": 7.0, "sampler_name": "euler",
            "scheduler": "normal", "denoise": 1.0, "model": ["1", 0], "positive": ["2", 0], "negative": ["2", 0],
            "latent_image": ["3", 0]}},
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {"class_type": "PreviewImage", "inputs": {"images": ["5", 0]}},
    })
}
