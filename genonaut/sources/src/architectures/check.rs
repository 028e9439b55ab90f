//! What the types of the table cannot say: names that must be known, and patterns that must be some.

use std::collections::{BTreeMap, BTreeSet};

use regex::bytes::RegexBuilder;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::read::{BadTable, read};
use crate::identify::Rules;
use crate::meaning::Families;

/// Whether everything that reads the table can live with it.
///
/// # Errors
/// The first thing that is not as it should be, with its entry and field.
pub fn check(table: &str) -> Result<(), BadTable> {
    let names: Names = read(table)?;
    names.architectures()?;
    names.references()?;
    names.rules()?;
    Families::from_json(table)?;
    Rules::from_json(table).map(drop)
}

#[derive(Deserialize)]
struct Names {
    architectures: Vec<Architecture>,
    families: Vec<Family>,
    alias_index: BTreeMap<String, Meaning>,
    civitai_base_model_map: BTreeMap<String, Meaning>,
    lora_rules_ordered: Vec<AdapterRule>,
}

#[derive(Deserialize)]
struct Architecture {
    id: String,
    lora_compatible_bases: Vec<String>,
    checkpoint_rules: Vec<Rule>,
    default_size: Option<(u32, u32)>,
}

#[derive(Deserialize)]
struct Family {
    id: String,
    architecture: String,
}

/// Missing for what is hosted only.
#[derive(Deserialize)]
struct Meaning {
    architecture: Option<String>,
}

#[derive(Deserialize)]
struct Rule {
    all: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
struct AdapterRule {
    architecture: String,
    also: Vec<String>,
    all: Vec<Map<String, Value>>,
}

/// Pixels of a side that anything can be made with.
const SIDES: std::ops::RangeInclusive<u32> = 64..=8192;
/// Conditions that are patterns.
const PATTERNS: [&str; 5] = ["re", "nre", "m", "nm", "meta"];

impl Names {
    fn architectures(&self) -> Result<(), BadTable> {
        let mut ids = BTreeSet::new();
        for Architecture { id, default_size, .. } in &self.architectures {
            let bad = |field: &str, reason: &str| Err(BadTable::at(format!("architecture {id:?}, {field}"), reason));
            if id.is_empty() || id.chars().any(|c| c.is_uppercase() || c.is_whitespace() || c == '_' || c == '/') {
                return bad("id", "must be lower-case, with hyphens between its words, and no slash");
            }
            if !ids.insert(id) {
                return bad("id", "is defined twice");
            }
            if default_size.is_some_and(|(width, height)| !SIDES.contains(&width) || !SIDES.contains(&height)) {
                return bad("default_size", "must be two numbers of pixels from 64 to 8192");
            }
        }
        Ok(())
    }

    /// Whatever names an architecture names one of the table's.
    fn references(&self) -> Result<(), BadTable> {
        for one in &self.architectures {
            self.known(&one.lora_compatible_bases, || format!("architecture {:?}, lora_compatible_bases", one.id))?;
        }
        for family in &self.families {
            let of: Vec<_> = family.architecture.split('|').map(str::to_owned).collect();
            self.known(&of, || format!("family {:?}, architecture", family.id))?;
        }
        for (list, spellings) in
            [("alias_index", &self.alias_index), ("civitai_base_model_map", &self.civitai_base_model_map)]
        {
            for (spelling, meaning) in spellings {
                self.known(meaning.architecture.as_slice(), || format!("{list}[{spelling:?}], architecture"))?;
            }
        }
        for (at, rule) in self.lora_rules_ordered.iter().enumerate() {
            self.known(std::slice::from_ref(&rule.architecture), || format!("lora_rules_ordered[{at}], architecture"))?;
            self.known(&rule.also, || format!("lora_rules_ordered[{at}], also"))?;
        }
        Ok(())
    }

    fn known(&self, ids: &[String], place: impl Fn() -> String) -> Result<(), BadTable> {
        let is_known = |id: &String| self.architectures.iter().any(|one| one.id == *id);
        match ids.iter().find(|id| !is_known(id)) {
            Some(id) => Err(BadTable::at(place(), format!("no architecture {id:?} in the table"))),
            None => Ok(()),
        }
    }

    fn rules(&self) -> Result<(), BadTable> {
        for one in &self.architectures {
            for (at, rule) in one.checkpoint_rules.iter().enumerate() {
                patterns(&rule.all, || format!("architecture {:?}, checkpoint_rules[{at}]", one.id))?;
            }
        }
        for (at, rule) in self.lora_rules_ordered.iter().enumerate() {
            patterns(&rule.all, || format!("lora_rules_ordered[{at}] ({:?})", rule.architecture))?;
        }
        Ok(())
    }
}

/// A rule holds something, and its patterns are some.
fn patterns(conditions: &[Map<String, Value>], place: impl Fn() -> String) -> Result<(), BadTable> {
    if conditions.is_empty() {
        return Err(BadTable::at(format!("{}, all", place()), "needs a condition, or it would match every file"));
    }
    for (at, condition) in conditions.iter().enumerate() {
        for name in PATTERNS {
            let Some(pattern) = condition.get(name).and_then(Value::as_str) else { continue };
            if let Err(error) = RegexBuilder::new(pattern).unicode(false).build() {
                let error = error.to_string();
                let why = error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                return Err(BadTable::at(
                    format!("{}, all[{at}], {name}", place()),
                    format!("{pattern:?} is not a valid regular expression: {why}"),
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::TABLE;
    use super::*;

    fn with(change: impl FnOnce(&mut Value)) -> String {
        let mut table: Value = serde_json::from_str(TABLE).unwrap();
        change(&mut table);
        check(&table.to_string()).unwrap_err().to_string()
    }

    #[test]
    fn the_programs_own_table_is_sound() {
        assert_eq!(check(TABLE), Ok(()));
    }

    #[test]
    fn a_mistake_is_told_with_its_entry_and_field() {
        let at = |table: &Value, id: &str| {
            let all = table["architectures"].as_array().unwrap();
            all.iter().position(|one| one["id"] == id).unwrap()
        };
        for (said, expected) in [
            (
                with(|table| table["architectures"][0]["id"] = "My Arch".into()),
                r#"architecture "My Arch", id: must be lower-case"#,
            ),
            (
                with(|table| table["architectures"][1]["id"] = "kolors".into()),
                r#"architecture "kolors", id: is defined twice"#,
            ),
            (
                with(|table| {
                    let sdxl = at(table, "sdxl");
                    table["architectures"][sdxl]["aliases"] = "xl".into();
                }),
                r#"architecture "sdxl", aliases: invalid type: string "xl", expected a sequence"#,
            ),
            (
                with(|table| table["families"][0]["architecture"] = "sdx".into()),
                r#", architecture: no architecture "sdx""#,
            ),
            (with(|table| table["families"][0]["name_regex"] = "(".into()), ", name_regex: regex parse error"),
            (
                with(|table| table["alias_index"]["mine"] = serde_json::json!({"architecture": "no"})),
                r#"alias_index["mine"], architecture: no architecture "no""#,
            ),
            (
                with(|table| table["lora_rules_ordered"][2]["architecture"] = "no".into()),
                "lora_rules_ordered[2], architecture",
            ),
            (
                with(|table| {
                    table["architectures"][0]["checkpoint_rules"][0]["all"] = serde_json::json!([{"re": "a("}])
                }),
                r#"architecture "kolors", checkpoint_rules[0], all[0], re: "a(" is not a valid regular expression"#,
            ),
            (
                with(|table| {
                    table["architectures"][0]["checkpoint_rules"][0]["all"] = serde_json::json!([{"key": "a"}])
                }),
                r#"architecture "kolors", checkpoint_rules[0].all[0]: "#,
            ),
            (
                with(|table| table["architectures"][0]["default_size"] = serde_json::json!([0, 9])),
                r#"architecture "kolors", default_size: must be"#,
            ),
            (
                with(|table| _ = table.as_object_mut().unwrap().remove("families")),
                "the table: missing field `families`",
            ),
        ] {
            assert!(said.contains(expected), "{said}");
        }
        assert!(check("{\n  \"a\": }").unwrap_err().to_string().contains("line 2 column"));
    }
}
