//! A server that speaks ComfyUI's protocol and replays what a real one said (0.3.64, on a processor, with a tiny
//! checkpoint).

mod routes;
mod script;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::http::StatusCode;
use genonaut_engines::comfyui::Access;
use genonaut_engines::{ComfyUi, Failure, LoraFile, Picture, Progress, Request};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use script::{Recording, Say, refusals};

/// How long the client waits for a server that is away.
const PATIENCE: Duration = Duration::from_millis(400);

pub struct Double {
    pub url: String,
    state: Shared,
    task: JoinHandle<()>,
}

#[derive(Clone)]
pub struct Shared(Arc<Mutex<State>>);

pub struct State {
    /// Everything but questions: method, path and body.
    pub calls: Vec<(String, Value)>,
    /// How often the queue was asked for.
    pub looks: usize,
    pub running: Vec<String>,
    pub pending: Vec<String>,
    pub history: HashMap<String, Value>,
    /// What the next connections hear, one script each, once something was posted.
    pub scripts: VecDeque<Vec<Say>>,
    /// What every prompt hears that no script is left for, under its own id.
    pub always: Option<Always>,
    /// Sends every question elsewhere.
    pub redirect: Option<String>,
    /// So many bytes behind each answer to a question.
    pub padding: usize,
    /// Instead of queueing.
    pub refusal: Option<(StatusCode, String)>,
    /// The only value of this header that is let in.
    pub token: Option<String>,
    pub object_info: Value,
    /// What it was started with.
    pub argv: Value,
    posted: watch::Sender<bool>,
}

/// A script, and the id that its messages are about.
#[derive(Clone)]
pub struct Always {
    pub id: String,
    pub script: Vec<Say>,
}

impl Double {
    /// One that makes an image of every prompt, and offers these checkpoints.
    pub async fn with_checkpoints(names: &[&str]) -> Self {
        let recording = Recording::open("plain_previews");
        let double = Self::start([]).await;
        double.offer("CheckpointLoaderSimple", "ckpt_name", names);
        double.state().always = Some(Always { id: recording.id.clone(), script: recording.whole() });
        double
    }

    /// What a loader offers from now on.
    pub fn offer(&self, node: &str, input: &str, names: &[&str]) {
        self.state().object_info[node][node]["input"]["required"][input] = serde_json::json!([names, {}]);
    }

    pub async fn start(scripts: impl IntoIterator<Item = Vec<Say>>) -> Self {
        let state = State {
            calls: Vec::new(),
            looks: 0,
            running: Vec::new(),
            pending: Vec::new(),
            history: HashMap::new(),
            scripts: scripts.into_iter().collect(),
            always: None,
            redirect: None,
            padding: 0,
            refusal: None,
            token: None,
            object_info: script::inventory()["object_info"].clone(),
            argv: serde_json::json!([]),
            posted: watch::Sender::new(false),
        };
        let state = Shared(Arc::new(Mutex::new(state)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = routes::all(state.clone());
        let task = tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { url, state, task }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// From now on nobody answers at this address.
    pub async fn stop(&mut self) {
        self.task.abort();
        (&mut self.task).await.ok();
    }

    /// Answers at the same address again.
    #[allow(dead_code, reason = "several test binaries share this file, and not all of them restart it")]
    pub async fn restart(&mut self) {
        let listener = TcpListener::bind(self.url.trim_start_matches("http://")).await.unwrap();
        let router = routes::all(self.state.clone());
        self.task = tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    }

    pub fn client(&self) -> ComfyUi {
        ComfyUi::new(&self.url, &Access::Open).unwrap().with_patience(PATIENCE)
    }

    /// The picture, or the failure, and all progress told.
    pub async fn make(&self, request: &Request) -> (Result<Picture, Failure>, Vec<Progress>) {
        let mut told = Vec::new();
        let made = self.client().make(request, |progress| told.push(progress)).await;
        (made, told)
    }

    /// The failure, with the address as in the recordings.
    pub async fn failure(&self, request: &Request) -> Failure {
        let failure = self.make(request).await.0.unwrap_err();
        Failure { title: failure.title.replace(&self.url, "http://127.0.0.1:8188"), ..failure }
    }

    pub fn called(&self, path: &str) -> Vec<Value> {
        let calls = self.state();
        calls.calls.iter().filter(|(called, _)| called == path).map(|(_, body)| body.clone()).collect()
    }
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

pub async fn until(is: impl Fn() -> bool) {
    while !is() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// What the recorded jobs were asked for, under the id that they had.
pub fn request(recording: &Recording) -> Request {
    Request {
        prompt: "a red cat".to_owned(),
        negative_prompt: "blurry".to_owned(),
        checkpoint: "/models/checkpoints/tiny_sd15.safetensors".to_owned(),
        loras: vec![LoraFile { path: "/loras/tiny_lora.safetensors".to_owned(), weight: 1.0, clip_weight: 1.0 }],
        width: 64,
        height: 64,
        steps: 4,
        cfg: 7.0,
        sampler: "euler".to_owned(),
        scheduler: "normal".to_owned(),
        attempt: Some(recording.id.parse().unwrap()),
        ..Request::default()
    }
}

impl State {
    /// The next connection hears its script without anything being posted.
    pub fn begin(&self) {
        self.posted.send_replace(true);
    }

    fn end(&mut self, outcome: Value) {
        for id in std::mem::take(&mut self.running) {
            self.history.insert(id, outcome.clone());
        }
    }
}
