//! Fields of JSON that nobody vouches for: a number may be written as a text, a list as one text; any other wrong type is a
//! missing value.

mod parse;

use serde_json::{Map, Value};

use super::super::{html, text};
use super::Fields;
use crate::decode;

/// An object.
///
/// # Errors
/// A clause that says why it is none.
pub fn parse(bytes: &[u8]) -> Result<Fields, String> {
    match parse::parse(&decode::text(bytes))? {
        Value::Object(fields) => Ok(clean(fields)),
        _ => Err("it does not contain a JSON object".to_owned()),
    }
}

/// Reads values of one type.
pub trait Read {
    /// A name or the like, trimmed; `None` also for "None" and such.
    fn text(&self, key: &str) -> Option<String>;
    /// A text that may have many lines; a list has one entry a line.
    fn long(&self, key: &str) -> Option<String>;
    /// Plain text from what may be HTML.
    fn page(&self, key: &str) -> Option<String>;
    /// A finite number, also one written as text.
    fn number(&self, key: &str) -> Option<f64>;
    /// A whole number above 0.
    fn count(&self, key: &str) -> Option<u32>;
    /// An id above 0, also one written as text.
    fn id(&self, key: &str) -> Option<u64>;
    fn truth(&self, key: &str) -> Option<bool>;
    fn object(&self, key: &str) -> Option<&Fields>;
    fn list(&self, key: &str) -> &[Value];
    /// The texts of a list: its entries, or what they are called where they are objects. A single text is one of them.
    fn texts(&self, key: &str) -> Vec<&str>;
}

impl Read for Fields {
    fn text(&self, key: &str) -> Option<String> {
        match self.get(key)? {
            Value::Number(number) => Some(number.to_string()),
            other => text::line(other.as_str()?),
        }
    }

    fn long(&self, key: &str) -> Option<String> {
        text::long(&self.texts(key).join("\n"))
    }

    fn page(&self, key: &str) -> Option<String> {
        html::description(&self.texts(key).join("\n"))
    }

    fn number(&self, key: &str) -> Option<f64> {
        let value = self.get(key)?;
        value.as_f64().or_else(|| text::number(value.as_str()?)).filter(|number| number.is_finite())
    }

    fn count(&self, key: &str) -> Option<u32> {
        let whole = |number: &f64| number.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(number);
        self.number(key).filter(whole).map(|number| number as u32)
    }

    fn id(&self, key: &str) -> Option<u64> {
        let value = self.get(key)?;
        let id = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
        // Every number above is written by nobody; as a float it would be another one.
        id.or_else(|| self.count(key).map(u64::from)).filter(|id| *id > 0)
    }

    fn truth(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Bool(truth) => Some(*truth),
            Value::Number(number) => Some(number.as_f64() != Some(0.0)),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    fn object(&self, key: &str) -> Option<&Fields> {
        self.get(key)?.as_object()
    }

    fn list(&self, key: &str) -> &[Value] {
        self.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn texts(&self, key: &str) -> Vec<&str> {
        let named = |value| ["name", "word", "text"].iter().find_map(|key| Value::get(value, key)?.as_str());
        match self.get(key) {
            Some(Value::String(text)) => vec![text],
            _ => self.list(key).iter().filter_map(|value| value.as_str().or_else(|| named(value))).collect(),
        }
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
