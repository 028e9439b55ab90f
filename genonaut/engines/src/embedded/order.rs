//! What the server and the engine's process say to each other: an order is one line of JSON, and so is each event.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};

/// One image to make. All of it was checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Order {
    pub model: Model,
    pub loras: Vec<Lora>,
    pub prompt: String,
    pub negative_prompt: String,
    pub width: u32,
    pub height: u32,
    pub steps: u32,
    pub cfg: f64,
    pub guidance: Option<f64>,
    /// As stable-diffusion.cpp calls them.
    pub sampler: String,
    pub scheduler: String,
    pub seed: i64,
    pub clip_skip: u32,
    pub init: Option<Start>,
}

/// What stays loaded for as long as orders have the same.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Model {
    /// A file with everything in it, or else one with the diffusion model alone.
    pub whole: Option<String>,
    pub diffusion: Option<String>,
    pub clip_l: Option<String>,
    pub clip_g: Option<String>,
    pub t5: Option<String>,
    pub vae: Option<String>,
    /// What the model predicts, as stable-diffusion.cpp calls it, where the file says so.
    pub prediction: Option<String>,
    /// As many as there are cores, unless given.
    pub threads: Option<u32>,
    /// Bytes, and nanoseconds of the last change, of all these files: another file under the same name is another model.
    pub seen: Vec<(u64, u128)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Lora {
    pub path: String,
    pub weight: f64,
}

/// A picture to start from, of the size of the image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Start {
    pub png: Packed,
    pub denoise: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Event {
    /// The order was read.
    Taken,
    Step {
        step: u32,
        /// A small JPEG.
        preview: Option<Packed>,
    },
    Made {
        png: Packed,
        width: u32,
        height: u32,
    },
    Failed {
        stage: Stage,
        /// What stable-diffusion.cpp said of it.
        said: Vec<String>,
    },
}

/// How far an order came that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    Reading,
    Loading,
    Making,
}

/// Bytes, as base64 in JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Packed(pub Vec<u8>);

impl From<Packed> for String {
    fn from(Packed(bytes): Packed) -> Self {
        BASE64_STANDARD.encode(bytes)
    }
}

impl TryFrom<String> for Packed {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        BASE64_STANDARD.decode(text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_and_reads_back() {
        let event = Event::Made { png: Packed(vec![0, 10, 255]), width: 64, height: 128 };
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(line, r#"{"made":{"png":"AAr/","width":64,"height":128}}"#);
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
        assert!(serde_json::from_str::<Event>(r#"{"made":{"png":"~","width":1,"height":1}}"#).is_err());
    }
}
