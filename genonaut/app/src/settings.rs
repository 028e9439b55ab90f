//! The numbers and choices of a recipe. A setting is one line in the list at the end of this file: from there come
//! its field, its limits, its place in addresses, forms, jobs and pictures.
//!
//! A person's settings are all optional. What is not set follows the checkpoint, so choosing another one changes
//! its defaults and never what a person has set.

mod limits;
mod names;

use genonaut_db::architecture::{self, Defaults};
use genonaut_db::checkpoint::Checkpoint;
use genonaut_db::lora::Lora;
use genonaut_sources::picture::{SAMPLERS, SCHEDULERS};

pub use limits::{Limits, Sides, sides};
use limits::{Setting, Words};

/// Weights that people use, negative ones too.
pub const WEIGHTS: std::ops::RangeInclusive<f64> = -4.0..=4.0;
/// More LoRAs than anyone stacks, and few enough to look up one by one.
pub const MOST_LORAS: usize = 32;
/// Images of one job.
pub const MOST_IMAGES: u32 = 64;
/// Characters.
pub const LONGEST_PROMPT: usize = 5000;

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $fallback:expr, $limits:expr;)+) => {
        /// What a person has set; the rest follows the checkpoint.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Settings { $($(#[$doc])* pub $name: Option<$type>,)+ }

        /// What an image is made with.
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct Effective { $($(#[$doc])* pub $name: $type,)+ }

        impl Settings {
            /// Takes a value from a form or an address. `None` when there is no such setting. A sampler whose name has a
            /// schedule in it (`DPM++ 2M Karras`) sets that too, unless it is set already.
            ///
            /// # Errors
            /// Why the value cannot be taken, for a person.
            pub fn take(&mut self, key: &str, value: &str) -> Option<Result<(), String>> {
                let schedule = if key == "sampler" { names::schedule_of(value) } else { None };
                let taken = self.take_one(key, value);
                if let (Some(schedule), None) = (schedule, &self.scheduler) {
                    self.scheduler = Some(schedule.to_owned());
                }
                taken
            }

            fn take_one(&mut self, key: &str, value: &str) -> Option<Result<(), String>> {
                match key {
                    $(stringify!($name) => Some(<$type as Setting>::read(value, $limits, stringify!($name)).map(|value| self.$name = Some(value))),)+
                    _ => None,
                }
            }

            /// Names and values of what is set.
            pub fn pairs(&self) -> Vec<(&'static str, String)> {
                let mut pairs = Vec::new();
                $(if let Some(value) = &self.$name { pairs.push((stringify!($name), Setting::write(value))); })+
                pairs
            }

            /// Where this sets nothing, what `other` sets.
            #[must_use]
            pub fn or(&self, other: &Self) -> Self {
                Self { $($name: self.$name.clone().or_else(|| other.$name.clone()),)+ }
            }

            /// Without what is the same in `other`.
            #[must_use]
            pub fn without(&self, other: &Self) -> Self {
                Self { $($name: self.$name.clone().filter(|value| other.$name.as_ref() != Some(value)),)+ }
            }

            /// What it comes to, where nothing else is known.
            pub fn effective(&self) -> Effective {
                Effective { $($name: self.$name.clone().unwrap_or_else(|| ($fallback).into()),)+ }
            }
        }

        impl From<&Effective> for Settings {
            fn from(all: &Effective) -> Self {
                Self { $($name: Some(all.$name.clone()),)+ }
            }
        }
    };
}

settings! {
    /// Pixels; a multiple of 8.
    width: u32 = 1024u32, Limits { min: 64.0, max: 4096.0, step: 8.0 };
    height: u32 = 1024u32, Limits { min: 64.0, max: 4096.0, step: 8.0 };
    steps: u32 = 25u32, Limits { min: 1.0, max: 150.0, step: 1.0 };
    /// Classifier-free guidance scale.
    cfg: f64 = 7.0, Limits { min: 0.0, max: 30.0, step: 0.1 };
    /// ComfyUI's ids.
    sampler: String = "euler", Words { known: SAMPLERS, other: names::sampler };
    scheduler: String = "normal", Words { known: SCHEDULERS, other: names::scheduler };
    /// As A1111 counts: 1 skips nothing.
    clip_skip: u32 = 1u32, Limits { min: 1.0, max: 12.0, step: 1.0 };
}

/// What a checkpoint sets: its own `metadata.defaults`, else its architecture's, field by field.
pub fn defaults(checkpoint: &Checkpoint) -> Settings {
    let mut own = Settings::default();
    let given: serde_json::Map<String, serde_json::Value> = checkpoint.metadata.get(&["defaults"]).unwrap_or_default();
    for (key, value) in &given {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // What a file says in its own words and cannot be understood is not there.
        let _ = own.take(if key == "cfg_scale" { "cfg" } else { key }, &text);
    }
    own.or(&usual(checkpoint.base.as_deref()))
}

/// Pixels of the longest side that an architecture makes anything with: four times what it was trained at, where nothing
/// but repetitions comes any more.
pub fn longest_side(base: Option<&str>) -> u32 {
    let trained = base.and_then(|base| architecture::defaults(base).size);
    trained.map_or(4096, |(width, height)| (width.max(height) * 4).min(4096))
}

impl Effective {
    /// The sides that are longer than the architecture makes, in pixels.
    pub fn too_long<'a>(&self, base: Option<&'a str>) -> impl Iterator<Item = (&'static str, u32)> + use<'a> {
        let sides = [("width", self.width), ("height", self.height)].into_iter();
        sides.filter(move |(_, side)| *side > longest_side(base))
    }

    /// What is wrong with the size, one sentence for each side.
    pub fn too_long_in_words(&self, base: Option<&str>) -> Vec<String> {
        let (label, longest) = (base.map_or("This checkpoint", architecture::label), longest_side(base));
        let long = self.too_long(base);
        long.map(|(name, side)| format!("{label} makes at most {longest} pixels a side; the {name} is {side}."))
            .collect()
    }
}

/// The nearest side, in pixels, that an image can have.
pub fn near_side(pixels: u32) -> u32 {
    let near = (f64::from(pixels) / 8.0).round() as u32 * 8;
    near.clamp(64, 4096)
}

/// The weight that a LoRA starts from: the model's own word, else 1.
pub fn recommended_weight(lora: &Lora) -> f64 {
    let said: Option<f64> = lora.metadata.get(&["recommended_weight"]);
    said.filter(|weight| WEIGHTS.contains(weight)).unwrap_or(1.0)
}

fn usual(base: Option<&str>) -> Settings {
    let known: Defaults = base.map(architecture::defaults).unwrap_or_default();
    let (width, height) = known.size.unzip();
    let Defaults { steps, cfg, sampler, scheduler, clip_skip, .. } = known;
    Settings { width, height, steps, cfg, sampler, scheduler, clip_skip }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_within_their_limits_only() {
        let mut settings = Settings::default();
        for (key, value) in [("width", "832"), ("cfg", "6.5"), ("sampler", "euler"), ("steps", "150")] {
            assert_eq!(settings.take(key, value), Some(Ok(())), "{key}={value}");
        }
        for (key, value) in [
            ("width", "60"),
            ("width", "833"),
            ("height", "x"),
            ("cfg", "NaN"),
            ("cfg", "31"),
            ("steps", "0"),
            ("steps", "2.5"),
            ("sampler", "no such"),
        ] {
            assert!(settings.take(key, value).is_some_and(|taken| taken.is_err()), "{key}={value}");
        }
        assert_eq!(settings.take("prompt", "x"), None);
        assert_eq!(settings.pairs().len(), 4);
    }

    #[test]
    fn samplers_of_other_programs_bring_their_schedule_along() {
        let read = |pairs: &[(&str, &str)]| {
            let mut settings = Settings::default();
            for (key, value) in pairs {
                assert_eq!(settings.take(key, value), Some(Ok(())), "{key}={value}");
            }
            (settings.sampler.unwrap_or_default(), settings.scheduler.unwrap_or_default())
        };
        let is = |sampler: &str, schedule: &str| (sampler.to_owned(), schedule.to_owned());
        let karras = ("sampler", "DPM++ 2M Karras");
        assert_eq!(read(&[karras]), is("dpmpp_2m", "karras"));
        assert_eq!(read(&[("sampler", "k_euler_a")]), is("euler_ancestral", ""));
        assert_eq!(read(&[("scheduler", "simple"), karras]), is("dpmpp_2m", "simple"));
        assert_eq!(read(&[karras, ("scheduler", "SGM Uniform")]), is("dpmpp_2m", "sgm_uniform"));
        let mut settings = Settings::default();
        assert!(settings.take("sampler", "No such Karras").is_some_and(|taken| taken.is_err()));
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn sides_are_rounded_to_what_images_can_have() {
        assert_eq!([750, 1334, 1, 5000, 832].map(near_side), [752, 1336, 64, 4096, 832]);
    }

    #[test]
    fn the_longest_side_follows_the_architecture() {
        assert_eq!([Some("sd1"), Some("sdxl"), Some("no such"), None].map(longest_side), [2048, 4096, 4096, 4096]);
    }

    #[test]
    fn what_a_person_set_stays_and_the_rest_follows() {
        let person = Settings { steps: Some(12), ..Settings::default() };
        let first = Settings { steps: Some(30), cfg: Some(7.0), ..Settings::default() };
        let both = person.or(&first);
        assert_eq!((both.steps, both.cfg), (Some(12), Some(7.0)));
        assert_eq!(both.without(&first), person);
        assert_eq!(both.effective().width, 1024);
    }
}
