//! One word from many: which source is believed for which field.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::words::settled;
use super::{Claim, Said};

/// What one source says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    /// The file beside the model (`hero.civitai.info`), `header` or `file name`.
    pub source: String,
    pub trust: Trust,
    pub said: Said,
}

/// Who speaks, the most believed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// The user, in a file that a program keeps for them.
    User,
    /// A program that manages models.
    Library,
    /// Civitai, as a program saved it.
    Store,
    /// The model file itself.
    Header,
    FileName,
}

/// What all sources say together.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Merged {
    /// Without `extra`, which is kept by source.
    pub said: Said,
    /// The source of each field that has one, by the field's name.
    pub sources: BTreeMap<&'static str, String>,
    /// Small values as each source has them.
    pub extra: Map<String, Value>,
}

/// Takes each field from the most believed source that has it, and the words of all in order; of sources that are
/// believed alike the first.
pub fn merge(statements: &[Statement]) -> Merged {
    let mut order: Vec<&Statement> = statements.iter().collect();
    order.sort_by_key(|statement| statement.trust);
    let mut merged = Merged::default();
    for statement in &order {
        merged.take(statement);
    }
    let required = order.iter().flat_map(|statement| &statement.said.trigger_words).cloned().collect();
    let suggested = order.iter().flat_map(|statement| &statement.said.suggested_words).cloned().collect();
    (merged.said.trigger_words, merged.said.suggested_words) = settled(required, suggested);
    merged
}

/// What files beside the model spell as its base, the most believed first: claims for
/// [`Evidence`](super::families::Evidence).
pub fn claims(statements: &[Statement]) -> Vec<&str> {
    claimants(statements).into_iter().map(|(_, base)| base).collect()
}

/// The same, each behind its source.
pub fn claimants(statements: &[Statement]) -> Vec<(&str, &str)> {
    let mut beside: Vec<_> = statements.iter().filter(|statement| statement.trust <= Trust::Store).collect();
    beside.sort_by_key(|statement| statement.trust);
    beside
        .into_iter()
        .filter_map(|statement| Some((statement.source.as_str(), statement.said.base.as_deref()?)))
        .collect()
}

/// Whether a field has been said.
trait Given {
    fn is_given(&self) -> bool;
}

impl<T> Given for Option<T> {
    fn is_given(&self) -> bool {
        self.is_some()
    }
}

impl<T> Given for Vec<T> {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

/// Fills the fields that are still missing and notes the source, named like the last part of the field.
macro_rules! fill {
    ($merged:ident, $statement:ident: $($($part:ident).+ as $name:literal),+ $(,)?) => {$(
        if !$merged.said.$($part).+.is_given() && $statement.said.$($part).+.is_given() {
            $merged.said.$($part).+ = $statement.said.$($part).+.clone();
            $merged.sources.insert($name, $statement.source.clone());
        }
    )+};
}

impl Merged {
    fn take(&mut self, statement: &Statement) {
        fill!(self, statement:
            name as "name",
            version as "version",
            description as "description",
            tags as "tags",
            optimal_checkpoints as "optimal_checkpoints",
            base as "base",
            prediction_type as "prediction_type",
            author as "author",
            license as "license",
            notes as "notes",
            favorite as "favorite",
            civitai as "civitai",
            examples as "examples",
            usage.preferred_weight as "preferred_weight",
            usage.clip_weight as "clip_weight",
            usage.weight_range as "weight_range",
            usage.width as "width",
            usage.height as "height",
            usage.steps as "steps",
            usage.cfg as "cfg",
            usage.sampler as "sampler",
            usage.scheduler as "scheduler",
            usage.clip_skip as "clip_skip",
            usage.negative_text as "negative_text",
        );
        let known = |claim: &Claim| self.said.hashes.contains(claim);
        let new: Vec<Claim> = statement.said.hashes.iter().filter(|claim| !known(claim)).cloned().collect();
        self.said.hashes.extend(new);
        if !statement.said.extra.is_empty() {
            let mine = self.extra.entry(statement.source.as_str()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(mine) = mine {
                mine.extend(statement.said.extra.clone());
            }
        }
    }
}

impl Said {
    /// Whether it says which model this is, and not only by a hash.
    pub(super) fn has_identity(&self) -> bool {
        let without = |said: Self| Self { hashes: Vec::new(), extra: Map::new(), ..said };
        without(self.clone()) != without(self.clone().without_identity())
    }

    /// Leaves out what tells which model this is: only how to use it stays.
    pub(super) fn without_identity(self) -> Self {
        Self { notes: self.notes, favorite: self.favorite, usage: self.usage, ..Self::default() }
    }
}
