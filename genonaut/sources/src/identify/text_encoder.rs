//! Which text encoder a file is. Language models are text encoders too: never checkpoints.

use super::names::Names;
use crate::header::Metadata;

pub fn subtype(names: &Names, metadata: &Metadata) -> Option<&'static str> {
    clip(names).or_else(|| t5(names)).or_else(|| language_model(names)).or_else(|| gguf(metadata))
}

/// Newer transformers leave the first prefix out.
const CLIP: [&str; 3] = ["text_model.", "", "transformer.text_model."];

fn clip(names: &Names) -> Option<&'static str> {
    let has = |layer| CLIP.iter().any(|prefix| names.has(&format!("{prefix}encoder.layers.{layer}.mlp.fc1.weight")));
    Some(match () {
        () if has("30") => "clip_g",
        () if has("22") => "clip_h",
        () if has("0") => "clip_l",
        () if names.any(|name| name.contains("text_model.encoder.layers.")) => "clip_l",
        () => return None,
    })
}

/// Words of the vocabulary that UMT5, the T5 of many languages, has.
const MANY_LANGUAGES: u64 = 256_384;

fn t5(names: &Names) -> Option<&'static str> {
    let width = names.shape("encoder.block.23.layer.1.DenseReluDense.wi_1.weight").and_then(|shape| shape.get(1));
    let words = names.shape("shared.weight").and_then(|shape| shape.first());
    match width {
        _ if names.has("encoder.block.23.layer.1.DenseReluDense.wi.weight") => Some("t5xxl-old"),
        Some(4096) if words == Some(&MANY_LANGUAGES) => Some("umt5-xxl"),
        Some(4096) => Some("t5xxl"),
        Some(2048) => Some("t5xl"),
        _ => names.any(|name| name.starts_with("encoder.block.0.")).then_some("t5"),
    }
}

fn language_model(names: &Names) -> Option<&'static str> {
    let prefix = ["model.", "model.language_model.", "language_model.model.", ""];
    let prefix = prefix.iter().find(|prefix| names.any(|name| name.starts_with(&format!("{prefix}layers.0."))))?;
    let shape = |key: &str| names.shape(&[prefix, key].concat());
    let has = |key: &str| names.has(&[prefix, key].concat());
    let bias = shape("layers.0.self_attn.k_proj.bias").and_then(|shape| shape.first());
    let width = shape("embed_tokens.weight").and_then(|shape| shape.get(1));
    Some(match (bias, width) {
        _ if has("layers.0.post_feedforward_layernorm.weight") => "gemma",
        (Some(256), _) => "qwen2.5-vl-3b",
        (Some(512), _) => "qwen2.5-vl-7b",
        (None, Some(1024)) if has("layers.0.self_attn.q_norm.weight") => "qwen3-0.6b",
        (None, Some(2560)) if has("layers.0.self_attn.q_norm.weight") => "qwen3-4b",
        (None, Some(4096)) if has("layers.0.self_attn.q_norm.weight") => "qwen3-8b",
        (None, Some(5120)) if has("layers.39.post_attention_layernorm.weight") => "mistral-small-3.1",
        _ => "llama",
    })
}

fn gguf(metadata: &Metadata) -> Option<&'static str> {
    Some(match metadata.get("general.architecture")? {
        "t5" | "t5encoder" => "t5",
        "qwen2vl" => "qwen2.5-vl",
        "qwen3" | "qwen3vl" => "qwen3",
        "gemma2" | "gemma3" => "gemma",
        "llama" => "llama",
        _ => return None,
    })
}
