//! How a model was trained, as its trainer wrote it down.

use serde::Serialize;
use serde_json::Value;

use super::super::file_name;
use super::super::text::{line, stated};
use super::dataset::Tables;
use super::{first, number};
use crate::header::Metadata;

/// How many tags are kept.
const TOP_TAGS: usize = 200;

/// Facts of the training; what was not written down is missing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Training {
    /// `kohya`, `musubi-tuner`, `ai-toolkit`, `OneTrainer`, `Civitai` or `diffusers`.
    pub tool: Option<&'static str>,
    /// The checkpoint as the trainer was given it: a name, a path or a number on Civitai.
    pub base_model: Option<String>,
    pub base_sha256: Option<String>,
    pub base_autov1: Option<String>,
    pub network_module: Option<String>,
    /// As stated; resizing changes the tensors and not always the statement.
    pub rank: Option<u64>,
    pub alpha: Option<f64>,
    pub resolution: Option<String>,
    pub epochs: Option<u64>,
    /// The epoch and step of this file.
    pub epoch: Option<u64>,
    pub step: Option<u64>,
    pub steps: Option<u64>,
    pub pictures: Option<u64>,
    /// Tag and on how many pictures it is, the most frequent first.
    pub tags_top: Vec<(String, u64)>,
    /// Unix seconds.
    pub started_at: Option<f64>,
    pub finished_at: Option<f64>,
}

impl Training {
    pub(super) fn read(metadata: &Metadata, stem: &str, tables: &Tables) -> Self {
        let text = |key: &str| first(metadata, &[key]).and_then(line);
        let number = |key: &str| number(metadata, key);
        let whole = |key: &str| number(key).filter(|number| number.fract() == 0.0 && *number >= 0.0).map(|n| n as u64);
        Self {
            tool: tool(metadata),
            base_model: text("ss_sd_model_name"),
            base_sha256: text("ss_new_sd_model_hash"),
            base_autov1: text("ss_sd_model_hash"),
            network_module: text("ss_network_module"),
            rank: whole("ss_network_dim"),
            alpha: number("ss_network_alpha"),
            resolution: text("ss_resolution"),
            epochs: whole("ss_num_epochs"),
            epoch: whole("ss_epoch").or_else(|| progress(metadata, "epoch")).or_else(|| file_name::epoch(stem)),
            step: whole("ss_steps").or_else(|| progress(metadata, "step")).or_else(|| file_name::step(stem)),
            steps: whole("ss_max_train_steps"),
            pictures: whole("ss_num_train_images"),
            tags_top: tables.top_tags(TOP_TAGS),
            started_at: number("ss_training_started_at"),
            finished_at: number("ss_training_finished_at"),
        }
    }
}

/// ai-toolkit's `training_info`.
fn progress(metadata: &Metadata, what: &str) -> Option<u64> {
    serde_json::from_str::<Value>(metadata.get("training_info")?).ok()?.get(what)?.as_u64()
}

fn tool(metadata: &Metadata) -> Option<&'static str> {
    const MUSUBI: [&str; 5] = ["lora_wan", "lora_flux_kontext", "lora_qwen_image", "lora_framepack", "lora_zimage"];
    let text = |key: &str| metadata.get(key).and_then(stated).unwrap_or_default();
    let has = |start: &str| metadata.0.iter().any(|(key, _)| key.starts_with(start));
    let module = text("ss_network_module");
    // The more particular first: all but OneTrainer write kohya's keys too.
    if text("software").contains("ai-toolkit") {
        Some("ai-toolkit")
    } else if has("ot_") {
        Some("OneTrainer")
    } else if super::super::families::trainer_id(text("ss_sd_model_name")).is_some() {
        Some("Civitai")
    } else if MUSUBI.iter().any(|name| module.ends_with(name)) {
        Some("musubi-tuner")
    } else if has("ss_") {
        Some("kohya")
    } else {
        has("lora_adapter_metadata").then_some("diffusers")
    }
}
