//! Checks the fields of a JSON object before they reach the database.

use genonaut_sources::setting_limits::{self, RATING, RECOMMENDED_WEIGHT};
use serde_json::{Map, Value};

use super::error::{FieldProblem, WriteError};

/// A field that may be written, and what it holds.
pub(crate) struct Field(pub &'static str, pub Kind);

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Text that must be there.
    Path,
    Text,
    /// A list of texts.
    Words,
    /// A number from 0 to 1.
    Rating,
    Object,
}

/// Set by the database alone.
const READ_ONLY: [&str; 9] =
    ["id", "last_created", "last_updated", "base", "bases", "missing_since", "preview", "example", "deleted_at"];

/// A new row: like a change, and the path must be there.
pub(crate) fn new(known: &[Field], fields: &Map<String, Value>) -> Result<(), WriteError> {
    let missing = (!fields.contains_key("path")).then(|| FieldProblem::new("path", "required", "is missing"));
    result(missing.into_iter().chain(problems(known, fields)).collect())
}

pub(crate) fn change(known: &[Field], fields: &Map<String, Value>) -> Result<(), WriteError> {
    result(problems(known, fields).collect())
}

/// No setting of the defaults under two names at once: one value would be dropped without a word.
pub(crate) fn named_once(metadata: &Map<String, Value>) -> Result<(), WriteError> {
    let Some(defaults) = metadata.get("defaults").and_then(Value::as_object) else { return Ok(()) };
    let other = |name: &&String| {
        setting_limits::named(name).is_some_and(|limit| limit.key != *name && defaults.contains_key(limit.key))
    };
    let problem = |name: &String| {
        let key = setting_limits::named(name).map_or(name.as_str(), |limit| limit.key);
        let reason = format!("is an alias of {key}");
        FieldProblem::new(&format!("metadata.defaults.{name}"), "contradiction", reason).hint("use only one of them")
    };
    result(defaults.keys().filter(other).map(problem).collect())
}

fn result(problems: Vec<FieldProblem>) -> Result<(), WriteError> {
    if problems.is_empty() { Ok(()) } else { Err(WriteError::Invalid(problems)) }
}

fn problems(known: &[Field], fields: &Map<String, Value>) -> impl Iterator<Item = FieldProblem> {
    fields.iter().flat_map(|(name, value)| match known.iter().find(|field| field.0 == name) {
        Some(field) => problem(field, value).into_iter().chain(settings(field, value)).collect(),
        None => vec![stranger(known, name)],
    })
}

/// Settings inside of the metadata that no recipe takes.
fn settings(Field(name, _): &Field, value: &Value) -> Vec<FieldProblem> {
    let Some(metadata) = value.as_object().filter(|_| *name == "metadata") else { return Vec::new() };
    let shape = metadata.get("defaults").filter(|defaults| !defaults.is_object() && !defaults.is_null());
    let shape = shape.map(|_| FieldProblem::new("metadata.defaults", "wrong_type", "must be an object or null"));
    let found = setting_limits::misfits(metadata)
        .into_iter()
        .map(|misfit| FieldProblem::new(&format!("metadata.{}", misfit.path), "out_of_range", misfit.refused.reason));
    // Files write numbers as texts; a program that does has mistaken the type.
    let defaults = metadata.get("defaults").and_then(Value::as_object).into_iter().flatten();
    let defaults =
        defaults.filter_map(|(key, value)| Some((format!("defaults.{key}"), setting_limits::named(key)?, value)));
    let weight = metadata.get(RECOMMENDED_WEIGHT.key);
    let weight = weight.map(|value| (RECOMMENDED_WEIGHT.key.to_owned(), &RECOMMENDED_WEIGHT, value));
    let texts = defaults.chain(weight).filter_map(|(path, limit, value)| {
        let is_text = limit.range().is_some() && value.is_string() && limit.check(value).is_ok();
        is_text.then(|| FieldProblem::new(&format!("metadata.{path}"), "wrong_type", limit.rule()))
    });
    shape.into_iter().chain(found).chain(texts).collect()
}

fn stranger(known: &[Field], name: &str) -> FieldProblem {
    if READ_ONLY.contains(&name) {
        return FieldProblem::new(name, "read_only", "is set by the database").hint("leave it out");
    }
    let names: Vec<_> = known.iter().map(|field| field.0).collect();
    FieldProblem::new(name, "unknown_field", "is not a field of this model")
        .hint(format!("use one of {}", names.join(", ")))
}

fn problem(Field(name, kind): &Field, value: &Value) -> Option<FieldProblem> {
    if has_nul(value) {
        return Some(FieldProblem::new(name, "bad_text", "contains a NUL character").hint("remove it"));
    }
    let wrong = |expected: &str| Some(FieldProblem::new(name, "wrong_type", format!("must be {expected}")));
    match (kind, value) {
        (Kind::Path, Value::Null) => Some(FieldProblem::new(name, "required", "cannot be empty")),
        (Kind::Path, Value::String(text)) if text.trim().is_empty() => {
            Some(FieldProblem::new(name, "required", "cannot be blank"))
        }
        (Kind::Path, Value::String(text)) if text.chars().count() > 1000 => {
            Some(FieldProblem::new(name, "out_of_range", "must be at most 1000 characters long"))
        }
        (Kind::Path | Kind::Text, Value::String(_)) | (Kind::Object, Value::Object(_)) | (_, Value::Null) => None,
        (Kind::Path, _) => wrong("text"),
        (Kind::Text, _) => wrong("a string or null"),
        (Kind::Words, Value::Array(words)) if words.iter().all(Value::is_string) => None,
        (Kind::Words, _) => wrong("a list of strings or null"),
        (Kind::Rating, Value::Number(number)) => out_of_range(name, number.as_f64()),
        (Kind::Rating, _) => wrong("a number or null"),
        (Kind::Object, _) => wrong("an object or null"),
    }
}

fn out_of_range(name: &str, rating: Option<f64>) -> Option<FieldProblem> {
    let range = RATING.range().filter(|range| rating.is_some_and(|rating| range.contains(rating)));
    range.is_none().then(|| FieldProblem::new(name, "out_of_range", RATING.rule()))
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}
