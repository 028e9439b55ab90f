//! A folder of small model files: real headers, and holes instead of data.

use std::io::Write;
use std::path::Path;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

pub struct Disk(TempDir);

const SD1: &str = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k";
const SDXL: &str = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k";

impl Disk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    /// A LoRA for SD 1.5, or for SDXL. Its name is in its header, so that no two are copies.
    pub fn lora(&self, name: &str, sdxl: bool) {
        let (module, width) = if sdxl { (SDXL, 2048) } else { (SD1, 768) };
        let (down, up) = (format!("{module}.lora_down.weight"), format!("{module}.lora_up.weight"));
        self.safetensors(name, &[(&down, &[4, width]), (&up, &[640, 4])], json!({"note": name}));
    }

    pub fn safetensors(&self, name: &str, tensors: &[(&str, &[u64])], metadata: Value) {
        let mut header = Map::from_iter([("__metadata__".to_owned(), metadata)]);
        let mut end = 0;
        for (tensor, shape) in tensors {
            let begin = end;
            end += shape.iter().product::<u64>() * 2;
            let place = json!({"dtype": "F16", "shape": shape, "data_offsets": [begin, end]});
            header.insert((*tensor).to_owned(), place);
        }
        let header = Value::Object(header).to_string();
        let length = header.len() as u64;
        self.write(name, &[&length.to_le_bytes(), header.as_bytes()].concat());
        std::fs::File::options().write(true).open(self.at(name)).unwrap().set_len(8 + length + end).unwrap();
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        std::fs::File::create(self.at(name)).unwrap().write_all(bytes).unwrap();
    }

    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.at(name)).unwrap();
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.path()).join(name)
    }
}
