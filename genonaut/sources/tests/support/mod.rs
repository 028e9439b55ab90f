//! Model files for tests: real headers, and holes instead of data.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde_json::{Map, Value, json};

/// So many cases of a property, ten times as many in `make test-long`.
#[allow(dead_code, reason = "not every program of tests has a property that sets its own number")]
pub fn cases(cases: u32) -> u32 {
    if std::env::var_os("GENONAUT_LONG").is_some() { 10 * cases } else { cases }
}

/// Name, dtype, shape.
pub type Row<'a> = (&'a str, &'a str, &'a [u64]);

/// Writes a `.safetensors` file whose data is a hole, unless `data` is given. Returns its size in bytes.
pub fn write_safetensors(path: &Path, tensors: &[Row], metadata: Option<&[(&str, &str)]>, data: &[u8]) -> u64 {
    let mut header = Map::new();
    if let Some(metadata) = metadata {
        let texts = metadata.iter().map(|(key, text)| ((*key).to_owned(), Value::from(*text)));
        header.insert("__metadata__".to_owned(), Value::Object(texts.collect()));
    }
    let mut end = 0;
    for (name, dtype, shape) in tensors {
        let begin = end;
        end += bytes(dtype, shape);
        header.insert((*name).to_owned(), json!({"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}));
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    write(path, &header, data, Some(end))
}

/// Writes length, header and data; the file is extended to `data_length` bytes of data by a hole.
pub fn write(path: &Path, header: &[u8], data: &[u8], data_length: Option<u64>) -> u64 {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = File::create(path).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header).unwrap();
    file.write_all(data).unwrap();
    let size = 8 + header.len() as u64 + data_length.unwrap_or(data.len() as u64);
    file.set_len(size).unwrap();
    size
}

fn bytes(dtype: &str, shape: &[u64]) -> u64 {
    let bits = match dtype {
        "F4" => 4,
        "BOOL" | "U8" | "I8" => 8,
        "F32" | "I32" | "U32" => 32,
        "F64" | "I64" | "U64" => 64,
        _ => 16,
    };
    (shape.iter().product::<u64>() * bits).div_ceil(8)
}
