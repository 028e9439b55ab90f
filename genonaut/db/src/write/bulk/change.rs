//! What a bulk change sets, and what it makes of one model's fields.

use serde_json::{Map, Value, json};

use super::super::{FieldProblem, Writable, WriteError, check};
use super::names::MOST_CHARACTERS;
use crate::architecture;

/// What is done to each of the models. What is empty or missing is left alone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bulk {
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
    pub rating: Option<f64>,
    /// The base model, in any spelling; in place of all that a LoRA had.
    pub base: Option<String>,
    pub family: Option<String>,
    pub add_words: Vec<String>,
    pub remove_words: Vec<String>,
    pub weight: Option<f64>,
    pub name: Option<Replacement>,
}

/// A text that is replaced wherever a name has it. Blanks that this leaves at the ends of the name are removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// As it is written, its case and blanks included.
    pub find: String,
    /// An empty text removes it.
    pub replace: String,
}

const WEIGHT: &str = "metadata.recommended_weight";

impl Bulk {
    pub(super) fn check<T: Writable>(&self) -> Result<(), WriteError> {
        if *self == Self::default() {
            return refuse("change", "required", "enter tags to add or remove, or something else to change");
        }
        for (field, added, removed) in
            [("remove_tags", &self.add_tags, &self.remove_tags), ("remove_words", &self.add_words, &self.remove_words)]
        {
            if added.iter().any(|word| removed.contains(word)) {
                return refuse(field, "contradiction", "the same word cannot be added and removed at once");
            }
        }
        if self.weight.is_some() && !T::BULK.contains(&WEIGHT) {
            return refuse("weight", "unknown_field", "is a setting of LoRAs");
        }
        if let Some(name) = &self.name {
            name.check()?;
        }
        check::change(T::FIELDS, &self.all::<T>())
    }

    /// Every value that it may write, under the name of its column.
    fn all<T: Writable>(&self) -> Map<String, Value> {
        let words = |added: &[String], removed: &[String]| {
            (added.len() + removed.len() > 0).then(|| json!([added, removed].concat()))
        };
        let fields = [
            ("tags", words(&self.add_tags, &self.remove_tags)),
            ("trigger_words", words(&self.add_words, &self.remove_words)),
            ("rating", self.rating.map(|rating| json!(rating))),
            ("family", self.family.as_ref().map(|family| json!(family))),
            (T::BASE, self.base::<T>()),
            ("metadata", self.weight.map(|weight| json!({"recommended_weight": weight}))),
            ("name", self.name.as_ref().map(|name| json!([&*name.find, &*name.replace].concat()))),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    fn base<T: Writable>(&self) -> Option<Value> {
        let base = self.base.as_ref()?;
        Some(if T::BASE == "architecture" { json!(base) } else { json!([base]) })
    }

    /// The fields but the name that this sets in a row. Lists only where they change; everything else always, because it
    /// was said of each.
    pub(super) fn fields<T: Writable>(&self, now: &Value) -> Map<String, Value> {
        let fields = [
            ("tags", edited(&now["tags"], &self.add_tags, &self.remove_tags)),
            ("trigger_words", edited(&now["trigger_words"], &self.add_words, &self.remove_words)),
            ("rating", self.rating.map(|rating| json!(rating))),
            ("family", self.family(now)),
            (T::BASE, self.base::<T>()),
            (WEIGHT, self.weight.map(|weight| json!(weight))),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// A family that would make another base of the one that is set is cleared with it.
    fn family(&self, now: &Value) -> Option<Value> {
        if let Some(family) = &self.family {
            return Some(json!(family));
        }
        let overrules = architecture::family_overrules(now["family"].as_str()?, self.base.as_deref()?);
        overrules.then_some(Value::Null)
    }
}

impl Replacement {
    pub(super) fn of(&self, name: &str) -> String {
        name.replace(&self.find, &self.replace).trim().to_owned()
    }

    fn check(&self) -> Result<(), WriteError> {
        if self.find.is_empty() {
            return refuse("name", "required", "enter the text to replace");
        }
        if [&self.find, &self.replace].iter().any(|text| text.chars().count() > MOST_CHARACTERS) {
            return refuse("name", "out_of_range", "each text must be at most 1000 characters long");
        }
        Ok(())
    }
}

fn edited(now: &Value, add: &[String], remove: &[String]) -> Option<Value> {
    let now: Vec<&str> = now.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut words: Vec<&str> = now.iter().copied().filter(|word| !remove.iter().any(|gone| gone == word)).collect();
    for word in add {
        if !words.contains(&word.as_str()) {
            words.push(word);
        }
    }
    (words != now).then(|| json!(words))
}

fn refuse(field: &str, code: &'static str, reason: &str) -> Result<(), WriteError> {
    Err(WriteError::Invalid(vec![FieldProblem::new(field, code, reason)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lora::Lora;

    #[test]
    fn every_match_in_a_name_is_replaced_and_the_ends_are_trimmed() {
        let replaced = |find: &str, replace: &str, name: &str| {
            Replacement { find: find.to_owned(), replace: replace.to_owned() }.of(name)
        };
        assert_eq!(replaced("_", " ", "ink_wash_v2"), "ink wash v2");
        assert_eq!(replaced("(SDXL)", "", "(SDXL) Ink (SDXL)"), "Ink");
        assert_eq!(replaced("ink", "Ink", "INK ink.*"), "INK Ink.*");
        assert_eq!(replaced("$1", "$0", "a$1"), "a$0");
    }

    #[test]
    fn lists_keep_their_order_and_a_family_never_overrules_the_base_that_is_set() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let change = Bulk {
            add_tags: words(&["c", "a"]),
            remove_tags: words(&["b"]),
            base: Some("sdxl".to_owned()),
            ..Bulk::default()
        };
        let now = json!({"tags": ["b", "a"], "trigger_words": [], "family": "Pony"});
        let fields = change.fields::<Lora>(&now);
        let expected = json!({"tags": ["a", "c"], "family": null, "compatible_architectures": ["sdxl"]});
        assert_eq!(Value::Object(fields), expected);
        let now = json!({"tags": ["a", "c"], "family": "Own"});
        assert_eq!(Value::Object(change.fields::<Lora>(&now)), json!({"compatible_architectures": ["sdxl"]}));
    }
}
