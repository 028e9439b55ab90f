//! Answers as a ComfyUI does, and takes a fixed time for an image: where there is none, what is ours can still be
//! measured.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use genonaut_engines::{Engine, Request, Scripted};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};

/// About what a tiny model takes for one step on a processor.
pub const COMPUTES: Duration = Duration::from_millis(100);

#[derive(Clone)]
struct Standin(Arc<Mutex<Known>>);

struct Known {
    /// Who listens, by what they call themselves.
    sockets: HashMap<String, mpsc::UnboundedSender<Message>>,
    running: Vec<String>,
    history: HashMap<String, Value>,
    picture: Vec<u8>,
}

/// Until the process ends.
pub async fn serve() {
    let known = Known { sockets: HashMap::new(), running: Vec::new(), history: HashMap::new(), picture: drawn().await };
    let router = Router::new()
        .route("/ws", get(listen))
        .route("/prompt", post(prompt))
        .route("/queue", get(queue))
        .route("/history/{id}", get(history))
        .route("/view", get(async |State(Standin(known)): State<Standin>| known.lock().await.picture.clone()))
        .route("/system_stats", get(async || Json(json!({"system": {"comfyui_version": "0.0.0"}, "devices": []}))))
        .route("/object_info/{node}", get(object_info))
        .with_state(Standin(Arc::new(Mutex::new(known))));
    crate::http::serve(router).await;
}

/// A picture with something on it, as large as such checkpoints make them.
async fn drawn() -> Vec<u8> {
    let request = Request { prompt: "dunes".to_owned(), width: 512, height: 512, ..Request::default() };
    let engine = Engine::Scripted(Scripted { step: Duration::ZERO });
    engine.make(&request, drop).await.unwrap().png
}

async fn listen(
    State(Standin(known)): State<Standin>,
    Query(asked): Query<HashMap<String, String>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let (tell, told) = mpsc::unbounded_channel();
    known.lock().await.sockets.insert(asked["clientId"].clone(), tell);
    upgrade.on_upgrade(|socket| pass_on(socket, told))
}

async fn pass_on(mut socket: WebSocket, mut told: mpsc::UnboundedReceiver<Message>) {
    loop {
        tokio::select! {
            message = told.recv() => match message {
                Some(message) => if socket.send(message).await.is_err() { return },
                None => return,
            },
            // What the client says changes nothing; that it has gone does.
            heard = socket.recv() => if !matches!(heard, Some(Ok(_))) { return },
        }
    }
}

async fn prompt(State(standin): State<Standin>, Json(body): Json<Value>) -> Json<Value> {
    let id = body["prompt_id"].as_str().unwrap().to_owned();
    standin.0.lock().await.running.push(id.clone());
    let answer = Json(json!({"prompt_id": id, "number": 1, "node_errors": {}}));
    tokio::spawn(standin.compute(id, body));
    answer
}

impl Standin {
    async fn compute(self, id: String, body: Value) {
        let tell = self.0.lock().await.sockets[body["client_id"].as_str().unwrap()].clone();
        let say = |kind: &str, mut data: Value| {
            data["prompt_id"] = json!(id);
            let _ = tell.send(Message::text(json!({"type": kind, "data": data}).to_string()));
        };
        say("execution_start", json!({}));
        say("execution_cached", json!({"nodes": []}));
        say("executing", json!({"node": "3"}));
        tokio::time::sleep(COMPUTES).await;
        say("progress", json!({"node": "3", "value": 1, "max": 1}));
        let output = json!({"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]});
        say("executed", json!({"node": "9", "output": output}));
        let mut known = self.0.lock().await;
        known.running.retain(|running| *running != id);
        let entry = json!({"prompt": [1, id, body["prompt"]], "outputs": {"9": output}, "status": {"messages": []}});
        known.history.insert(id.clone(), entry);
        say("execution_success", json!({}));
    }
}

async fn queue(State(Standin(known)): State<Standin>) -> Json<Value> {
    let running: Vec<Value> = known.lock().await.running.iter().map(|id| json!([1, id])).collect();
    Json(json!({"queue_running": running, "queue_pending": []}))
}

async fn history(State(Standin(known)): State<Standin>, Path(id): Path<String>) -> Json<Value> {
    let entry = known.lock().await.history.get(&id).cloned();
    Json(entry.map_or_else(|| json!({}), |entry| json!({id: entry})))
}

async fn object_info(Path(node): Path<String>) -> Json<Value> {
    let required = match node.as_str() {
        "CheckpointLoaderSimple" => json!({"ckpt_name": [["standin.safetensors"]]}),
        "KSampler" => json!({"sampler_name": [["euler"]], "scheduler": [["normal"]]}),
        _ => json!({}),
    };
    Json(json!({node: {"input": {"required": required}}}))
}
