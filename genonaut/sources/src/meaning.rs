//! What the header, the files beside it and its name say of a model. Nothing is looked up, nothing is decided by
//! tensors: that is `identify`'s.

pub mod embedded;
mod extra;
pub mod families;
pub(crate) mod file_name;
mod generic;
mod hash;
mod html;
mod merge;
pub mod preview;
mod siblings;
pub mod sidecar;
mod split;
pub(crate) mod text;
pub(crate) mod words;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use families::Families;
pub use hash::{Claim, FileHashes};
pub use merge::{Merged, Statement, Trust, claimants, claims, merge};
pub use siblings::Siblings;
pub use words::Word;

/// What a source says of a model; what it does not say is missing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Said {
    pub name: Option<String>,
    pub version: Option<String>,
    /// Plain text, at most 64 KiB.
    pub description: Option<String>,
    /// Lower-case.
    pub tags: Vec<String>,
    /// What a person or the author says to write in the prompt.
    pub trigger_words: Vec<Word>,
    /// Only guessed from what the training pictures were tagged with.
    pub suggested_words: Vec<Word>,
    /// Checkpoints by name, without folder and extension.
    pub optimal_checkpoints: Vec<String>,
    /// Architecture or family as the source spells it, e.g. `Pony`, `SDXL 1.0`; [`Families::spelled`] reads it.
    pub base: Option<String>,
    pub prediction_type: Option<Prediction>,
    pub author: Option<String>,
    pub license: Option<String>,
    /// What the user wrote down.
    pub notes: Option<String>,
    pub favorite: Option<bool>,
    pub usage: Usage,
    /// How example images were made: hints, no settings.
    pub examples: Option<Usage>,
    /// Of the file that is described, which need not be the file that is there.
    pub hashes: Vec<Claim>,
    /// Missing where no source asked Civitai.
    pub civitai: Option<Civitai>,
    /// Small values as they were; no paths on other machines, no pictures.
    pub extra: Map<String, Value>,
}

/// How to generate with a model.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Usage {
    pub preferred_weight: Option<f64>,
    /// On the text encoder, where that differs.
    pub clip_weight: Option<f64>,
    pub weight_range: Option<(f64, f64)>,
    /// Pixels.
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub steps: Option<u32>,
    pub cfg: Option<f64>,
    /// ComfyUI's ids; names that are not known are left out.
    pub sampler: Option<String>,
    pub scheduler: Option<String>,
    /// As A1111 counts: 1 skips nothing.
    pub clip_skip: Option<u32>,
    pub negative_text: Option<String>,
}

/// What the network predicts; wrong, it gives noise instead of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Prediction {
    Epsilon,
    V,
}

/// Where a model stands on Civitai.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Civitai {
    /// False: Civitai was asked and does not know the file.
    pub known: bool,
    pub model_id: Option<u64>,
    pub version_id: Option<u64>,
    /// `urn:air:…`
    pub air: Option<String>,
    /// As written there; one entry may hold several words, or a whole prompt.
    pub trained_words: Vec<String>,
}

impl Prediction {
    /// From any writer's spelling: `v`, `v_prediction`, `vpred`, `eps`, `epsilon`.
    pub(crate) fn spelled(text: &str) -> Option<Self> {
        match text::key(text).replace(['-', ' '], "").as_str() {
            "v" | "vpred" | "vprediction" => Some(Self::V),
            "eps" | "epsilon" => Some(Self::Epsilon),
            _ => None,
        }
    }
}

impl Said {
    /// All words, the required ones first.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.trigger_words.iter().chain(&self.suggested_words).map(|word| word.text.as_str())
    }
}
