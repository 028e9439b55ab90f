//! What is known of a model, as columns of its table.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::known::Known;
use super::{Table, fit, metadata};
use crate::identify::{Confidence, Kind};
use crate::model_file::Format;

/// Columns, who said them, and what had to be left out.
pub struct Row {
    pub fields: Map<String, Value>,
    pub said_by: BTreeMap<String, String>,
    pub warnings: Vec<String>,
}

pub fn fill(known: &Known, table: Option<Table>) -> Row {
    let mut row = Row { fields: Map::new(), said_by: BTreeMap::new(), warnings: known.warnings.clone() };
    if known.format == Format::Pickle && table.is_some() {
        row.warnings.push("needs-conversion".to_owned());
    }
    row.texts(known, table);
    row.lists(known, table);
    row.metadata(known, table);
    row
}

impl Row {
    fn texts(&mut self, known: &Known, table: Option<Table>) {
        let said = &known.merged.said;
        // The catalogue calls a model by its file until somebody gives it a name.
        let name = said.name.as_deref().filter(|_| source(known, "name") != "file name");
        match (name, &known.folder_name) {
            (None, Some(folder)) if table.is_some() => self.line("name", Some(folder), "folder"),
            _ => self.line("name", name, source(known, "name")),
        }
        self.line("version", said.version.as_deref(), source(known, "version"));
        let architecture =
            known.identity.detection.architecture.as_deref().filter(|_| table == Some(Table::Checkpoints));
        self.line("architecture", architecture, &known.architecture_by);
        let family = known.lineage.family.as_ref().map(|family| family.id.as_str());
        self.line("family", family, &known.family_by);
        let description = said.description.as_deref().and_then(fit::text);
        self.put("description", description.map(Value::from), source(known, "description"));
    }

    fn lists(&mut self, known: &Known, table: Option<Table>) {
        let said = &known.merged.said;
        self.words("tags", said.tags.iter().map(String::as_str), source(known, "tags"));
        if table == Some(Table::Loras) {
            self.words("compatible_architectures", compatible(known), &known.architecture_by);
            let checkpoints = said.optimal_checkpoints.iter().map(String::as_str);
            self.words("optimal_checkpoints", checkpoints, source(known, "optimal_checkpoints"));
        }
        if table == Some(Table::Loras) || known.identity.kind == Kind::Embedding {
            let words = said.trigger_words.iter().map(|word| word.text.as_str());
            self.words("trigger_words", words, &known.sources_of(&said.trigger_words));
        }
    }

    fn metadata(&mut self, known: &Known, table: Option<Table>) {
        let mut kept = fit::pack(metadata::parts(known, table), &mut self.warnings);
        for (path, source) in metadata::sources(known, table) {
            let mut keys = path.split('.');
            let first = keys.next().and_then(|key| kept.get(key));
            if keys.try_fold(first, |value, key| Some(value?.get(key))).flatten().is_some() {
                self.said_by.insert(format!("metadata.{path}"), source);
            }
        }
        if let Some(warnings) = fit::clean(self.warnings.clone().into()) {
            kept.insert("warnings".to_owned(), warnings);
        }
        self.fields.insert("metadata".to_owned(), kept.into());
    }

    fn line(&mut self, field: &str, text: Option<&str>, by: &str) {
        self.put(field, text.and_then(fit::line).map(Value::from), by);
    }

    fn words<'a>(&mut self, field: &str, words: impl IntoIterator<Item = &'a str>, by: &str) {
        let words = fit::words(field, words, &mut self.warnings);
        self.put(field, (!words.is_empty()).then(|| words.into()), by);
    }

    fn put(&mut self, field: &str, value: Option<Value>, by: &str) {
        if let Some(value) = value {
            self.fields.insert(field.to_owned(), value);
            self.said_by.insert(field.to_owned(), by.to_owned());
        }
    }
}

fn source<'a>(known: &'a Known, field: &str) -> &'a str {
    known.merged.sources.get(field).map_or("", String::as_str)
}

/// What the tensors leave open is all of it, unless a claim against them makes the alternatives doubtful.
fn compatible(known: &Known) -> impl Iterator<Item = &str> {
    let detection = &known.identity.detection;
    let is_open = detection.confidence != Some(Confidence::High) && !detection.conflict;
    let others = detection.alternatives.iter().filter(move |_| is_open);
    detection.architecture.iter().chain(others).map(String::as_str)
}
