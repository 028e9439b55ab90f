//! What PostgreSQL and the catalogue's own rules take: no NUL, nothing empty, nothing without end.

use serde_json::{Map, Value};

use crate::meaning::text::{LONGEST_LINE, at_most, first_characters};

/// Entries of a list.
const MOST_WORDS: usize = 1000;
/// Bytes of a model's metadata as JSON.
const MOST_METADATA: usize = 96 << 10;
/// Quotes, colon and comma.
const AROUND: usize = 4;

/// A name or the like.
pub fn line(given: &str) -> Option<String> {
    text(first_characters(&text(given)?, LONGEST_LINE))
}

pub fn text(given: &str) -> Option<String> {
    let text = given.replace('\0', "").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// The entries of a list that the catalogue takes: `word-cut:<field>`, `word-too-long:<field>` and
/// `too-many-words:<field>` warn of others. A sentence to write in the prompt is cut, a longer name would be another one.
pub fn words<'a>(field: &str, given: impl IntoIterator<Item = &'a str>, warnings: &mut Vec<String>) -> Vec<String> {
    let all: Vec<String> = given.into_iter().filter_map(text).collect();
    let fits = |word: &&String| word.chars().count() <= LONGEST_LINE;
    let mut words: Vec<String> = match field {
        "trigger_words" => all.iter().filter_map(|word| text(sentence(word))).collect(),
        _ => all.iter().filter(fits).cloned().collect(),
    };
    if !all.iter().all(|word| fits(&word)) {
        let what = if field == "trigger_words" { "word-cut" } else { "word-too-long" };
        warnings.push(format!("{what}:{field}"));
    }
    if words.len() > MOST_WORDS {
        warnings.push(format!("too-many-words:{field}"));
    }
    words.truncate(MOST_WORDS);
    words
}

/// As many whole words of a sentence as fit.
fn sentence(given: &str) -> &str {
    let cut = first_characters(given, LONGEST_LINE);
    if cut.len() == given.len() { given } else { cut.rsplit_once(char::is_whitespace).map_or(cut, |(whole, _)| whole) }
}

/// Metadata from its parts, as many as fit, the first ones first: `cut:<key>` warns of what does not.
pub fn pack(parts: Vec<(&'static str, Value)>, warnings: &mut Vec<String>) -> Map<String, Value> {
    let mut left = MOST_METADATA;
    let mut packed = Map::new();
    for (key, value) in parts {
        let Some(value) = clean(value) else { continue };
        let room = left.saturating_sub(key.len() + AROUND);
        if bytes(&value) > room {
            warnings.push(format!("cut:{key}"));
        }
        if let Some(value) = cut(value, room) {
            left = room.saturating_sub(bytes(&value));
            packed.insert(key.to_owned(), value);
        }
    }
    packed
}

/// Without NUL, null, and what is empty.
pub fn clean(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(given) => text(&given).map(Value::from),
        Value::Array(list) => {
            let list: Vec<Value> = list.into_iter().filter_map(clean).collect();
            (!list.is_empty()).then(|| list.into())
        }
        Value::Object(fields) => {
            let pairs = fields.into_iter().filter_map(|(key, value)| Some((text(&key)?, clean(value)?)));
            let fields: Map<String, Value> = pairs.collect();
            (!fields.is_empty()).then(|| fields.into())
        }
        other => Some(other),
    }
}

/// As much of a value as `room` bytes of JSON hold. Only a text of its own is cut in the middle: half a hash would be
/// another one.
fn cut(value: Value, room: usize) -> Option<Value> {
    match value {
        value if bytes(&value) <= room => Some(value),
        Value::String(given) => text(shortened(&given, room)).map(Value::from),
        list_or_fields => thinned(list_or_fields, room),
    }
}

fn thinned(value: Value, room: usize) -> Option<Value> {
    let mut left = room.saturating_sub(2);
    let mut take = |around: usize, value: Value, in_part: bool| {
        let room = left.checked_sub(around)?;
        let value = Some(value).filter(|value| in_part || bytes(value) <= room)?;
        let value = if bytes(&value) <= room { value } else { thinned(value, room)? };
        left = room.saturating_sub(bytes(&value));
        Some(value)
    };
    clean(match value {
        Value::Array(list) => list.into_iter().filter_map(|value| take(1, value, false)).collect(),
        Value::Object(fields) => {
            let cost = |key: &str| bytes(&key.into()) + 2;
            let kept = fields.into_iter().filter_map(|(key, value)| Some((take(cost(&key), value, true)?, key)));
            kept.map(|(value, key)| (key, value)).collect::<Map<_, _>>().into()
        }
        _ => Value::Null,
    })
}

/// Characters that JSON escapes take up to six bytes each.
fn shortened(text: &str, room: usize) -> &str {
    let mut end = room;
    while bytes(&at_most(text, end).into()) > room && end > 0 {
        end /= 2;
    }
    at_most(text, end)
}

fn bytes(value: &Value) -> usize {
    value.to_string().len()
}
