//! The seed files' own columns, and those that seeding would otherwise fill in from the path.

use genonaut_db::checkpoint::Checkpoint;
use genonaut_db::lora::Lora;
use genonaut_db::metadata::Metadata;

/// A column's head, and what stands below it.
pub(super) type Column<T> = (&'static str, fn(&T) -> String);

pub(super) const CHECKPOINT: &[Column<Checkpoint>] = &[
    ("path", |model| model.path.clone()),
    ("filename", |model| text(&model.filename)),
    ("name", |model| text(&model.name)),
    ("version", |model| text(&model.version)),
    ("architecture", |model| text(&model.architecture)),
    ("family", |model| text(&model.family)),
    ("description", |model| text(&model.description)),
    ("rating", |model| number(model.rating)),
    ("tags", |model| list(&model.tags)),
    ("metadata", |model| object(&model.metadata)),
];

pub(super) const LORA: &[Column<Lora>] = &[
    ("path", |model| model.path.clone()),
    ("filename", |model| text(&model.filename)),
    ("name", |model| text(&model.name)),
    ("version", |model| text(&model.version)),
    ("compatible_architectures", |model| list(&model.compatible_architectures)),
    ("family", |model| text(&model.family)),
    ("description", |model| text(&model.description)),
    ("rating", |model| number(model.rating)),
    ("tags", |model| list(&model.tags)),
    ("trigger_words", |model| list(&model.trigger_words)),
    ("optimal_checkpoints", |model| list(&model.optimal_checkpoints)),
    ("metadata", |model| object(&model.metadata)),
];

fn text(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}

fn number(number: Option<f64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn object(metadata: &Metadata) -> String {
    Some(metadata.text()).filter(|text| *text != "{}").unwrap_or_default().to_owned()
}

/// A JSON list: commas, quotes and braces inside of a word survive.
fn list(words: &[String]) -> String {
    if words.is_empty() { String::new() } else { serde_json::json!(words).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column that is new in the tables must be exported too, or a round trip would lose it.
    #[test]
    fn every_column_that_can_be_written_is_exported() {
        let checkpoint: Vec<_> = CHECKPOINT.iter().map(|column| column.0).collect();
        let lora: Vec<_> = LORA.iter().map(|column| column.0).collect();
        assert_eq!(checkpoint, genonaut_db::checkpoint::columns().collect::<Vec<_>>());
        assert_eq!(lora, genonaut_db::lora::columns().collect::<Vec<_>>());
    }
}
