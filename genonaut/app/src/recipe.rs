//! What images are made from, whole: nothing is left to defaults, and models are named so that they can be found
//! again on another machine. This is what jobs and pictures carry as JSON.

mod model;
mod resolved;
mod written;

use genonaut_engines::{LoraFile, Request};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use model::ModelHashes;
pub use resolved::Resolved;

use crate::settings::Effective;

/// Characters of a path that the catalogue keeps.
pub const LONGEST_PATH: usize = 1000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    pub prompt: String,
    #[serde(default)]
    pub negative_prompt: String,
    pub checkpoint: Model,
    #[serde(default)]
    pub loras: Vec<LoraUse>,
    #[serde(flatten)]
    pub settings: Effective,
    /// The VAE that a person chose: a path, a file's name, or `built-in`; the checkpoint's usual one unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vae: Option<String>,
    /// Of the first image, the next has one more; `None` draws one for the job.
    pub seed: Option<i64>,
    /// What prompts that leave something open came to, image by image; empty where nothing is open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolved: Vec<Resolved>,
}

/// A model as it was when the image was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub id: Uuid,
    pub name: String,
    /// Where its file is; what leaves this machine has the file's name only.
    pub path: String,
    /// As stores know it; not in the queue, where it may still become known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashes: Option<ModelHashes>,
}

/// A LoRA that is applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoraUse {
    #[serde(flatten)]
    pub model: Model,
    pub weight: f64,
    /// On the text encoder; the same as `weight` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip_weight: Option<f64>,
}

/// Seeds that A1111 and ComfyUI draw and everything between understands.
pub fn random_seed() -> i64 {
    i64::from(u32::from_be_bytes(*Uuid::new_v4().as_bytes().first_chunk().unwrap_or(&[0; 4])))
}

impl Recipe {
    /// One image of it.
    pub fn request(&self, seed: i64) -> Request {
        let Effective { width, height, steps, cfg, sampler, scheduler, clip_skip } = self.settings.clone();
        let lora = |lora: &LoraUse| LoraFile {
            path: lora.model.path.clone(),
            weight: lora.weight,
            clip_weight: lora.clip_weight.unwrap_or(lora.weight),
        };
        Request {
            prompt: self.prompt.clone(),
            negative_prompt: self.negative_prompt.clone(),
            checkpoint: self.checkpoint.path.clone(),
            loras: self.loras.iter().map(lora).collect(),
            width,
            height,
            steps,
            cfg,
            sampler,
            scheduler,
            seed,
            clip_skip,
            ..Request::default()
        }
    }
}
