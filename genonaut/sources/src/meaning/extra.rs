//! Small values kept as they were, for whoever looks closer: never pictures, tables, or paths on other machines.

use serde_json::{Map, Value};

/// Bytes of one value.
const LARGEST: usize = 2 << 10;
/// Bytes of all, keys included.
const TOGETHER: usize = 64 << 10;

/// What has a field of its own (texts, words), is a table of tags, or a picture as text.
const LEFT_OUT: [&str; 15] = [
    "description",
    "modelDescription",
    "ModelDescription",
    "VersionDescription",
    "modelspec.description",
    "modelspec.thumbnail",
    "modelspec.preview_image",
    "ssmd_description",
    "ssmd_cover_images",
    "ss_tag_frequency",
    "ss_dataset_dirs",
    "ss_reg_dataset_dirs",
    "ss_datasets",
    "ss_bucket_info",
    "file_path",
];

/// The texts, numbers and truths among `pairs`, as many as fit.
pub fn small<'a>(pairs: impl IntoIterator<Item = (&'a str, Value)>) -> Map<String, Value> {
    let mut left = TOGETHER;
    let kept = pairs.into_iter().filter_map(|(key, value)| {
        let bytes = bytes(&value).filter(|bytes| *bytes <= LARGEST && !is_left_out(key))? + key.len();
        left = left.checked_sub(bytes)?;
        Some((key.replace('\0', ""), value))
    });
    kept.collect()
}

/// Bytes of a value that is neither list nor object, nor a path or a picture.
fn bytes(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) if is_elsewhere(text) => None,
        Value::String(text) => Some(text.len()),
        Value::Number(_) | Value::Bool(_) => Some(8),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn is_left_out(key: &str) -> bool {
    LEFT_OUT.contains(&key) || key.ends_with("_preview_image") || key.ends_with("preview_url")
}

/// An absolute path in any system's form, or data in an address.
fn is_elsewhere(text: &str) -> bool {
    let drive = matches!(text.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    drive || text.starts_with(['/', '\\']) || text.starts_with("data:") || text.starts_with("file:")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn small_values_are_kept_and_no_paths() {
        let kept = small([
            ("a", json!("text")),
            ("n", json!(1)),
            ("long", json!("x".repeat(2049))),
            ("unix", json!("/home/me/x")),
            ("windows", json!("C:\\x")),
            ("picture", json!("data:image/png;base64,AA")),
            ("list", json!([1])),
            ("ss_tag_frequency", json!("{}")),
        ]);
        assert_eq!(Value::Object(kept), json!({"a": "text", "n": 1}));
        let names: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let all = small(names.iter().map(|name| (name.as_str(), json!("x".repeat(2000)))));
        assert_eq!(all.len(), 32);
    }
}
