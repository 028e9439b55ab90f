//! What a server has.

use futures_util::future::try_join_all;
use serde::Deserialize;
use serde_json::Value;

use super::names::{Unmatched, find};
use super::server::Server;
use crate::{Failure, ModelKind, Role};

/// What a server has, by the names that it wants to hear.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inventory {
    pub checkpoints: Vec<String>,
    pub diffusion_models: Vec<String>,
    pub text_encoders: Vec<String>,
    pub vaes: Vec<String>,
    pub loras: Vec<String>,
    pub samplers: Vec<String>,
    pub schedulers: Vec<String>,
    pub system: System,
}

/// The machine that a server runs on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct System {
    pub comfyui: String,
    pub os: String,
    /// Where images are made, e.g. `cuda:0 NVIDIA GeForce RTX 4090`, or `cpu`.
    pub device: String,
    /// Bytes of the device's memory; the machine's own where there is no GPU.
    pub vram_total: u64,
    pub vram_free: u64,
    /// Whether it was started with a method of previews, be it `none`.
    pub previews: bool,
}

/// How a server is just now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    pub system: System,
    /// Prompts on it, whoever asked for them.
    pub running: usize,
    pub waiting: usize,
}

impl Status {
    pub(super) async fn of(server: &Server) -> Result<Self, Failure> {
        let (running, waiting) = server.load().await?;
        Ok(Self { system: System::of(server).await?, running, waiting })
    }
}

impl System {
    pub(super) async fn of(server: &Server) -> Result<Self, Failure> {
        Ok(server.get::<Stats>(&["system_stats"]).await?.into())
    }
}

/// Node and input that offer each list, in the order of [`Inventory`]'s fields.
const LISTS: [(&str, &str); 7] = [
    ("CheckpointLoaderSimple", "ckpt_name"),
    ("UNETLoader", "unet_name"),
    ("CLIPLoader", "clip_name"),
    ("VAELoader", "vae_name"),
    ("LoraLoader", "lora_name"),
    ("KSampler", "sampler_name"),
    ("KSampler", "scheduler"),
];

impl Inventory {
    /// Whether there is a checkpoint, or a diffusion model, whose name is the path's. So for the others below.
    pub fn has_main(&self, kind: ModelKind, path: &str) -> bool {
        has(path, self.main(kind))
    }

    pub fn has_lora(&self, path: &str) -> bool {
        has(path, &self.loras)
    }

    pub fn has_component(&self, role: Role, path: &str) -> bool {
        has(path, if role == Role::Vae { &self.vaes } else { &self.text_encoders })
    }

    pub(super) fn main(&self, kind: ModelKind) -> &[String] {
        match kind {
            ModelKind::Checkpoint => &self.checkpoints,
            ModelKind::DiffusionModel => &self.diffusion_models,
        }
    }

    pub(super) async fn of(server: &Server) -> Result<Self, Failure> {
        let system = System::of(server).await?;
        let lists = LISTS.map(|(node, input)| async move {
            let info: Value = server.get(&["object_info", node]).await?;
            Ok::<_, Failure>(options(&info[node]["input"]["required"][input]))
        });
        let mut lists = try_join_all(lists).await?.into_iter();
        let mut next = || lists.next().unwrap_or_default();
        Ok(Self {
            checkpoints: next(),
            diffusion_models: next(),
            text_encoders: next(),
            vaes: next(),
            loras: next(),
            samplers: next(),
            schedulers: next(),
            system,
        })
    }
}

fn has(path: &str, offered: &[String]) -> bool {
    !matches!(find(path, offered), Err(Unmatched::Missing))
}

/// The choices of an input: the first thing in its list, or under `options` as newer nodes write it. A node that the
/// server lacks offers none.
fn options(input: &Value) -> Vec<String> {
    let listed = if input[0].is_array() { &input[0] } else { &input[1]["options"] };
    listed.as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

#[derive(Deserialize)]
struct Stats {
    system: Software,
    #[serde(default)]
    devices: Vec<Device>,
}

#[derive(Deserialize)]
struct Software {
    #[serde(default)]
    os: String,
    /// Servers before 2025 don't tell.
    #[serde(default)]
    comfyui_version: String,
    /// What it was started with.
    #[serde(default)]
    argv: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Device {
    name: String,
    vram_total: u64,
    vram_free: u64,
}

impl From<Stats> for System {
    fn from(Stats { system, devices }: Stats) -> Self {
        let Device { name, vram_total, vram_free } = devices.into_iter().next().unwrap_or_default();
        let previews = system.argv.iter().any(|argument| argument.starts_with("--preview-method"));
        Self { comfyui: system.comfyui_version, os: system.os, device: name, vram_total, vram_free, previews }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn choices_are_read_as_old_and_as_new_nodes_write_them() {
        assert_eq!(options(&json!([["a", "b"], {"tooltip": "…"}])), ["a", "b"]);
        assert_eq!(options(&json!(["COMBO", {"options": ["a", "b"]}])), ["a", "b"]);
        assert!(options(&Value::Null).is_empty());
    }
}
