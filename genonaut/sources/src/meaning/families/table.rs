//! The parts of the table of architectures that speak of names and families.

use std::collections::HashMap;

use regex::Regex;
use serde::{Deserialize, Deserializer};

use super::super::file_name::words;
use super::{Base, Families};
use crate::architectures::normalise;

#[derive(Deserialize)]
pub struct Table {
    civitai_base_model_map: HashMap<String, Spelling>,
    alias_index: HashMap<String, Base>,
    families: Vec<Family>,
    architectures: Vec<Architecture>,
    known_hashes: Known,
}

/// Civitai also lists what only runs on others' machines: those have no architecture.
#[derive(Deserialize)]
#[serde(untagged)]
enum Spelling {
    Known(Base),
    Other {},
}

#[derive(Debug, Clone, Deserialize)]
pub struct Family {
    pub id: String,
    label: String,
    /// One, or several with `|` between.
    pub architecture: String,
    #[serde(deserialize_with = "pattern")]
    name_regex: Regex,
    #[serde(default, deserialize_with = "maybe_pattern")]
    name_exclude_regex: Option<Regex>,
    #[serde(default)]
    pub distillation: bool,
    #[serde(default)]
    base_sha256: Vec<String>,
    #[serde(default)]
    base_autov1: Vec<String>,
}

#[derive(Deserialize)]
struct Architecture {
    id: String,
    label: String,
    #[serde(default)]
    variants: Vec<Variant>,
    default_family: String,
}

/// A kind of models within an architecture whose recipes start otherwise.
#[derive(Debug, Clone, Deserialize)]
pub struct Variant {
    pub id: String,
    /// Matches the [`words`] of names.
    #[serde(default, deserialize_with = "maybe_pattern")]
    name_regex: Option<Regex>,
    /// Few steps at little cfg. A model can be distilled and another variant besides.
    #[serde(default)]
    pub distilled: bool,
    /// What the tensors may say where a name says this; whatever they say where this is empty.
    #[serde(default)]
    of: Vec<String>,
}

impl Variant {
    pub fn is_named(&self, name: &str) -> bool {
        self.name_regex.as_ref().is_some_and(|regex| regex.is_match(&words(name)))
    }

    pub fn can_be(&self, by_tensors: Option<&str>) -> bool {
        self.of.is_empty() || by_tensors.is_none_or(|found| self.of.iter().any(|of| of == found))
    }
}

#[derive(Deserialize)]
struct Known {
    sha256: HashMap<String, (String, String)>,
    civitai_trainer_model_version_ids: HashMap<String, (String, String)>,
}

impl Family {
    /// A name may hold both what tells the family and what only looks like it: `My Little Pony`.
    pub fn is_named(&self, name: &str) -> bool {
        let words = words(name);
        let excluded = self.name_exclude_regex.as_ref().map(|exclude| exclude.replace_all(&words, " "));
        self.name_regex.is_match(excluded.as_deref().unwrap_or(&words))
    }

    /// SHA-256 or the old short hash (`AutoV1`) of a checkpoint that others were trained on.
    pub fn has_hash(&self, digits: &str) -> bool {
        self.base_sha256.iter().chain(&self.base_autov1).any(|known| known.eq_ignore_ascii_case(digits))
    }
}

impl Base {
    fn of(architecture: &str, family: Option<String>) -> Self {
        Self { architecture: architecture.to_owned(), family, variant: None, distilled: false, prediction: None }
    }
}

impl From<Table> for Families {
    fn from(table: Table) -> Self {
        let civitai = table.civitai_base_model_map.into_iter().filter_map(|(name, spelling)| match spelling {
            Spelling::Known(base) => Some((name, base)),
            Spelling::Other {} => None,
        });
        let civitai: HashMap<String, Base> = civitai.collect();
        // An alias is the more careful reading: who writes `sdxl_1.0` says nothing of a family.
        let mut aliases: HashMap<String, Base> =
            civitai.iter().map(|(name, base)| (normalise(name), base.clone())).collect();
        aliases.extend(table.alias_index.into_iter().map(|(name, base)| (normalise(&name), base)));
        for Architecture { id, label, .. } in &table.architectures {
            aliases.entry(normalise(label)).or_insert_with(|| Base::of(id, None));
        }
        for family in table.families.iter().filter(|family| !family.architecture.contains('|')) {
            let base = || Base::of(&family.architecture, Some(family.id.clone()));
            aliases.entry(normalise(&family.label)).or_insert_with(base);
        }
        let known = table.known_hashes;
        let trainer = known.civitai_trainer_model_version_ids.into_iter();
        Self {
            civitai,
            aliases,
            families: table.families,
            hashes: known.sha256.into_iter().map(|(digits, (id, _))| (digits, id)).collect(),
            variants: table.architectures.iter().map(|one| (one.id.clone(), one.variants.clone())).collect(),
            defaults: table.architectures.into_iter().map(|one| (one.id, one.default_family)).collect(),
            trainer: trainer.filter_map(|(id, labels)| Some((id.parse().ok()?, labels))).collect(),
        }
    }
}

fn pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Regex, D::Error> {
    Regex::new(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

fn maybe_pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Regex>, D::Error> {
    pattern(deserializer).map(Some)
}
