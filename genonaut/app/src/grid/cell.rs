//! The recipe of one cell.

use genonaut_db::architecture::Grade;
use genonaut_sources::picture::tags;

use super::axis::{Axis, Change, Value};
use super::models::{Checkpoint, Lora};
use super::plan::Base;
use crate::recipe::{LoraUse, Recipe};
use crate::settings::{LONGEST_PROMPT, Settings};

/// With these values in place of the recipe's own.
///
/// # Errors
/// Why it cannot be made, for a person.
pub fn make(base: &Base, axes: &[Axis], values: &[&Value]) -> Result<Recipe, String> {
    let mut cell = Cell::new(base);
    let mut changes: Vec<_> = axes.iter().zip(values).collect();
    changes.sort_by_key(|(axis, _)| axis.kind);
    for (axis, value) in changes {
        cell.change(axis, &value.change);
    }
    cell.finish()
}

/// # Errors
/// When the prompt has nothing that could be replaced.
pub fn check_words(base: &Base, axis: &Axis) -> Result<(), String> {
    let first = first_words(axis);
    let Recipe { prompt, negative_prompt, .. } = &base.recipe;
    if prompt.contains(first) || negative_prompt.contains(first) {
        return Ok(());
    }
    let what = axis.kind.name();
    if tags::find(first).iter().any(|tag| tag.kind == tags::Kind::Lora) {
        let hint = "LoRA tags are moved from the prompt to the LoRA list; vary “LoRA” or “LoRA weight” instead";
        return Err(format!("{what}: “{first}” is not in the prompt. {hint}."));
    }
    Err(format!(
        "{what}: “{first}” is not in the prompt. The first value must be text from the prompt; the other values replace it."
    ))
}

fn first_words(axis: &Axis) -> &str {
    axis.values.first().map(|value| value.label.as_str()).unwrap_or_default()
}

struct Cell<'a> {
    base: &'a Base,
    checkpoint: &'a Checkpoint,
    recipe: Recipe,
    /// What the axes set; it goes before all else.
    set: Settings,
    /// The LoRA of the axis, which the catalogue knows and the recipe need not.
    varied: Option<&'a Lora>,
    /// Which of the recipe's LoRAs a weight is for.
    weighed: Option<usize>,
}

impl<'a> Cell<'a> {
    fn new(base: &'a Base) -> Self {
        let weighed = (!base.recipe.loras.is_empty()).then_some(0);
        let (checkpoint, recipe, set) = (&base.checkpoint, base.recipe.clone(), Settings::default());
        Self { base, checkpoint, recipe, set, varied: None, weighed }
    }

    fn change(&mut self, axis: &Axis, change: &'a Change) {
        match change {
            Change::Checkpoint(checkpoint) => self.checkpoint = checkpoint,
            Change::Lora(lora) => self.vary(axis, lora.as_deref()),
            Change::Weight(weight) => self.weigh(*weight),
            Change::Set(settings) => self.set = settings.or(&self.set),
            Change::Seed(seed) => self.recipe.seed = Some(*seed),
            Change::Words(words) => {
                let first = first_words(axis);
                for text in [&mut self.recipe.prompt, &mut self.recipe.negative_prompt] {
                    *text = text.replace(first, words);
                }
            }
        }
    }

    /// Where the recipe has a LoRA of the axis, its row is the one that varies; else there is one more.
    fn vary(&mut self, axis: &Axis, lora: Option<&'a Lora>) {
        let varies = |used: &LoraUse| axis.loras().any(|id| id == used.model.id);
        let rows = &mut self.recipe.loras;
        let at = rows.iter().position(varies).unwrap_or(rows.len());
        let own = lora.and_then(|lora| rows.iter().find(|used| used.model.id == lora.model.id).cloned());
        rows.retain(|used| !varies(used));
        (self.varied, self.weighed) = (lora, lora.map(|_| at));
        if let Some(lora) = lora {
            rows.insert(at, own.unwrap_or_else(|| used(lora)));
        }
    }

    fn weigh(&mut self, weight: f64) {
        if let Some(row) = self.weighed.and_then(|at| self.recipe.loras.get_mut(at)) {
            (row.weight, row.clip_weight) = (weight, None);
        }
    }

    fn finish(mut self) -> Result<Recipe, String> {
        let Checkpoint { model, target, defaults } = self.checkpoint;
        self.recipe.settings = self.set.or(&self.base.set).or(defaults).effective();
        self.recipe.checkpoint = model.clone();
        let long = self.recipe.settings.too_long(target.base.as_deref());
        let mut wrong: Vec<String> = long.iter().map(|refused| refused.sentence()).collect();
        wrong.extend(self.misfits());
        if self.recipe.prompt.chars().count() > LONGEST_PROMPT {
            wrong.push(format!("The prompt would exceed {LONGEST_PROMPT} characters."));
        }
        if wrong.is_empty() { Ok(self.recipe) } else { Err(wrong.join(" ")) }
    }

    /// LoRAs that do not fit. What the recipe itself has beside its own checkpoint a person has put there.
    fn misfits(&self) -> Vec<String> {
        let known = self.base.loras.iter();
        let (own, varied) = (self.checkpoint.model.id == self.base.checkpoint.model.id, self.varied);
        let is_own = |lora: &&Lora| known.clone().any(|known| known.model.id == lora.model.id);
        let is_used = |lora: &&Lora| self.recipe.loras.iter().any(|used| used.model.id == lora.model.id);
        let judged = known.clone().filter(|lora| !own && is_used(lora)).chain(varied.filter(|lora| !is_own(lora)));
        let fits = judged.map(|lora| (lora, lora.fit(self.checkpoint)));
        let misfits = fits.filter(|(_, fit)| fit.grade == Grade::Incompatible);
        misfits.map(|(lora, fit)| format!("{} does not fit. {}", lora.model.name, fit.reason)).collect()
    }
}

fn used(lora: &Lora) -> LoraUse {
    LoraUse { model: lora.model.clone(), weight: lora.weight, clip_weight: None }
}
