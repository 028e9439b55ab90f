//! One cell as text that PostgreSQL reads as the column's type, or why it cannot be.

use super::{Column, Kind, LARGEST_CELL, array, guard};
use crate::setting_limits;

/// Why a cell cannot be what its column holds.
pub(super) struct Bad {
    pub value: String,
    pub reason: String,
    pub hint: Option<String>,
}

/// `None` for an empty cell. `decimals` is what stands before the decimals of a number.
pub(super) fn read(column: &Column, bytes: &[u8], decimals: char) -> Result<Option<String>, Bad> {
    let text = guard::read(text(bytes)?);
    if text.trim().is_empty() {
        return match column.required {
            true => Err(bad(text, "must not be empty", None)),
            false => Ok(None),
        };
    }
    convert(column.kind, text, decimals).map(Some)
}

fn convert(kind: Kind, text: &str, decimals: char) -> Result<String, Bad> {
    match kind {
        Kind::Text | Kind::Other => Ok(text.to_owned()),
        Kind::TextArray => array::read(text).map_err(|reason| bad(text, &reason, Some(ARRAYS))),
        Kind::JsonObject => object(text),
        Kind::Float => float(text.trim(), decimals),
        Kind::Integer { min, max } => integer(text.trim(), min, max),
        Kind::Boolean => boolean(text.trim()),
        Kind::Uuid => uuid(text.trim()),
    }
}

const ARRAYS: &str = "write a, b or [\"a\", \"b\"] or {a,b}";

fn bad(value: &str, reason: &str, hint: Option<&str>) -> Bad {
    Bad { value: value.to_owned(), reason: reason.to_owned(), hint: hint.map(str::to_owned) }
}

fn text(bytes: &[u8]) -> Result<&str, Bad> {
    if bytes.len() > LARGEST_CELL {
        let start = String::from_utf8_lossy(&bytes[..100]);
        return Err(bad(&start, "is larger than 16 MiB", None));
    }
    let text = std::str::from_utf8(bytes);
    let text =
        text.map_err(|_| bad(&String::from_utf8_lossy(bytes), "is not UTF-8", Some("save the file as UTF-8")))?;
    match text.contains('\0') {
        true => Err(bad(text, "contains a NUL character", Some("remove it"))),
        false => Ok(text),
    }
}

/// The text as it is, as parsing and writing it again would change numbers; but for a setting that goes by another name
/// than its own.
fn object(text: &str) -> Result<String, Bad> {
    let parsed: Result<serde_json::Value, _> = serde_json::from_str(text);
    match parsed {
        Ok(value) if has_nul(&value) => Err(bad(text, "contains a NUL character", Some("remove it"))),
        Ok(serde_json::Value::Object(fields)) => {
            let mut canonical = fields.clone();
            setting_limits::canonical_metadata(&mut canonical);
            let same = canonical == fields;
            Ok(if same { text.to_owned() } else { serde_json::Value::Object(canonical).to_string() })
        }
        Ok(_) => Err(bad(text, "is not a JSON object", Some("write {\"key\": \"value\"}"))),
        Err(error) => Err(bad(text, &format!("is not valid JSON: {error}"), None)),
    }
}

fn has_nul(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn float(text: &str, decimals: char) -> Result<String, Bad> {
    let number = text.replace(decimals, ".");
    match number.parse::<f64>() {
        Ok(0.0) if has_digits(text) => Err(bad(text, "is too close to 0", Some("write 0"))),
        Ok(finite) if finite.is_finite() => Ok(number),
        Ok(_) => Err(bad(text, "is not a finite number", None)),
        Err(_) if text.replace(',', ".").parse::<f64>().is_ok() => {
            Err(bad(text, "is not a number", Some("use a decimal point")))
        }
        Err(_) => Err(bad(text, "is not a number", None)),
    }
}

/// Whether a number's digits say that it is not 0.
fn has_digits(number: &str) -> bool {
    number.chars().take_while(|c| !c.eq_ignore_ascii_case(&'e')).any(|c| ('1'..='9').contains(&c))
}

fn integer(text: &str, min: i128, max: i128) -> Result<String, Bad> {
    match text.parse::<i128>() {
        Ok(number) if (min..=max).contains(&number) => Ok(text.to_owned()),
        Ok(_) => Err(bad(text, &format!("is not between {min} and {max}"), None)),
        Err(_) => Err(bad(text, "is not a whole number", None)),
    }
}

fn boolean(text: &str) -> Result<String, Bad> {
    let known = ["true", "false", "t", "f", "yes", "no", "1", "0"];
    match known.iter().any(|known| text.eq_ignore_ascii_case(known)) {
        true => Ok(text.to_owned()),
        false => Err(bad(text, "is not true or false", None)),
    }
}

fn uuid(text: &str) -> Result<String, Bad> {
    const PARTS: [usize; 5] = [8, 4, 4, 4, 12];
    let parts: Vec<_> = text.split('-').map(str::len).collect();
    let hex = text.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    match hex && (parts == PARTS || parts == [32]) {
        true => Ok(text.to_owned()),
        false => Err(bad(text, "is not a UUID", Some("write 8-4-4-4-12 hexadecimal digits"))),
    }
}
