//! Models with metadata and files beside them, and what is to be read from all that.

mod beside;
mod embedded;

use std::path::Path;

use serde_json::{Map, Value};

use crate::support::{Row, write_safetensors};
#[allow(unused_imports, reason = "not every test that writes them looks at images")]
pub use beside::{JPEG, PNG, WEBP, beside, write_beside};
pub use embedded::embedded;

/// A model file and what a catalogue should say of it.
pub struct Case {
    /// Within the folder of the fixtures.
    pub path: &'static str,
    pub tensors: Vec<Row<'static>>,
    /// `None`: no metadata at all. Values that are no texts are written as JSON text.
    pub metadata: Option<Value>,
    /// Field and value; a field that is not here is not judged. `metadata` holds settings and notes.
    pub expected: Value,
}

impl Case {
    pub fn write(&self, folder: &Path) {
        let texts = self.texts();
        let pairs: Vec<(&str, &str)> = texts.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
        let path = folder.join(self.path);
        write_safetensors(&path, &self.tensors, self.metadata.is_some().then_some(&pairs[..]), b"");
    }

    /// Key and text, in order.
    pub fn texts(&self) -> Vec<(String, String)> {
        let none = Map::new();
        let given = self.metadata.as_ref().and_then(Value::as_object).unwrap_or(&none);
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        given.iter().map(|(key, value)| (key.clone(), text(value))).collect()
    }

    /// The name without extension.
    pub fn stem(&self) -> &str {
        Path::new(self.path).file_stem().unwrap().to_str().unwrap()
    }
}

const SDXL: &[Row<'static>] = &[
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.alpha", "F16", &[]),
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight", "F16", &[16, 2048]),
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_up.weight", "F16", &[640, 16]),
];

const SD1: &[Row<'static>] = &[
    ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.alpha", "F16", &[]),
    ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight", "F16", &[16, 768]),
    ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight", "F16", &[320, 16]),
];
