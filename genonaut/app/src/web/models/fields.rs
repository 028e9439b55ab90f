//! From what a form sends to the fields that a person changes.

use genonaut_db::write::FieldProblem;
use genonaut_sources::setting_limits::{DEFAULTS, RATING, RECOMMENDED_WEIGHT, Refused, SettingLimit};
use serde_json::{Map, Value, json};

use super::Kind;
use super::record::Record;
use crate::settings;

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
        _ if field == RECOMMENDED_WEIGHT.key => "metadata.recommended_weight",
        _ if DEFAULTS.iter().any(|setting| setting.key == field) => "metadata.defaults",
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
    form.scalar("rating", json!(model.rating), |text| value(&RATING, text));
    let before = model.description.as_deref().map(lines);
    form.scalar("description", json!(before), |text| Ok(json!(Some(lines(text)).filter(|text| !text.is_empty()))));
    for name in lists(model.kind) {
        form.list(name, words_of(model, name));
    }
    match model.kind {
        Kind::Lora => form.weight(model),
        Kind::Checkpoint => form.defaults(model),
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

    fn scalar(&mut self, name: &str, before: Value, read: impl Fn(&str) -> Result<Value, Refused>) {
        match self.text(name).map(|text| read(text)) {
            Some(Ok(value)) if value != before => drop(self.patch.insert(name.to_owned(), value)),
            Some(Err(refused)) => self.refuse(refused),
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

    fn weight(&mut self, model: &Record) {
        let before = model.metadata.get(&[RECOMMENDED_WEIGHT.key]);
        if let Some(value) = self.changed(&RECOMMENDED_WEIGHT, before.as_ref(), |_| None) {
            self.metadata()[RECOMMENDED_WEIGHT.key] = value;
        }
    }

    fn defaults(&mut self, model: &Record) {
        let given = settings::given_defaults(&model.metadata);
        for limit in DEFAULTS {
            let long = |value: &Value| settings::too_long(limit, model.base.as_deref(), side(&limit, value)?);
            if let Some(value) = self.changed(&limit, given.get(limit.key), long) {
                self.metadata()["defaults"][limit.key] = value;
            }
        }
    }

    /// The sent value, where it is allowed and differs from the one before.
    fn changed(
        &mut self,
        limit: &SettingLimit,
        before: Option<&Value>,
        refused: impl Fn(&Value) -> Option<Refused>,
    ) -> Option<Value> {
        let text = self.text(limit.key)?;
        // What a file or an earlier version wrote stays until somebody writes something else.
        if before.map_or(text.trim().is_empty(), |before| is_written(before, text)) {
            return None;
        }
        match value(limit, text).and_then(|value| refused(&value).map_or(Ok(value), Err)) {
            Ok(value) => Some(value),
            Err(refused) => {
                self.refuse(refused);
                None
            }
        }
    }

    fn metadata(&mut self) -> &mut Value {
        self.patch.entry("metadata").or_insert_with(|| json!({}))
    }

    fn refuse(&mut self, Refused { limit, reason }: Refused) {
        self.problems.push(FieldProblem { field: limit.key.to_owned(), code: "out_of_range", reason, hint: None });
    }
}

/// Nothing clears the field.
fn value(limit: &SettingLimit, text: &str) -> Result<Value, Refused> {
    if text.trim().is_empty() { Ok(Value::Null) } else { limit.value(text) }
}

/// Pixels, of the settings that are a side.
fn side(limit: &SettingLimit, value: &Value) -> Option<u32> {
    value.as_u64().filter(|_| ["width", "height"].contains(&limit.key))?.try_into().ok()
}

/// Whether the field shows just this.
fn is_written(before: &Value, text: &str) -> bool {
    let same_number = before.as_f64().is_some_and(|before| text.trim().parse() == Ok(before));
    same_number || super::editor::plain(before) == text
}
