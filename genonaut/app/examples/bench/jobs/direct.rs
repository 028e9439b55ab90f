//! ComfyUI as its own page asks it: post a graph, hear that it is done, fetch the picture.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use reqwest::{Client, Upgraded, header};
use serde_json::{Value, json};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use uuid::Uuid;

const CLIENT: &str = "genonaut-bench";

pub struct Direct {
    url: String,
    client: Client,
    socket: WebSocketStream<Upgraded>,
}

impl Direct {
    pub async fn connect(url: &str) -> Self {
        let client = Client::builder().http1_only().build().unwrap();
        let asked = client.get(format!("{url}/ws?clientId={CLIENT}")).header(header::CONNECTION, "Upgrade");
        let asked = asked.header(header::UPGRADE, "websocket").header(header::SEC_WEBSOCKET_VERSION, "13");
        let answer = asked.header(header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==").send().await.unwrap();
        let stream = answer.upgrade().await.expect("a ComfyUI that speaks websocket");
        let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        Self { url: url.to_owned(), client, socket }
    }

    /// The first that the server offers.
    pub async fn checkpoint(&self) -> String {
        let info = self.json("object_info/CheckpointLoaderSimple").await;
        let input = &info["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"];
        let first = input[0][0].as_str().or_else(|| input[1]["options"][0].as_str());
        first.expect("a checkpoint in ComfyUI's folder").to_owned()
    }

    /// What was posted for the first image of a job.
    pub async fn graph_of(&self, job: &str) -> Value {
        let history = self.json(&format!("history/{job}")).await;
        history[job]["prompt"][2].clone()
    }

    /// How long it takes until the picture is here.
    pub async fn make(&mut self, graph: &Value) -> Duration {
        let start = Instant::now();
        let id = Uuid::new_v4().to_string();
        let body = json!({"prompt": graph, "client_id": CLIENT, "prompt_id": id});
        let posted = self.client.post(format!("{}/prompt", self.url)).json(&body).send().await.unwrap();
        assert!(posted.status().is_success(), "{}", posted.text().await.unwrap());
        let saved = self.until_done(&id).await;
        let name = ["filename", "subfolder", "type"].map(|part| (part, saved[part].as_str().unwrap().to_owned()));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(name).finish();
        let picture = self.client.get(format!("{}/view?{query}", self.url)).send().await.unwrap();
        assert!(picture.bytes().await.unwrap().starts_with(b"\x89PNG"));
        start.elapsed()
    }

    /// The image that was saved.
    async fn until_done(&mut self, id: &str) -> Value {
        let mut saved = Value::Null;
        while let Some(message) = self.socket.next().await {
            let Message::Text(text) = message.unwrap() else { continue };
            let said: Value = serde_json::from_str(&text).unwrap();
            if said["data"]["prompt_id"] != id {
                continue;
            }
            match said["type"].as_str() {
                Some("executed") => saved = said["data"]["output"]["images"][0].clone(),
                Some("execution_success") => return saved,
                Some("execution_error") => panic!("{said}"),
                _ => {}
            }
        }
        panic!("ComfyUI hung up");
    }

    async fn json(&self, path: &str) -> Value {
        self.client.get(format!("{}/{path}", self.url)).send().await.unwrap().json().await.unwrap()
    }
}

pub async fn version(url: &str) -> String {
    let stats: Value = reqwest::get(format!("{url}/system_stats")).await.unwrap().json().await.unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!("ComfyUI {} on {}", text(&stats["system"]["comfyui_version"]), text(&stats["devices"][0]["name"]))
}
