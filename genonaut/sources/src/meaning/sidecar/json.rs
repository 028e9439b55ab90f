//! Fields of JSON that nobody vouches for: a wrong type is a missing value.

use serde_json::{Map, Value};

use super::super::{html, text};
use super::Fields;

const MARK: &[u8] = b"\xef\xbb\xbf";

/// An object. serde_json refuses what is nested deeper than 128.
pub fn parse(bytes: &[u8]) -> Result<Fields, &'static str> {
    match serde_json::from_slice(without_mark(bytes)) {
        Ok(Value::Object(fields)) => Ok(clean(fields)),
        Ok(_) => Err("it holds no JSON object"),
        Err(_) => Err("it is not JSON"),
    }
}

/// Without the byte order mark that .NET writes.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}

/// Reads values of one type.
pub trait Read {
    /// A name or the like, trimmed; `None` also for "None" and such.
    fn text(&self, key: &str) -> Option<String>;
    /// A text that may have many lines.
    fn long(&self, key: &str) -> Option<String>;
    /// Plain text from what may be HTML.
    fn page(&self, key: &str) -> Option<String>;
    /// A finite number, also one written as text.
    fn number(&self, key: &str) -> Option<f64>;
    /// A whole number above 0.
    fn count(&self, key: &str) -> Option<u32>;
    /// An id above 0.
    fn id(&self, key: &str) -> Option<u64>;
    fn object(&self, key: &str) -> Option<&Fields>;
    fn list(&self, key: &str) -> &[Value];
    /// The texts of a list.
    fn texts(&self, key: &str) -> Vec<&str>;
}

impl Read for Fields {
    fn text(&self, key: &str) -> Option<String> {
        text::line(self.get(key)?.as_str()?)
    }

    fn long(&self, key: &str) -> Option<String> {
        text::long(self.get(key)?.as_str()?)
    }

    fn page(&self, key: &str) -> Option<String> {
        html::description(self.get(key)?.as_str()?)
    }

    fn number(&self, key: &str) -> Option<f64> {
        let value = self.get(key)?;
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
        number.filter(|number| number.is_finite())
    }

    fn count(&self, key: &str) -> Option<u32> {
        let whole = |number: &f64| number.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(number);
        self.number(key).filter(whole).map(|number| number as u32)
    }

    fn id(&self, key: &str) -> Option<u64> {
        self.get(key)?.as_u64().filter(|id| *id > 0)
    }

    fn object(&self, key: &str) -> Option<&Fields> {
        self.get(key)?.as_object()
    }

    fn list(&self, key: &str) -> &[Value] {
        self.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn texts(&self, key: &str) -> Vec<&str> {
        self.list(key).iter().filter_map(Value::as_str).collect()
    }
}

/// Small values of a file, kept as they were.
pub fn extra(given: &Fields) -> Map<String, Value> {
    let single = given.iter().filter(|(_, value)| !value.is_array() && !value.is_object());
    super::super::extra::small(single.map(|(key, value)| (key.as_str(), value.clone())))
}

/// The database keeps no NUL in a text.
fn clean(fields: Fields) -> Fields {
    fields.into_iter().map(|(key, value)| (key.replace('\0', ""), clean_value(value))).collect()
}

fn clean_value(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => Value::String(text.replace('\0', "")),
        Value::Array(list) => list.into_iter().map(clean_value).collect(),
        Value::Object(fields) => Value::Object(clean(fields)),
        other => other,
    }
}
