//! What the server is asked about one prompt, and what it answers.

use std::hash::{DefaultHasher, Hash, Hasher};

use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::event::Event;
use super::refusal;
use super::server::{LARGEST_IMAGE, Server};
use super::socket::client;
use crate::{Failure, Kind, Request};

/// Where a prompt is.
pub(super) enum Place {
    Waiting,
    Running,
    Over(Outcome),
    /// In neither queue nor history. Both are in memory only: after a restart every prompt is nowhere.
    Nowhere,
}

/// An image on the server's disk.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Saved {
    filename: String,
    subfolder: String,
    #[serde(rename = "type")]
    kind: String,
}

/// What the history says about a prompt.
#[derive(Deserialize)]
pub(super) struct Outcome {
    outputs: serde_json::Map<String, Value>,
    status: Option<Status>,
}

#[derive(Deserialize)]
struct Status {
    messages: Vec<(String, Value)>,
}

#[derive(Deserialize)]
struct Queue {
    queue_running: Vec<Entry>,
    queue_pending: Vec<Entry>,
}

/// Number, prompt id, then the graph and more that nobody here needs.
type Entry = Vec<Value>;

impl Server {
    /// The queue first: a prompt goes from there into the history in one step, never the other way.
    pub async fn place(&self, id: Uuid) -> Result<Place, Failure> {
        let id = id.to_string();
        let queue: Queue = self.get(&["queue"]).await?;
        let has = |entries: &[Entry]| entries.iter().any(|entry| entry.get(1).is_some_and(|of| of == id.as_str()));
        if has(&queue.queue_running) {
            return Ok(Place::Running);
        }
        if has(&queue.queue_pending) {
            return Ok(Place::Waiting);
        }
        let mut history: std::collections::HashMap<String, Outcome> = self.get(&["history", &id]).await?;
        Ok(history.remove(&id).map_or(Place::Nowhere, Place::Over))
    }

    /// How many prompts run and wait, whoever asked for them.
    pub async fn load(&self) -> Result<(usize, usize), Failure> {
        let queue: Queue = self.get(&["queue"]).await?;
        Ok((queue.queue_running.len(), queue.queue_pending.len()))
    }

    /// Queues a graph, with more to say of it. Not idempotent: the same id posted twice runs twice.
    pub async fn submit(&self, request: &Request, id: Uuid, graph: Value, more: Value) -> Result<(), Failure> {
        let body = json!({"prompt": graph, "client_id": client(id), "prompt_id": id.to_string(), "extra_data": more});
        let answer = self.send(self.http.post(self.at(&["prompt"], &[])).json(&body)).await?;
        if answer.status() == StatusCode::BAD_REQUEST {
            return Err(refusal::of_graph(&self.read(answer).await?, request, self));
        }
        // Errors in an answer of success are about other outputs than the one that runs; we have one.
        self.good(answer).await.map(drop)
    }

    pub async fn unqueue(&self, id: Uuid) -> Result<(), Failure> {
        let body = json!({"delete": [id.to_string()]});
        self.good(self.send(self.http.post(self.at(&["queue"], &[])).json(&body)).await?).await.map(drop)
    }

    /// Servers before August 2025 ignore the id and stop whatever runs: ask first where the prompt is.
    pub async fn interrupt(&self, id: Uuid) -> Result<(), Failure> {
        let body = json!({"prompt_id": id.to_string()});
        self.good(self.send(self.http.post(self.at(&["interrupt"], &[])).json(&body)).await?).await.map(drop)
    }

    pub async fn view(&self, saved: &Saved) -> Result<Vec<u8>, Failure> {
        let query = [("filename", &saved.filename), ("subfolder", &saved.subfolder), ("type", &saved.kind)];
        let address = self.at(&["view"], &query.map(|(name, value)| (name, value.as_str())));
        let answer = self.send(self.http.get(address)).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            let title = format!("{self} no longer has the generated image");
            return Err(Failure::new(Kind::Lost, title, "Its file was deleted in the meantime. Retry."));
        }
        self.body(self.good(answer).await?, LARGEST_IMAGE).await
    }

    /// Puts a picture where `LoadImage` finds it, and answers by what name.
    pub async fn upload(&self, picture: Vec<u8>) -> Result<String, Failure> {
        // The same picture gets the same name, so that a server keeps it once.
        let mut hasher = DefaultHasher::new();
        picture.hash(&mut hasher);
        let name = format!("{:016x}.png", hasher.finish());
        let form = Form::new().part("image", Part::bytes(picture).file_name(name)).text("subfolder", "genonaut");
        let answer = self.send(self.http.post(self.at(&["upload", "image"], &[])).multipart(form)).await?;
        let kept: Uploaded = self.read(self.good(answer).await?).await?;
        // Another picture of that name makes the server choose another name.
        Ok(format!("{}/{}", kept.subfolder, kept.name).trim_start_matches('/').to_owned())
    }
}

#[derive(Deserialize)]
struct Uploaded {
    name: String,
    subfolder: String,
}

impl Outcome {
    /// The image, or why there is none.
    pub fn saved(&self, request: &Request, server: &Server) -> Result<Saved, Failure> {
        let messages = self.status.iter().flat_map(|status| &status.messages);
        for (kind, data) in messages {
            if let Event::Failed(broken) = Event::of(kind, data) {
                return Err(refusal::of_run(&broken, request, server));
            } else if let Event::Interrupted = Event::of(kind, data) {
                return Err(refusal::interrupted(server));
            }
        }
        self.outputs.values().find_map(first_image).ok_or_else(|| refusal::without_image(server))
    }
}

/// The first image among the outputs of a node.
pub(super) fn first_image(output: &Value) -> Option<Saved> {
    Saved::deserialize(output.get("images")?.get(0)?).ok()
}
