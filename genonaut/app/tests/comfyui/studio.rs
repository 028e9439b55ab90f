//! The program beside a ComfyUI whose models it has scanned.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::comfy::{CHECKPOINT, Comfy, LORA};
use crate::embedded::home::{Home, Server};

pub struct Studio {
    pub comfy: Comfy,
    pub server: Server,
    pub address: String,
    home: Home,
}

impl Studio {
    pub async fn open(comfy: Comfy) -> Self {
        let home = Home::new();
        home.says(&["db", "migrate"]);
        home.says(&["models", "scan", &comfy.folders[0], &comfy.folders[1]]);
        let (server, address) = home.serve(&engine(&comfy));
        Self { comfy, server, address, home }
    }

    /// The same data, after the server has ended.
    pub fn serve_again(&mut self) {
        (self.server, self.address) = self.home.serve(&engine(&self.comfy));
    }

    pub async fn json(&self, path: &str) -> Value {
        reqwest::get(format!("{}{path}", self.address)).await.unwrap().json().await.unwrap()
    }

    pub async fn post(&self, path: &str) {
        let answer = reqwest::Client::new().post(format!("{}{path}", self.address)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    /// All pictures of the history, the newest first, with what the API tells of them.
    pub async fn pictures(&self) -> Vec<(Value, Vec<u8>)> {
        let mut pictures = Vec::new();
        for image in self.json("/api/v1/images").await["items"].as_array().unwrap() {
            let url = format!("{}{}", self.address, image["url"].as_str().unwrap());
            let png = reqwest::get(url).await.unwrap().bytes().await.unwrap();
            pictures.push((image.clone(), png.to_vec()));
        }
        pictures
    }
}

fn engine(comfy: &Comfy) -> String {
    format!("comfyui={}", comfy.url)
}

/// As quick as it can be; seeds differ by run, since a ComfyUI does not do twice what it has done.
pub fn order(steps: u32) -> Value {
    let seed = Uuid::new_v4().as_u64_pair().0 >> 12;
    json!({"prompt": "a cat", "checkpoint": CHECKPOINT, "loras": [{"model": LORA, "weight": 0.8}], "width": 64,
        "height": 64, "steps": steps, "cfg": 7, "sampler": "euler", "scheduler": "normal", "seed": seed})
}

/// The prompt that makes the job's image at that place.
pub fn prompt(job: &Value, place: u128) -> String {
    let job: Uuid = job["id"].as_str().unwrap().parse().unwrap();
    Uuid::from_u128(job.as_u128() ^ place).to_string()
}
