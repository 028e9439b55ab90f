//! The recordings.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// What a connection hears, and what changes meanwhile.
#[derive(Clone)]
pub enum Say {
    Text(Value),
    Frame(Vec<u8>),
    /// A message of so many bytes.
    Endless(usize),
    /// The prompt goes from the queue into the history.
    Over(Value),
    /// The prompt is in no list any more.
    Forgotten,
    HangUp,
}

pub struct Recording {
    /// Of the prompt.
    pub id: String,
    said: Value,
}

impl Recording {
    pub fn open(name: &str) -> Self {
        let said = json(&format!("{name}.json"));
        Self { id: said["id"].as_str().unwrap().to_owned(), said }
    }

    /// From the first message to the last, and into the history.
    pub fn whole(&self) -> Vec<Say> {
        let mut script = self.part("messages");
        script.push(Say::Over(self.history()));
        script
    }

    pub fn part(&self, name: &str) -> Vec<Say> {
        self.said[name].as_array().unwrap().iter().map(say).collect()
    }

    pub fn history(&self) -> Value {
        self.said["history"].clone()
    }
}

/// Answers to graphs that are not queued, by what was wrong: status, and body.
pub fn refusals() -> Vec<(String, u16, String)> {
    let all = json("refusals.json");
    let one = |(name, answer): (&String, &Value)| {
        let status = answer["status"].as_u64().unwrap().try_into().unwrap();
        let body = answer["text"].as_str().map_or_else(|| answer["json"].to_string(), str::to_owned);
        (name.clone(), status, body)
    };
    all.as_object().unwrap().iter().map(one).collect()
}

pub fn inventory() -> Value {
    json("inventory.json")
}

pub fn file(name: &str) -> Vec<u8> {
    // The tests of other crates speak with the double, too.
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../engines/tests/data/comfyui");
    fs::read(folder.join(name)).unwrap()
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&file(name)).unwrap()
}

fn say(message: &Value) -> Say {
    match message["frame"].as_u64() {
        Some(1) => Say::Frame(file("preview_plain.frame")),
        Some(4) => Say::Frame(file("preview_metadata.frame")),
        _ => Say::Text(message.clone()),
    }
}
