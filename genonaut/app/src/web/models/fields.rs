//! From what a form sends to the fields that a person changes.

use genonaut_db::architecture::family_overrules as overrules;
use genonaut_db::write::FieldProblem;
use genonaut_sources::setting_limits::{DEFAULTS, RECOMMENDED_WEIGHT, Refused, SettingLimit};
use serde_json::{Map, Value, json};

use super::record::Record;
use super::{Kind, rating};
use crate::settings;

/// Names of the lists that a model of this kind has.
pub const fn lists(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Lora => &["compatible_architectures", "tags", "optimal_checkpoints"],
        Kind::Checkpoint => &["tags"],
    }
}

/// What the catalogue keeps a source for: a column, or a key of the metadata.
pub fn column(field: &str) -> &str {
    match field {
        _ if field == RECOMMENDED_WEIGHT.key => "metadata.recommended_weight",
        _ if DEFAULTS.iter().any(|setting| setting.key == field) => "metadata.defaults",
        "notes" => "metadata.notes",
        "vae" => "metadata.vae",
        "least_weight" | "most_weight" | "weight_range" => "metadata.weight_range",
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
    form.scalar("rating", json!(model.rating), |text| rating::read(text, model.rating));
    let before = model.description.as_deref().map(lines);
    form.scalar("description", json!(before), |text| Ok(json!(Some(lines(text)).filter(|text| !text.is_empty()))));
    for (name, before) in [("name", &model.name), ("version", &model.version), ("family", &model.family)] {
        form.scalar(name, json!(before), |text| Ok(line(text)));
    }
    form.key("notes", model.metadata.get(&["notes"]), |text| json!(Some(lines(text)).filter(|text| !text.is_empty())));
    for name in lists(model.kind) {
        form.list(name, words_of(model, name));
    }
    match model.kind {
        Kind::Lora => {
            form.words("trigger_words", &model.trigger_words);
            form.weight(model);
            form.weight_range(model);
        }
        Kind::Checkpoint => {
            form.scalar("architecture", json!(shown_base(model)), |text| Ok(line(text)));
            form.key("vae", model.metadata.get(&["vae"]), line);
            form.defaults(model);
        }
    }
    form.family_follows(model);
    if form.problems.is_empty() { Ok(form.patch) } else { Err(form.problems) }
}

pub fn words_of<'a>(model: &'a Record, list: &str) -> &'a [String] {
    match list {
        "trigger_words" => &model.trigger_words,
        "optimal_checkpoints" => &model.optimal_checkpoints,
        "compatible_architectures" => &model.architectures,
        _ => &model.tags,
    }
}

/// `a, b` as two words.
pub fn split(text: &str) -> impl Iterator<Item = String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned)
}

/// What the field of a checkpoint's base model shows: the base, or as the source writes what nobody knows.
pub fn shown_base(model: &Record) -> Option<&str> {
    model.base.as_deref().or(model.architectures.first().map(String::as_str))
}

/// A text without blanks around it; nothing where there is none.
fn line(text: &str) -> Value {
    json!(Some(text.trim()).filter(|text| !text.is_empty()))
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

    /// A key of the metadata that is a text.
    fn key(&mut self, name: &str, before: Option<String>, read: impl Fn(&str) -> Value) {
        let Some(value) = self.text(name).map(|text| read(text)) else { return };
        if value != read(before.as_deref().unwrap_or_default()) {
            self.metadata()[name] = value;
        }
    }

    /// One to a line, in their order; those that belong together stay on one line.
    fn words(&mut self, name: &str, before: &[String]) {
        let words = |text: &str| {
            let words = text.lines().map(str::trim).filter(|word| !word.is_empty());
            words.map(str::to_owned).collect::<Vec<_>>()
        };
        let Some(given) = self.text(name).map(|text| words(text)) else { return };
        if given != words(&before.join("\n")) {
            self.patch.insert(name.to_owned(), json!(given));
        }
    }

    /// A family that would make another base of the one that is set is cleared with it.
    fn family_follows(&mut self, model: &Record) {
        let Some(family) = &model.family else { return };
        if !self.patch.contains_key("family") && self.added_bases(model).iter().any(|base| overrules(family, base)) {
            self.patch.insert("family".to_owned(), Value::Null);
        }
    }

    fn added_bases(&self, model: &Record) -> Vec<&str> {
        let set = self.patch.get("architecture").and_then(Value::as_str);
        let listed = self.patch.get("compatible_architectures").and_then(Value::as_array).into_iter().flatten();
        let is_new = |base: &&str| !model.architectures.iter().any(|had| had == base);
        set.into_iter().chain(listed.filter_map(Value::as_str).filter(is_new)).collect()
    }

    /// Both ends, or none.
    fn weight_range(&mut self, model: &Record) {
        let (Some(least), Some(most)) = (self.text("least_weight"), self.text("most_weight")) else { return };
        // The other one is still to be typed.
        if self.only.is_some() && least.trim().is_empty() != most.trim().is_empty() {
            return;
        }
        let read = |text: &str| value(&RECOMMENDED_WEIGHT, text);
        let range = match (read(least), read(most)) {
            (Ok(Value::Null), Ok(Value::Null)) => Ok(None),
            (Ok(least), Ok(most)) => match (least.as_f64(), most.as_f64()) {
                (Some(least), Some(most)) if least <= most => Ok(Some([least, most])),
                (Some(_), Some(_)) => Err("must be at most the other end of the range".to_owned()),
                _ => Err("needs the other end of the range too".to_owned()),
            },
            (Err(refused), _) | (_, Err(refused)) => Err(refused.reason),
        };
        match range {
            Ok(range) if range != known_range(model) => self.metadata()["weight_range"] = json!(range),
            Ok(_) => {}
            Err(reason) => self.problems.push(FieldProblem {
                field: "least_weight".to_owned(),
                code: "out_of_range",
                reason,
                hint: None,
            }),
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

/// The weights between which a LoRA works, where both are known.
pub fn known_range(model: &Record) -> Option<[f64; 2]> {
    model.metadata.get(&["weight_range"])
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
