//! From what a form sends to the fields that a person changes.

use genonaut_db::write::FieldProblem;
use serde_json::{Map, Number, Value, json};

use super::Kind;
use super::record::Record;

/// A setting of a checkpoint that a recipe starts from, and what it may hold.
pub struct Setting {
    pub name: &'static str,
    pub label: &'static str,
    pub limits: Limits,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Limits {
    Whole(i64, i64),
    Between(f64, f64),
    Text,
}

const fn setting(name: &'static str, label: &'static str, limits: Limits) -> Setting {
    Setting { name, label, limits }
}

pub const WEIGHT: Setting = setting("recommended_weight", "Recommended weight", Limits::Between(-4.0, 4.0));
pub const DEFAULTS: [Setting; 7] = [
    setting("width", "Width", Limits::Whole(64, 8192)),
    setting("height", "Height", Limits::Whole(64, 8192)),
    setting("steps", "Steps", Limits::Whole(1, 1000)),
    setting("cfg", "CFG", Limits::Between(0.0, 100.0)),
    setting("sampler", "Sampler", Limits::Text),
    setting("scheduler", "Scheduler", Limits::Text),
    setting("clip_skip", "Clip skip", Limits::Whole(0, 24)),
];

/// Names of the lists that a model of this kind has.
pub const fn lists(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Lora => &["trigger_words", "tags", "optimal_checkpoints"],
        Kind::Checkpoint => &["tags"],
    }
}

/// What the catalogue keeps a source for: a column, or a key of the metadata.
pub fn column(field: &str) -> &str {
    match field {
        _ if field == WEIGHT.name => "metadata.recommended_weight",
        _ if DEFAULTS.iter().any(|setting| setting.name == field) => "metadata.defaults",
        _ => field,
    }
}

/// The fields whose values differ from the model's, as a patch. `only` looks at one column and leaves the others.
pub fn changes(
    model: &Record,
    given: &[(String, String)],
    only: Option<&str>,
) -> Result<Map<String, Value>, Vec<FieldProblem>> {
    let mut form = Form { given, only, patch: Map::new(), problems: Vec::new() };
    form.scalar("rating", json!(model.rating), |text| number(text, Limits::Between(0.0, 1.0)));
    let before = model.description.as_deref().map(lines);
    form.scalar("description", json!(before), |text| Ok(json!(Some(lines(text)).filter(|text| !text.is_empty()))));
    for name in lists(model.kind) {
        form.list(name, words_of(model, name));
    }
    match model.kind {
        Kind::Lora => form.setting(model, &WEIGHT, &[]),
        Kind::Checkpoint => DEFAULTS.iter().for_each(|setting| form.setting(model, setting, &["defaults"])),
    }
    if form.problems.is_empty() { Ok(form.patch) } else { Err(form.problems) }
}

pub fn words_of<'a>(model: &'a Record, list: &str) -> &'a [String] {
    match list {
        "trigger_words" => &model.trigger_words,
        "optimal_checkpoints" => &model.optimal_checkpoints,
        _ => &model.tags,
    }
}

/// `a, b` as two words.
pub fn split(text: &str) -> impl Iterator<Item = String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned)
}

/// Browsers send every line's end as CR LF.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

struct Form<'a> {
    given: &'a [(String, String)],
    only: Option<&'a str>,
    patch: Map<String, Value>,
    problems: Vec<FieldProblem>,
}

impl Form<'_> {
    fn all(&self, name: &str) -> impl Iterator<Item = &String> {
        self.given.iter().filter(move |(given, _)| given == name).map(|(_, value)| value)
    }

    /// The sent text, unless the field is not looked at.
    fn text(&self, name: &str) -> Option<&String> {
        let looked_at = self.only.is_none_or(|only| only == name || only == column(name));
        self.all(name).next().filter(|_| looked_at)
    }

    fn scalar(&mut self, name: &str, before: Value, read: impl Fn(&str) -> Result<Value, String>) {
        match self.text(name).map(|text| read(text)) {
            Some(Ok(value)) if value != before => drop(self.patch.insert(name.to_owned(), value)),
            Some(Err(reason)) => self.refuse(name, reason),
            _ => {}
        }
    }

    /// Which words are kept, and which come to them. A list of which nothing is kept is known by its mark.
    fn list(&mut self, name: &str, before: &[String]) {
        let marked = self.all("list").any(|list| list == name);
        if !marked || self.only.is_some_and(|only| only != name) {
            return;
        }
        let mut words: Vec<String> = self.all(name).cloned().collect();
        for word in self.all(&format!("{name}_add")).flat_map(|text| split(text)) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        if words != before {
            self.patch.insert(name.to_owned(), json!(words));
        }
    }

    /// A value inside of the metadata, in the object that `path` leads to.
    fn setting(&mut self, model: &Record, setting: &Setting, path: &[&str]) {
        let Some(text) = self.text(setting.name) else { return };
        let value = match number(text, setting.limits) {
            Ok(value) => value,
            Err(reason) => return self.refuse(setting.name, reason),
        };
        let before: Option<Value> = model.metadata.get(&[path, &[setting.name]].concat());
        let same = before.as_ref().map_or(value.is_null(), |before| {
            *before == value || before.as_f64().is_some_and(|before| Some(before) == value.as_f64())
        });
        if same {
            return;
        }
        let mut object = self.patch.entry("metadata").or_insert_with(|| json!({}));
        for key in path {
            object = &mut object[*key];
        }
        object[setting.name] = value;
    }

    fn refuse(&mut self, name: &str, reason: String) {
        self.problems.push(FieldProblem { field: name.to_owned(), code: "out_of_range", reason, hint: None });
    }
}

/// Nothing clears the field.
fn number(text: &str, limits: Limits) -> Result<Value, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    match limits {
        Limits::Text => Ok(json!(text)),
        Limits::Whole(least, most) => {
            let number = text.parse().ok().filter(|number| (least..=most).contains(number));
            number
                .map(|number: i64| json!(number))
                .ok_or_else(|| format!("must be a whole number from {least} to {most}"))
        }
        Limits::Between(least, most) => {
            let number = text.parse().ok().filter(|number| (least..=most).contains(number));
            let number = number.and_then(Number::from_f64).map(Value::Number);
            number.ok_or_else(|| format!("must be a number from {least} to {most}"))
        }
    }
}
