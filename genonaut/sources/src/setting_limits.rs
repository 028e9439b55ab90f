//! What a setting may be: the one table that the recipe, the model editor, the API, files, grids and the fields of the
//! pages are held to.

mod check;
mod metadata;
mod whole;

use crate::picture::{SAMPLERS, SCHEDULERS};

pub use metadata::{Misfit, canonical_metadata, canonical_settings, misfits};
pub use whole::{whole, whole_text};

/// A setting, and what it may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SettingLimit {
    pub key: &'static str,
    /// As pages call it.
    pub label: &'static str,
    /// What files and other programs call it. Whatever comes in is renamed to the key.
    pub aliases: &'static [&'static str],
    pub allowed: Allowed,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Allowed {
    Number(Range),
    /// Ids with their labels; either is taken, the id is kept.
    Choice(&'static [(&'static str, &'static str)]),
}

/// A value that a setting may not have.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    pub limit: SettingLimit,
    /// What it must be, for behind the setting's name: `must be a number from 0 to 30, not “31”`.
    pub reason: String,
}

/// Numbers from `min` to `max`, both included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    pub min: f64,
    pub max: f64,
    /// What a field's arrows move by.
    pub step: f64,
    /// Only multiples of `step`.
    pub exact: bool,
}

/// Pixels of an image's width and height.
pub const SIDES: Range = Range { min: 64.0, max: 4096.0, step: 8.0, exact: true };
pub const WIDTH: SettingLimit = number("width", "Width", SIDES);
pub const HEIGHT: SettingLimit = SettingLimit { key: "height", label: "Height", ..WIDTH };
pub const STEPS: SettingLimit = number("steps", "Steps", Range { min: 1.0, max: 150.0, step: 1.0, exact: true });
/// Classifier-free guidance scale.
pub const CFG: SettingLimit = SettingLimit {
    aliases: &["cfg_scale"],
    ..number("cfg", "CFG", Range { min: 0.0, max: 30.0, step: 0.1, exact: false })
};
pub const SAMPLER: SettingLimit = choice("sampler", "Sampler", SAMPLERS);
pub const SCHEDULER: SettingLimit = choice("scheduler", "Scheduler", SCHEDULERS);
/// As A1111 counts: 1 skips nothing.
pub const CLIP_SKIP: SettingLimit =
    number("clip_skip", "CLIP skip", Range { min: 1.0, max: 12.0, step: 1.0, exact: true });

/// What a checkpoint's `metadata.defaults` may hold.
pub const DEFAULTS: [SettingLimit; 7] = [WIDTH, HEIGHT, STEPS, CFG, SAMPLER, SCHEDULER, CLIP_SKIP];

/// Weights that people use, negative ones too.
pub const WEIGHTS: Range = Range { min: -4.0, max: 4.0, step: 0.05, exact: false };
/// Of a LoRA in a recipe.
pub const WEIGHT: SettingLimit = number("weight", "Weight", WEIGHTS);
/// The weight that a LoRA starts from.
pub const RECOMMENDED_WEIGHT: SettingLimit = number("recommended_weight", "Recommended weight", WEIGHTS);
/// The part of the weights that sliders cover; an exact value may be any weight.
pub const WEIGHT_SLIDER: Range = Range { min: 0.0, max: 2.0, ..WEIGHTS };
/// LoRAs of a recipe: more than anyone stacks, and few enough to look up.
pub const MOST_LORAS: usize = 32;
/// Of a model, as a person or a file gives it.
pub const RATING: SettingLimit = number("rating", "Rating", Range { min: 0.0, max: 1.0, step: 0.01, exact: false });

const fn number(key: &'static str, label: &'static str, range: Range) -> SettingLimit {
    SettingLimit { key, label, aliases: &[], allowed: Allowed::Number(range) }
}

const fn choice(
    key: &'static str,
    label: &'static str,
    choices: &'static [(&'static str, &'static str)],
) -> SettingLimit {
    SettingLimit { key, label, aliases: &[], allowed: Allowed::Choice(choices) }
}

/// The setting of a checkpoint's defaults that is called so, by its key or an alias.
pub fn named(key: &str) -> Option<&'static SettingLimit> {
    static ALL: [SettingLimit; 7] = DEFAULTS;
    ALL.iter().find(|limit| limit.key == key || limit.aliases.contains(&key))
}

impl SettingLimit {
    /// The numbers it may be; `None` for a choice.
    pub const fn range(&self) -> Option<Range> {
        match self.allowed {
            Allowed::Number(range) => Some(range),
            Allowed::Choice(_) => None,
        }
    }
}
