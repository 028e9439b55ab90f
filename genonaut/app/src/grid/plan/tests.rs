//! What cells come to, without a catalogue.

use genonaut_db::architecture::Target;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::grid::axis::{Change, Value};
use crate::recipe::{LoraUse, Model};

fn model(name: &str) -> Model {
    let id = Uuid::from_u128(name.bytes().fold(7, |id, byte| id * 257 + u128::from(byte)));
    Model { id, name: name.to_owned(), path: format!("{name}.safetensors"), hashes: None }
}

fn checkpoint(name: &str, base: &str, steps: u32) -> Checkpoint {
    let target = Target { names: vec![name.to_owned()], base: Some(base.to_owned()), label: name.to_owned() };
    Checkpoint { model: model(name), target, defaults: Settings { steps: Some(steps), ..Settings::default() } }
}

fn lora(name: &str, base: &str) -> Lora {
    Lora { model: model(name), weight: 0.6, bases: vec![base.to_owned()], optimal_checkpoints: Vec::new() }
}

/// A recipe of an SD 1.5 checkpoint, with these LoRAs at half weight.
fn base(loras: &[Lora]) -> Base {
    let checkpoint = checkpoint("base", "sd1", 20);
    let used = |lora: &Lora| LoraUse { model: lora.model.clone(), weight: 0.5, clip_weight: Some(0.1) };
    let recipe = Recipe {
        prompt: "a red fox".to_owned(),
        negative_prompt: String::new(),
        checkpoint: checkpoint.model.clone(),
        loras: loras.iter().map(used).collect(),
        settings: checkpoint.defaults.effective(),
        vae: None,
        seed: Some(5),
        resolved: Vec::new(),
    };
    Base { checkpoint, recipe, set: Settings::default(), loras: loras.to_vec() }
}

fn axis(kind: Kind, values: Vec<(String, Change)>) -> Axis {
    Axis { kind, values: values.into_iter().map(|(label, change)| Value { label, change }).collect() }
}

fn steps(values: &[u32]) -> Axis {
    let set = |steps: &u32| Change::Set(Box::new(Settings { steps: Some(*steps), ..Settings::default() }));
    axis(Kind::Steps, values.iter().map(|steps| (steps.to_string(), set(steps))).collect())
}

fn seeds(count: i64) -> Axis {
    axis(Kind::Seed, (0..count).map(|seed| (seed.to_string(), Change::Seed(seed))).collect())
}

fn weights(values: &[f64]) -> Axis {
    axis(Kind::Weight, values.iter().map(|weight| (weight.to_string(), Change::Weight(*weight))).collect())
}

fn loras(values: &[Option<Lora>]) -> Axis {
    let label = |lora: &Option<Lora>| lora.as_ref().map_or("No LoRA".to_owned(), |lora| lora.model.name.clone());
    axis(Kind::Lora, values.iter().map(|lora| (label(lora), Change::Lora(lora.clone().map(Box::new)))).collect())
}

fn checkpoints(values: &[Checkpoint]) -> Axis {
    let value = |model: &Checkpoint| (model.model.name.clone(), Change::Checkpoint(Box::new(model.clone())));
    axis(Kind::Checkpoint, values.iter().map(value).collect())
}

fn words(values: &[&str]) -> Axis {
    axis(Kind::Prompt, values.iter().map(|text| ((*text).to_owned(), Change::Words((*text).to_owned()))).collect())
}

/// The recipe of each cell, or why there is none.
fn cells(plan: &Plan) -> Vec<Result<&Recipe, String>> {
    plan.cells.iter().map(|cell| cell.clone().map(|at| &plan.jobs[at])).collect()
}

/// Names and weights of the LoRAs of each cell.
fn rows(plan: &Plan) -> Vec<Vec<(String, f64)>> {
    let row = |used: &LoraUse| (used.model.name.clone(), used.weight);
    cells(plan).into_iter().map(|cell| cell.unwrap().loras.iter().map(row).collect()).collect()
}

#[test]
fn x_runs_fastest_and_all_cells_share_the_seed() {
    let plan = Plan::new(&base(&[]), vec![steps(&[10, 20]), words(&["red", "blue"])]).unwrap();
    let cells: Vec<_> = cells(&plan).into_iter().map(|cell| cell.unwrap()).collect();
    let seen: Vec<_> = cells.iter().map(|cell| (cell.settings.steps, cell.prompt.as_str())).collect();
    assert_eq!(seen, [(10, "a red fox"), (20, "a red fox"), (10, "a blue fox"), (20, "a blue fox")]);
    assert!(cells.iter().all(|cell| cell.seed == Some(5)));
    assert_eq!(plan.axes[1].labels, ["red", "blue"]);
}

#[test]
fn what_a_person_has_not_set_follows_each_checkpoint() {
    let both = checkpoints(&[checkpoint("a", "sd1", 30), checkpoint("b", "sd1", 40)]);
    let mut base = base(&[]);
    base.set.cfg = Some(3.0);
    let plan = Plan::new(&base, vec![both.clone()]).unwrap();
    let seen: Vec<_> = plan.jobs.iter().map(|job| (job.settings.steps, job.settings.cfg)).collect();
    assert_eq!(seen, [(30, 3.0), (40, 3.0)]);
    base.set.steps = Some(12);
    assert!(Plan::new(&base, vec![both]).unwrap().jobs.iter().all(|job| job.settings.steps == 12));
}

#[test]
fn jobs_of_one_checkpoint_are_together_in_the_queue() {
    let both = checkpoints(&[checkpoint("a", "sd1", 30), checkpoint("b", "sd1", 40)]);
    let plan = Plan::new(&base(&[]), vec![both, seeds(3)]).unwrap();
    let order: Vec<_> = plan.jobs.iter().map(|job| job.checkpoint.name.as_str()).collect();
    assert_eq!(order, ["a", "a", "a", "b", "b", "b"]);
    let first_row: Vec<_> =
        cells(&plan)[..2].iter().map(|cell| cell.as_ref().unwrap().checkpoint.name.as_str()).collect();
    assert_eq!(first_row, ["a", "b"]);
}

#[test]
fn a_lora_of_the_axis_takes_its_own_row_or_one_more() {
    let (film, glow, ink) = (lora("film", "sd1"), lora("glow", "sd1"), lora("ink", "sd1"));
    let own = base(&[film.clone(), ink.clone()]);
    let plan = Plan::new(&own, vec![loras(&[Some(film), Some(glow.clone()), None])]).unwrap();
    let row = |name: &str, weight| (name.to_owned(), weight);
    let expected =
        [vec![row("film", 0.5), row("ink", 0.5)], vec![row("glow", 0.6), row("ink", 0.5)], vec![row("ink", 0.5)]];
    assert_eq!(rows(&plan), expected);
    let plan = Plan::new(&base(&[ink]), vec![loras(&[Some(glow)])]).unwrap();
    assert_eq!(rows(&plan), [vec![row("ink", 0.5), row("glow", 0.6)]]);
}

#[test]
fn a_weight_is_for_the_lora_that_varies_else_for_the_first() {
    let (film, glow) = (lora("film", "sd1"), lora("glow", "sd1"));
    let plan = Plan::new(&base(std::slice::from_ref(&film)), vec![weights(&[0.2, 0.9])]).unwrap();
    assert_eq!(rows(&plan), [[("film".to_owned(), 0.2)], [("film".to_owned(), 0.9)]]);
    assert_eq!(plan.jobs[0].loras[0].clip_weight, None);
    let plan = Plan::new(&base(&[film]), vec![weights(&[0.2]), loras(&[Some(glow)])]).unwrap();
    assert_eq!(rows(&plan), [[("film".to_owned(), 0.5), ("glow".to_owned(), 0.2)]]);
    let none = Plan::new(&base(&[]), vec![weights(&[0.2])]).unwrap_err();
    assert!(none.contains("add a LoRA to the recipe"), "{none}");
}

#[test]
fn cells_that_come_to_the_same_are_made_once() {
    let plan =
        Plan::new(&base(&[]), vec![weights(&[0.2, 0.5, 0.9]), loras(&[None, Some(lora("film", "sd1"))])]).unwrap();
    assert_eq!((plan.cells.len(), plan.images()), (6, 4));
    assert_eq!(plan.cells[..3], [Ok(0), Ok(0), Ok(0)]);
}

#[test]
fn a_cell_that_cannot_be_made_says_why() {
    let both = checkpoints(&[checkpoint("base", "sd1", 20), checkpoint("big", "sdxl", 30)]);
    let film = lora("film", "sd1");
    let plan = Plan::new(&base(std::slice::from_ref(&film)), vec![both.clone()]).unwrap();
    assert_eq!((plan.images(), plan.empty()), (1, 1));
    assert_eq!(cells(&plan)[1].clone().unwrap_err(), "film does not fit. Made for SD 1.5, but big is SDXL.");
    let mut wide = base(&[]);
    wide.set.width = Some(3072);
    let plan = Plan::new(&wide, vec![both]).unwrap();
    assert_eq!(cells(&plan)[0].clone().unwrap_err(), "Width must be at most 2048 with SD 1.5, not “3072”.");
    assert!(cells(&plan)[1].is_ok());
    let none = Plan::new(&base(&[]), vec![loras(&[Some(lora("xl", "sdxl"))])]).unwrap_err();
    assert!(none.starts_with("No cell can be generated.") && none.contains("xl does not fit"), "{none}");
}

/// Somebody who has put a LoRA beside a checkpoint of another kind was told, and wants it.
#[test]
fn what_the_recipe_has_already_is_made() {
    let odd = lora("odd", "sdxl");
    let plan = Plan::new(&base(std::slice::from_ref(&odd)), vec![steps(&[10, 20])]).unwrap();
    assert_eq!(plan.empty(), 0);
    assert_eq!(Plan::new(&base(std::slice::from_ref(&odd)), vec![loras(&[Some(odd), None])]).unwrap().empty(), 0);
}

#[test]
fn grids_that_are_none_are_refused() {
    for (axes, says) in [
        (vec![], "one to three settings"),
        (vec![steps(&[1]), seeds(2), words(&["red"]), weights(&[1.0])], "one to three settings"),
        (vec![steps(&[1]), steps(&[2])], "Steps is chosen twice"),
        (vec![seeds(21), steps(&(1..=20).collect::<Vec<_>>())], "21 × 20 = 420 images. A grid can have at most 400"),
        (vec![words(&["green", "blue"])], "“green” is not in the prompt"),
    ] {
        let refused = Plan::new(&base(&[]), axes).unwrap_err();
        assert!(refused.contains(says), "{refused}");
    }
}

proptest! {
    #[test]
    fn every_cell_has_its_own_values(x in 1usize..8, y in 1i64..8, z in 1usize..5) {
        let (x_values, z_values): (Vec<u32>, Vec<_>) = ((1..).take(x).collect(), (1..).take(z).map(f64::from).collect());
        let plan = Plan::new(&base(&[lora("film", "sd1")]), vec![steps(&x_values), seeds(y), weights(&z_values[..z.min(4)])]);
        let plan = plan.unwrap();
        let cells = cells(&plan);
        prop_assert_eq!(cells.len(), plan.images());
        for (place, cell) in cells.into_iter().enumerate() {
            let cell = cell.unwrap();
            prop_assert_eq!(cell.settings.steps, x_values[place % x]);
            prop_assert_eq!(cell.seed, Some((place / x) as i64 % y));
            prop_assert_eq!(cell.loras[0].weight, z_values[place / x / y as usize]);
        }
    }
}
