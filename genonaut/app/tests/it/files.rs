//! Model files for tests: real headers, and next to nothing but holes instead of data.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::os::unix::fs::FileExt;
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
    write(path, &header.to_string(), end);
}

/// The middle of the data holds a trace of the header, so that files with other headers are other models.
fn write(path: &Path, header: &str, data: u64) {
    let mut trace = DefaultHasher::new();
    header.hash(&mut trace);
    write_data(path, header, data, trace.finish());
}

/// A safetensors file of which 8 bytes of the data are given and the others are holes.
pub fn write_data(path: &Path, header: &str, data: u64, given: u64) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = File::create(path).unwrap();
    let start = 8 + header.len() as u64;
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.set_len(start + data).unwrap();
    let bytes = &given.to_le_bytes()[..data.min(8) as usize];
    file.write_all_at(bytes, start + (data / 2).min(data - bytes.len() as u64)).unwrap();
}

/// A LoRA with one module whose input is `width` wide: 768 for SD 1.5, 2048 for SDXL. Others have other metadata.
pub fn lora(path: &Path, width: u64, metadata: &[(&str, &str)]) {
    let (header, data) = lora_header(width, metadata);
    write(path, &header, data);
}

/// A LoRA whose tensors are those of every other with this number, whatever its metadata.
pub fn lora_of(path: &Path, tensors: u64, metadata: &[(&str, &str)]) {
    let (header, data) = lora_header(2048, metadata);
    write_data(path, &header, data, tensors);
}

/// And how many bytes of data follow it.
fn lora_header(width: u64, metadata: &[(&str, &str)]) -> (String, u64) {
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
    (header.to_string(), down + 5120)
}
