//! Size, sampling and seed as the form shows them.

use form_urlencoded::Serializer;
use genonaut_db::architecture;
use genonaut_db::checkpoint::Checkpoint;
use genonaut_sources::picture::{SAMPLERS, SCHEDULERS};

use super::query::Recipe;
use super::taught::{Highest, Taught};
use crate::settings::{self, Effective, Settings};

pub struct Sampling {
    pub effective: Effective,
    /// The checkpoint's values, for the form to send along.
    pub follows: String,
    /// A person has set something.
    pub changed: bool,
    pub sizes: Vec<Size>,
    /// `1.05 MP`, and more when that is a lot for the architecture.
    pub note: String,
    pub has_clip_skip: bool,
    /// Settings that are rated highest with the checkpoint.
    pub highest: Vec<Highest>,
    /// Pixels.
    pub longest_side: u32,
}

/// An aspect ratio to choose.
pub struct Size {
    pub label: String,
    pub name: String,
    pub value: String,
    pub chosen: bool,
    /// The little shape's sides, in a box of 16.
    pub shape: (u32, u32),
}

impl Sampling {
    pub fn new(recipe: &Recipe, defaults: &Settings, checkpoint: Option<&Checkpoint>, taught: &Taught) -> Self {
        let effective = recipe.settings.or(defaults).effective();
        let base = checkpoint.and_then(|checkpoint| checkpoint.base.as_deref());
        let native = base.and_then(|base| architecture::defaults(base).size);
        let follows = defaults.effective();
        let native = native.unwrap_or((follows.width, follows.height));
        Self {
            highest: taught.settings(&effective),
            longest_side: settings::longest_side(base),
            sizes: sizes(native, &effective),
            note: note(native, &effective, base),
            has_clip_skip: base.is_none_or(|base| architecture::defaults(base).clip_skip.is_some()),
            changed: recipe.settings != Settings::default() || recipe.vae.is_some(),
            follows: Serializer::new(String::new()).extend_pairs(Settings::from(&follows).pairs()).finish(),
            effective,
        }
    }

    /// The size of the aspect ratio that is chosen; empty where it is none of those offered.
    pub fn ratio(&self) -> &str {
        self.sizes.iter().find(|size| size.chosen).map(|size| size.value.as_str()).unwrap_or_default()
    }

    pub fn samplers(&self) -> &'static [(&'static str, &'static str)] {
        SAMPLERS
    }

    pub fn schedulers(&self) -> &'static [(&'static str, &'static str)] {
        SCHEDULERS
    }
}

fn sizes(native: (u32, u32), now: &Effective) -> Vec<Size> {
    let size = |sides: settings::Sides| {
        let (a, b) = sides.ratio;
        let longest = a.max(b);
        let off = f64::from(now.width) / f64::from(now.height) - f64::from(a) / f64::from(b);
        Size {
            label: format!("{a}:{b}"),
            name: format!("{a} to {b}, {} by {} pixels", sides.width, sides.height),
            value: format!("{}x{}", sides.width, sides.height),
            chosen: off.abs() < 0.05,
            shape: (a * 15 / longest, b * 15 / longest),
        }
    };
    settings::sides(native).map(size).into()
}

fn note((width, height): (u32, u32), now: &Effective, base: Option<&str>) -> String {
    let pixels = |width, height| f64::from(width) * f64::from(height) / 1e6;
    let (now, best) = (pixels(now.width, now.height), pixels(width, height));
    let label = base.map_or("the usual", architecture::label);
    let warning = match now / best {
        share if share > 1.8 => format!(" · larger than usual for {label}"),
        share if share < 0.4 => format!(" · smaller than usual for {label}"),
        _ => String::new(),
    };
    format!("{now:.2} MP{warning}")
}
