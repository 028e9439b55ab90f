//! Model files for tests: real headers, and holes instead of data.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

/// A file with these tensors of half precision; its name is in its header, so that no two are copies.
pub fn tensors(path: &Path, tensors: &[(&str, &[u64])]) {
    let mut header = json!({"__metadata__": {"note": path.to_str().unwrap()}});
    let mut end = 0;
    for (name, shape) in tensors {
        let begin = end;
        end += shape.iter().product::<u64>() * 2;
        header[*name] = json!({"dtype": "F16", "shape": shape, "data_offsets": [begin, end]});
    }
    let header = header.to_string().into_bytes();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = File::create(path).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(&header).unwrap();
    file.set_len(8 + header.len() as u64 + end).unwrap();
}

/// A LoRA with one module whose input is `width` wide: 768 for SD 1.5, 2048 for SDXL. Its data is a hole, so only
/// what the header says tells one from another.
pub fn lora(path: &Path, width: u64, metadata: &[(&str, &str)]) {
    let module = match width {
        768 => "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k",
        _ => "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k",
    };
    let metadata: Value = metadata.iter().map(|(key, text)| ((*key).to_owned(), json!(text))).collect();
    let down = 4 * width * 2;
    let header = json!({
        "__metadata__": metadata,
        format!("{module}.lora_down.weight"): {"dtype": "F16", "shape": [4, width], "data_offsets": [0, down]},
        format!("{module}.lora_up.weight"): {"dtype": "F16", "shape": [640, 4], "data_offsets": [down, down + 5120]},
    });
    let header = header.to_string().into_bytes();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = File::create(path).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(&header).unwrap();
    file.set_len(8 + header.len() as u64 + down + 5120).unwrap();
}
