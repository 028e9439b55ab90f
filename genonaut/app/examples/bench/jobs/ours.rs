//! The program as its page asks it: queue a job, and hear from the stream of events that it is over.

use std::time::{Duration, Instant};

use reqwest::{Client, Response};
use serde_json::{Value, json};

pub struct Ours {
    address: String,
    client: Client,
    events: Response,
    heard: String,
    checkpoint: String,
}

impl Ours {
    /// With that checkpoint in the catalogue, whether or not it is there from the last time.
    pub async fn connect(address: &str, checkpoint: &str) -> Self {
        let client = Client::new();
        let model = json!({"path": format!("checkpoints/{checkpoint}"), "architecture": "sd1"});
        client.post(format!("{address}/api/v1/checkpoint-models")).json(&model).send().await.unwrap();
        let events = client.get(format!("{address}/events")).send().await.unwrap();
        let checkpoint = model["path"].as_str().unwrap().to_owned();
        Self { address: address.to_owned(), client, events, heard: String::new(), checkpoint }
    }

    /// How long it takes until the picture is in the history, and what ComfyUI calls it: the first image of a job has the
    /// job's id.
    pub async fn make(&mut self, seed: u64) -> (Duration, String) {
        let start = Instant::now();
        let order = json!({"prompt": "a cat", "checkpoint": self.checkpoint, "width": 64, "height": 64, "steps": 1,
            "sampler": "euler", "scheduler": "normal", "seed": seed});
        let queued = self.client.post(format!("{}/api/v1/jobs", self.address)).json(&order).send().await.unwrap();
        let queued: Value = queued.json().await.unwrap();
        let id = queued["id"].as_str().unwrap_or_else(|| panic!("{queued}")).to_owned();
        while !self.next().await.iter().any(|job| job["id"] == id.as_str() && job["open"] == false) {}
        let took = start.elapsed();
        let job = self.client.get(format!("{}/api/v1/jobs/{id}", self.address)).send().await.unwrap();
        let job: Value = job.json().await.unwrap();
        assert_eq!((&job["state"], &job["made"]), (&json!("done"), &json!(1)), "{job}");
        (took, id)
    }

    /// Jobs that are told of next.
    async fn next(&mut self) -> Vec<Value> {
        let bytes = self.events.chunk().await.unwrap().expect("a stream that goes on");
        self.heard.push_str(&String::from_utf8_lossy(&bytes));
        let mut jobs = Vec::new();
        while let Some((event, rest)) = self.heard.split_once("\n\n") {
            let job = event.strip_prefix("event: job\ndata: ").map(|job| serde_json::from_str(job).unwrap());
            jobs.extend(job);
            self.heard = rest.to_owned();
        }
        jobs
    }
}
