//! What each cell of a grid is made from, and which cells stay empty.

use genonaut_db::{DbError, PgPool, checkpoint, lora};

use super::MOST_CELLS;
use super::axis::{Axis, Value};
use super::cell;
use super::kind::{Kind, Shown};
use super::models::{Checkpoint, Lora};
use crate::recipe::{Recipe, random_seed};
use crate::settings::{MOST_LORAS, Settings};

/// What all cells have in common.
#[derive(Debug, Clone)]
pub struct Base {
    pub checkpoint: Checkpoint,
    /// With a seed.
    pub recipe: Recipe,
    /// What a person has set, and no checkpoint changes.
    pub set: Settings,
    /// Those of the recipe that the catalogue knows.
    pub loras: Vec<Lora>,
}

impl Base {
    /// `None` when the checkpoint is gone. Draws a seed where there is none, for all cells to share.
    pub async fn load(db: &PgPool, recipe: Recipe, set: Settings) -> Result<Option<Self>, DbError> {
        let Some(checkpoint) = checkpoint::find(db, recipe.checkpoint.id).await? else { return Ok(None) };
        let mut loras = Vec::new();
        for used in &recipe.loras {
            loras.extend(lora::find(db, used.model.id).await?.map(Lora::from));
        }
        let recipe = Recipe { seed: Some(recipe.seed.unwrap_or_else(random_seed)), ..recipe };
        Ok(Some(Self { checkpoint: checkpoint.into(), recipe, set, loras }))
    }
}

/// A grid, whole, before anything is queued.
#[derive(Debug, Clone)]
pub struct Plan {
    pub axes: Vec<Shown>,
    pub recipe: Recipe,
    /// In the order of the queue: those of one checkpoint together, because loading another takes longest.
    pub jobs: Vec<Recipe>,
    /// Along x first, then y, then z: which job makes it, or why none does.
    pub cells: Vec<Result<usize, String>>,
}

impl Plan {
    /// # Errors
    /// Why there is no such grid, for a person.
    pub fn new(base: &Base, axes: Vec<Axis>) -> Result<Self, String> {
        check(base, &axes)?;
        let made = all(&axes).map(|values| cell::make(base, &axes, &values)).collect();
        let (jobs, cells) = queue(made);
        if let (true, Some(Err(reason))) = (jobs.is_empty(), cells.first()) {
            return Err(format!("No cell can be generated. First problem: {reason}"));
        }
        Ok(Self { axes: shown(base, &axes), recipe: base.recipe.clone(), jobs, cells })
    }

    /// How many are made; cells that come to the same share one.
    pub fn images(&self) -> usize {
        self.jobs.len()
    }

    /// Steps by pixels of all images, which is what they take long by.
    pub fn work(&self) -> f64 {
        let each = self.jobs.iter().map(|job| &job.settings);
        each.map(|job| f64::from(job.width) * f64::from(job.height) * f64::from(job.steps)).sum()
    }

    pub fn empty(&self) -> usize {
        self.cells.iter().filter(|cell| cell.is_err()).count()
    }
}

/// With the name of the LoRA whose weight varies, where no axis names it.
fn shown(base: &Base, axes: &[Axis]) -> Vec<Shown> {
    let is_named = axes.iter().any(|axis| axis.kind == Kind::Lora);
    let first = base.recipe.loras.first().filter(|_| !is_named).map(|lora| lora.model.name.clone());
    let of = |axis: &Axis| first.clone().filter(|_| axis.kind == Kind::Weight);
    axes.iter().map(|axis| Shown { of: of(axis), ..axis.shown() }).collect()
}

fn check(base: &Base, axes: &[Axis]) -> Result<(), String> {
    if !(1..=3).contains(&axes.len()) {
        return Err("Choose one to three settings to vary.".to_owned());
    }
    let has = |kind: Kind| axes.iter().find(|axis| axis.kind == kind);
    let twice = axes.iter().find(|axis| axes.iter().filter(|other| other.kind == axis.kind).count() > 1);
    if let Some(axis) = twice {
        return Err(format!("{} is chosen twice. Put all its values in one field.", axis.kind.name()));
    }
    let count = axes.iter().map(|axis| axis.values.len()).product::<usize>();
    if count > MOST_CELLS {
        let sides: Vec<_> = axes.iter().map(|axis| axis.values.len().to_string()).collect();
        return Err(format!("{} = {count} images. A grid can have at most {MOST_CELLS}.", sides.join(" × ")));
    }
    if has(Kind::Weight).is_some() && has(Kind::Lora).is_none() && base.recipe.loras.is_empty() {
        return Err("LoRA weight: add a LoRA to the recipe or vary LoRA.".to_owned());
    }
    if has(Kind::Lora).is_some() && base.recipe.loras.len() >= MOST_LORAS {
        return Err(format!("LoRA: the recipe already has the maximum of {MOST_LORAS} LoRAs."));
    }
    has(Kind::Prompt).map_or(Ok(()), |axis| cell::check_words(base, axis))
}

/// All combinations, x running fastest.
fn all(axes: &[Axis]) -> impl Iterator<Item = Vec<&Value>> {
    let count = axes.iter().map(|axis| axis.values.len()).product();
    (0..count).map(move |place| {
        let mut rest = place;
        let value = |axis: &'_ Axis| {
            let at = rest % axis.values.len();
            rest /= axis.values.len();
            at
        };
        let at: Vec<_> = axes.iter().map(value).collect();
        axes.iter().zip(at).filter_map(|(axis, at)| axis.values.get(at)).collect()
    })
}

/// Each recipe once, by checkpoint, and for each cell which one it is.
fn queue(made: Vec<Result<Recipe, String>>) -> (Vec<Recipe>, Vec<Result<usize, String>>) {
    let mut checkpoints = Vec::new();
    let mut jobs: Vec<Recipe> = Vec::new();
    for recipe in made.iter().flatten() {
        if !checkpoints.contains(&recipe.checkpoint.id) {
            checkpoints.push(recipe.checkpoint.id);
        }
        if !jobs.contains(recipe) {
            jobs.push(recipe.clone());
        }
    }
    jobs.sort_by_key(|recipe| checkpoints.iter().position(|id| *id == recipe.checkpoint.id));
    let place = |recipe| jobs.iter().position(|job| *job == recipe).unwrap_or_default();
    let cells = made.into_iter().map(|cell| cell.map(place)).collect();
    (jobs, cells)
}

#[cfg(test)]
mod tests;
