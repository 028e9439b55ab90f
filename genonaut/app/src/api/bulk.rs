//! The same change to many models: the body of the request, and what comes of it.

use genonaut_db::write::{Applied, Bulk, Refusal, Replacement, Undone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::{Problem, ProblemType};

/// A change of many models. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkFields {
    /// The models; left out with `all`.
    #[schema(min_items = 1, max_items = 5000)]
    pub ids: Option<Vec<Uuid>>,
    /// All that the filters in the query leave.
    #[serde(default)]
    pub all: bool,
    #[serde(default)]
    add_tags: Vec<String>,
    #[serde(default)]
    remove_tags: Vec<String>,
    #[serde(default)]
    add_trigger_words: Vec<String>,
    #[serde(default)]
    remove_trigger_words: Vec<String>,
    /// Base model, in any spelling.
    base: Option<String>,
    family: Option<String>,
    #[schema(minimum = -4, maximum = 4)]
    recommended_weight: Option<f64>,
    #[schema(minimum = 0, maximum = 1)]
    rating: Option<f64>,
    /// Replaces a text in the names.
    name: Option<NameReplacement>,
}

/// A text that is replaced wherever a name has it. Blanks that this leaves at the ends of the name are removed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameReplacement {
    /// As it is written, its case and blanks included.
    #[schema(min_length = 1, max_length = 1000)]
    find: String,
    /// An empty text, which is the default, removes it.
    #[serde(default)]
    #[schema(max_length = 1000)]
    replace: String,
}

/// What a bulk change has done.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResult {
    /// ID for undoing it: for an hour, until the next bulk change.
    change: Uuid,
    /// Number of models that were selected.
    reached: usize,
    /// Number of those that are different now.
    changed: usize,
    /// Those that were left as they are, because their new name is taken, empty or too long.
    refused: Vec<RefusedModel>,
}

/// A model whose name stays as it is, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedModel {
    id: Uuid,
    /// The name that it has.
    name: String,
    /// `required`, `out_of_range` or `duplicate`.
    code: &'static str,
    reason: String,
}

/// What undoing a bulk change has done.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoResult {
    /// Number of models that the change was made to.
    reached: usize,
    /// Number of those that have values back; what was changed since stays.
    restored: usize,
    /// Those that keep their new name, because another model has the old one by now.
    refused: Vec<RefusedModel>,
}

impl BulkFields {
    /// # Errors
    /// What in the body is not what it must be.
    pub fn read(fields: Map<String, Value>) -> Result<Self, Problem> {
        let read: Self = serde_json::from_value(Value::Object(fields))
            .map_err(|error| Problem::new(ProblemType::InvalidField, error.to_string()))?;
        match read.ids.is_some() != read.all {
            true => Ok(read),
            false => Err(Problem::new(ProblemType::InvalidField, "send either ids or \"all\": true")),
        }
    }

    pub fn change(&self) -> Bulk {
        Bulk {
            add_tags: self.add_tags.clone(),
            remove_tags: self.remove_tags.clone(),
            rating: self.rating,
            base: self.base.clone(),
            family: self.family.clone(),
            add_words: self.add_trigger_words.clone(),
            remove_words: self.remove_trigger_words.clone(),
            weight: self.recommended_weight,
            name: self.name.as_ref().map(NameReplacement::read),
        }
    }
}

impl NameReplacement {
    fn read(&self) -> Replacement {
        Replacement { find: self.find.clone(), replace: self.replace.clone() }
    }
}

impl From<Applied> for BulkResult {
    fn from(Applied { change, reached, changed, refused }: Applied) -> Self {
        Self { change, reached, changed: changed.len(), refused: listed(refused) }
    }
}

fn listed(refused: Vec<Refusal>) -> Vec<RefusedModel> {
    let model = |Refusal { model: id, name, code, reason }| RefusedModel { id, name, code, reason };
    refused.into_iter().map(model).collect()
}

/// # Errors
/// When it could not be undone any more.
pub fn undone(undone: Option<Undone>) -> Result<UndoResult, Problem> {
    let gone = || Problem::new(ProblemType::NotFound, "no bulk change with this ID can be undone");
    let undone = undone.ok_or_else(gone)?;
    Ok(UndoResult { reached: undone.reached, restored: undone.restored.len(), refused: listed(undone.refused) })
}
