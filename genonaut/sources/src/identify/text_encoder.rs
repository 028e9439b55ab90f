//! Which text encoder a file is, by the name that architectures need it by. Language models are text encoders too: never
//! checkpoints.

use super::File;
use super::names::Names;

/// One that architectures name, or only of which kind it is: `t5`, `gemma`, `llama`.
pub fn subtype(file: &File) -> Option<&'static str> {
    clip(file.names).or_else(|| t5(file.names)).or_else(|| language_model(file))
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

/// A way to write T5: how its layers' names begin, its words, and the first half of a layer, which older ones do not have
/// twice.
struct Layout {
    layers: &'static str,
    words: &'static str,
    gate: &'static str,
    ungated: &'static str,
}

/// transformers, llama.cpp, and Wan's own.
const T5: [Layout; 3] = [
    Layout {
        layers: "encoder.block.",
        words: "shared.weight",
        gate: ".DenseReluDense.wi_1.weight",
        ungated: ".DenseReluDense.wi.weight",
    },
    Layout { layers: "enc.blk.", words: "token_embd.weight", gate: ".ffn_gate.weight", ungated: ".ffn_up.weight" },
    Layout {
        layers: "blocks.0.pos_embedding.",
        words: "token_embedding.weight",
        gate: ".ffn.gate.0.weight",
        ungated: ".ffn.fc1.weight",
    },
];

/// Words of the vocabularies of T5s of many languages.
const UMT5: u64 = 256_384;
const MT5: u64 = 250_112;

fn t5(names: &Names) -> Option<&'static str> {
    let layout = T5.iter().find(|layout| names.any(|name| name.starts_with(layout.layers)))?;
    let words = names.shape(layout.words);
    let gate = names.shape_of_ending(layout.gate);
    let halves = gate.or_else(|| names.shape_of_ending(layout.ungated));
    let width = halves.or(words).and_then(|shape| shape.get(1)).copied();
    Some(match (width, words.and_then(|shape| shape.first()).copied()) {
        (Some(4096), Some(UMT5)) => "umt5-xxl",
        (Some(4096), _) if gate.is_some() => "t5xxl",
        // T5 11B; T5 Large is as narrow.
        (Some(1024), _) if halves.is_some_and(|shape| shape[0] == 65_536) => "t5xxl-old",
        (Some(2048), Some(MT5)) => "mt5xl",
        (Some(2048), _) => "pile_t5xl",
        (Some(1472), _) => "byt5",
        _ => "t5",
    })
}

/// What of a language model tells which it is.
struct Language {
    width: Option<u64>,
    words: Option<u64>,
    key_bias: Option<u64>,
    has_query_norm: bool,
    is_gemma: bool,
    sees: bool,
}

fn language_model(file: &File) -> Option<&'static str> {
    if file.names.any(|name| name.contains("encoder.layers.0.self_attention.")) {
        return Some("chatglm3-6b");
    }
    let language = transformers(file.names).or_else(|| llama_cpp(file))?;
    Some(language.subtype(file))
}

const PREFIXES: [&str; 7] =
    ["model.", "model.language_model.", "language_model.model.", "language_model.", "llm.model.", "llm.", ""];

fn transformers(names: &Names) -> Option<Language> {
    let begins = |prefix: &&&str| {
        names.any(|name| name.strip_prefix(**prefix).is_some_and(|rest| rest.starts_with("layers.0.")))
    };
    let prefix = PREFIXES.iter().find(begins)?;
    let axis = |key: &str, axis: usize| names.shape(&[prefix, key].concat())?.get(axis).copied();
    let has = |key: &str| names.has(&[prefix, key].concat());
    Some(Language {
        // Norms keep their shape when a file is packed.
        width: axis("layers.0.input_layernorm.weight", 0).or_else(|| axis("embed_tokens.weight", 1)),
        words: axis("embed_tokens.weight", 0),
        key_bias: axis("layers.0.self_attn.k_proj.bias", 0),
        has_query_norm: has("layers.0.self_attn.q_norm.weight"),
        is_gemma: has("layers.0.post_feedforward_layernorm.weight"),
        sees: names.any(|name| name.contains("visual.") || name.contains("vision_tower.")),
    })
}

fn llama_cpp(file: &File) -> Option<Language> {
    let names = file.names;
    names.any(|name| name.starts_with("blk.0.")).then_some(())?;
    let axis = |key: &str, axis: usize| names.shape(key)?.get(axis).copied();
    let key = file.header.metadata.get("general.architecture").unwrap_or_default();
    Some(Language {
        width: axis("blk.0.attn_norm.weight", 0).or_else(|| axis("token_embd.weight", 1)),
        words: axis("token_embd.weight", 0),
        key_bias: axis("blk.0.attn_k.bias", 0),
        has_query_norm: names.has("blk.0.attn_q_norm.weight"),
        is_gemma: names.has("blk.0.post_ffw_norm.weight") || key.starts_with("gemma"),
        sees: key.ends_with("vl"),
    })
}

/// Mistral's vocabulary.
const TEKKEN: u64 = 131_072;

impl Language {
    fn subtype(&self, file: &File) -> &'static str {
        match (self.width, self.key_bias) {
            _ if self.is_gemma => self.gemma(),
            _ if self.has_query_norm => self.qwen3(),
            (Some(2048), Some(256)) | (None, Some(256)) => "qwen2.5-vl-3b",
            (Some(3584) | None, Some(512)) => "qwen2.5-vl-7b",
            (Some(2880), _) => "gpt-oss-20b",
            _ => self.llama(file),
        }
    }

    fn gemma(&self) -> &'static str {
        match self.width {
            Some(2304) => "gemma-2-2b",
            Some(2560) => "gemma-3-4b",
            Some(3840) => "gemma-3-12b",
            _ => "gemma",
        }
    }

    fn qwen3(&self) -> &'static str {
        match (self.width, self.sees) {
            (Some(1024), _) => "qwen3-0.6b",
            (Some(2048), _) => "ovis2.5",
            (Some(2560), false) => "qwen3-4b",
            (Some(2560), true) => "qwen3-vl-4b",
            (Some(4096), false) => "qwen3-8b",
            (Some(4096), true) => "qwen3-vl-8b",
            (Some(5120), true) => "qwen3-vl-32b",
            _ => "qwen3",
        }
    }

    fn llama(&self, file: &File) -> &'static str {
        match (self.width, self.words) {
            (Some(5120), Some(TEKKEN)) => "mistral-small-3.1",
            (Some(3072), Some(TEKKEN)) => "ministral-3-3b",
            (Some(4096), Some(128_320)) => "llava-llama-3-8b",
            // Some write LLaVA without the words that it has more.
            (Some(4096), Some(128_256)) if file.stem.to_lowercase().contains("llava") => "llava-llama-3-8b",
            (Some(4096), Some(128_256)) => "llama3.1-8b",
            (Some(4096), Some(151_552)) => "glm-4-9b",
            _ => "llama",
        }
    }
}
