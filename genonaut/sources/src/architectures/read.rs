//! Reads the table, and says of a mistake which entry and which of its fields it is in.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// The table of architectures is not what it should be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadTable {
    /// With line and column.
    #[error("it is not valid JSON: {0}")]
    Json(String),
    #[error("{entry}: {reason}")]
    Entry {
        /// The entry by its name, and the field of it: `architecture "sdxl", aliases[3]`.
        entry: String,
        reason: String,
    },
}

/// The parts of the table that `T` names.
///
/// # Errors
/// What is missing, or of another type than it must be.
pub fn read<T: DeserializeOwned>(table: &str) -> Result<T, BadTable> {
    let mut json = serde_json::Deserializer::from_str(table);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let whole: Result<Value, _> = serde_json::from_str(table);
        match whole {
            Ok(whole) => BadTable::Entry { entry: entry(error.path(), &whole), reason: reason(error.inner()) },
            Err(broken) => BadTable::Json(broken.to_string()),
        }
    })
}

impl BadTable {
    pub(super) fn at(entry: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Entry { entry: entry.into(), reason: reason.into() }
    }
}

/// Entries of these lists are called by their ids.
const NAMED: [(&str, &str); 2] = [("architectures", "architecture"), ("families", "family")];

fn entry(path: &Path, whole: &Value) -> String {
    let segments: Vec<&Segment> = path.iter().collect();
    if let [Segment::Map { key }, Segment::Seq { index }, rest @ ..] = segments.as_slice()
        && let Some((_, one)) = NAMED.iter().find(|(list, _)| list == key)
        && let Some(id) = whole[key.as_str()][*index]["id"].as_str()
    {
        return [format!("{one} {id:?}"), field(rest)]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ");
    }
    match segments.as_slice() {
        [] => "the table".to_owned(),
        all => field(all),
    }
}

fn field(segments: &[&Segment]) -> String {
    let mut field = String::new();
    for segment in segments {
        match segment {
            Segment::Seq { index } => field += &format!("[{index}]"),
            Segment::Map { key } if field.is_empty() => field += key,
            Segment::Map { key } if key.contains(['.', ' ']) => field += &format!("[{key:?}]"),
            Segment::Map { key } => field += &format!(".{key}"),
            _ => {}
        }
    }
    field
}

/// Without a place in the text, which counts from where its part begins.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}
