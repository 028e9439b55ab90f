//! The numbers and choices of a recipe. A setting is one line in the list at the end of this file: from there come
//! its field, its place in addresses, forms, jobs and pictures; what it may be is in
//! [`setting_limits`](genonaut_sources::setting_limits).
//!
//! A person's settings are all optional. What is not set follows the checkpoint, so choosing another one changes
//! its defaults and never what a person has set.

mod sides;
mod value;

use genonaut_db::architecture::{self, Defaults, Variety};
use genonaut_db::checkpoint::Checkpoint;
use genonaut_db::lora::Lora;
use genonaut_db::metadata::Metadata;
use genonaut_sources::picture::samplers;
use genonaut_sources::setting_limits::{self, RECOMMENDED_WEIGHT, Refused, SAMPLER, SIDES, SettingLimit};
use serde_json::{Map, Value};

pub use genonaut_sources::setting_limits::MOST_LORAS;
pub use sides::{Sides, sides};
use value::Setting;

/// Weights that people use, negative ones too.
pub const WEIGHTS: std::ops::RangeInclusive<f64> = setting_limits::WEIGHTS.min..=setting_limits::WEIGHTS.max;
/// Images of one job.
pub const MOST_IMAGES: u32 = 64;
/// Characters.
pub const LONGEST_PROMPT: usize = 5000;

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $fallback:expr;)+) => {
        /// What a person has set; the rest follows the checkpoint.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Settings { $($(#[$doc])* pub $name: Option<$type>,)+ }

        /// What an image is made with.
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct Effective { $($(#[$doc])* pub $name: $type,)+ }

        impl Settings {
            /// Takes a value from a form or an address, by the setting's key or an alias of it. `None` when there is
            /// no such setting. A sampler whose name has a schedule in it (`DPM++ 2M Karras`) sets that too, unless it
            /// is set already.
            ///
            /// # Errors
            /// When the setting may not be that.
            pub fn take(&mut self, key: &str, value: &str) -> Option<Result<(), Refused>> {
                let limit = setting_limits::named(key)?;
                let schedule = if limit.key == SAMPLER.key { samplers::schedule_of(value) } else { None };
                let taken = self.take_one(limit, value);
                if let (Some(schedule), None) = (schedule, &self.scheduler) {
                    self.scheduler = Some(schedule.to_owned());
                }
                taken
            }

            fn take_one(&mut self, limit: &SettingLimit, value: &str) -> Option<Result<(), Refused>> {
                match limit.key {
                    $(stringify!($name) => Some(<$type as Setting>::read(value, limit).map(|value| self.$name = Some(value))),)+
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
    width: u32 = 1024u32;
    height: u32 = 1024u32;
    steps: u32 = 25u32;
    /// Classifier-free guidance scale.
    cfg: f64 = 7.0;
    /// ComfyUI's ids.
    sampler: String = "euler";
    scheduler: String = "normal";
    /// As A1111 counts: 1 skips nothing.
    clip_skip: u32 = 1u32;
}

/// What a checkpoint sets: its own `metadata.defaults`, else its variant's, else its base's, field by field.
pub fn defaults(checkpoint: &Checkpoint) -> Settings {
    own_defaults(&checkpoint.metadata, checkpoint.base.as_deref()).or(&usual(checkpoint))
}

/// The settings that a model's metadata holds, each by its own key; what is no value of its setting too.
pub fn given_defaults(metadata: &Metadata) -> Map<String, Value> {
    let mut given = metadata.get(&["defaults"]).unwrap_or_default();
    setting_limits::canonical_settings(&mut given);
    given
}

/// The values of the metadata that are not used, as no recipe takes them.
pub fn not_used(metadata: &Metadata, base: Option<&str>) -> Vec<Refused> {
    let mut all: Map<String, Value> = metadata.get(&[]).unwrap_or_default();
    setting_limits::canonical_metadata(&mut all);
    let refused = setting_limits::misfits(&all).into_iter().map(|misfit| misfit.refused);
    let own = taken(&given_defaults(metadata));
    refused.chain(sides_of(own.width, own.height).filter_map(|(limit, side)| too_long(limit, base, side))).collect()
}

fn own_defaults(metadata: &Metadata, base: Option<&str>) -> Settings {
    let own = taken(&given_defaults(metadata));
    let fits = |side: &u32| *side <= longest_side(base);
    Settings { width: own.width.filter(fits), height: own.height.filter(fits), ..own }
}

/// What of it is what its setting may be.
fn taken(given: &Map<String, Value>) -> Settings {
    let mut settings = Settings::default();
    for (key, value) in given {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // `not_used` says what is left out.
        let _ = settings.take(key, &text);
    }
    settings
}

fn sides_of(width: Option<u32>, height: Option<u32>) -> impl Iterator<Item = (SettingLimit, u32)> {
    let sides = [(setting_limits::WIDTH, width), (setting_limits::HEIGHT, height)];
    sides.into_iter().filter_map(|(limit, side)| Some((limit, side?)))
}

/// A side that is longer than the architecture makes.
pub fn too_long(limit: SettingLimit, base: Option<&str>, side: u32) -> Option<Refused> {
    let longest = longest_side(base);
    let label = base.map_or("this checkpoint", architecture::label);
    let reason = format!("must be at most {longest} with {label}, not “{side}”");
    (side > longest).then_some(Refused { limit, reason })
}

/// Pixels of the longest side that an architecture makes anything with: four times what it was trained at, where nothing
/// but repetitions comes any more.
pub fn longest_side(base: Option<&str>) -> u32 {
    let trained = base.and_then(|base| architecture::defaults(base).size);
    let longest = SIDES.max as u32;
    trained.map_or(longest, |(width, height)| (width.max(height) * 4).min(longest))
}

impl Effective {
    /// The sides that are longer than the architecture makes.
    pub fn too_long(&self, base: Option<&str>) -> Vec<Refused> {
        let sides = sides_of(Some(self.width), Some(self.height));
        sides.filter_map(|(limit, side)| too_long(limit, base, side)).collect()
    }
}

/// The nearest side, in pixels, that an image can have.
pub fn near_side(pixels: u32) -> u32 {
    let near = (f64::from(pixels) / SIDES.step).round() * SIDES.step;
    near.clamp(SIDES.min, SIDES.max) as u32
}

/// The weight that a LoRA starts from: the model's own word, else 1.
pub fn recommended_weight(lora: &Lora) -> f64 {
    let said: Option<Value> = lora.metadata.get(&[RECOMMENDED_WEIGHT.key]);
    said.and_then(|weight| RECOMMENDED_WEIGHT.check(&weight).ok()?.as_f64()).unwrap_or(1.0)
}

fn usual(checkpoint: &Checkpoint) -> Settings {
    let text = |key: &str| checkpoint.metadata.get::<String>(&[key]);
    let (variant, distilled) = (text("variant"), text("distilled"));
    let given = |texts: [Option<&str>; 2]| texts.into_iter().flatten().map(str::to_owned).collect::<Vec<_>>();
    let spelled = given([checkpoint.architecture.as_deref(), checkpoint.family.as_deref()]);
    let stem = checkpoint.filename.as_deref().map(|file| file.rsplit_once('.').map_or(file, |(stem, _)| stem));
    let names = given([stem, checkpoint.name.as_deref()]);
    let known = architecture::defaults_of(Variety {
        base: checkpoint.base.as_deref(),
        variant: variant.as_deref(),
        distilled: distilled.as_deref(),
        spelled: &spelled.iter().map(String::as_str).collect::<Vec<_>>(),
        names: &names.iter().map(String::as_str).collect::<Vec<_>>(),
    });
    let (width, height) = known.size.unzip();
    let Defaults { steps, cfg, sampler, scheduler, clip_skip, .. } = known;
    Settings { width, height, steps, cfg, sampler, scheduler, clip_skip }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_taken_by_its_key_or_an_alias_and_refused_in_a_sentence() {
        let mut settings = Settings::default();
        for (key, value) in [("width", "832"), ("cfg_scale", "6.5"), ("sampler", "Euler"), ("steps", "150")] {
            assert_eq!(settings.take(key, value), Some(Ok(())), "{key}={value}");
        }
        assert_eq!((settings.cfg, settings.sampler.as_deref()), (Some(6.5), Some("euler")));
        let refused = settings.take("steps", "0").and_then(Result::err).map(|refused| refused.sentence());
        assert_eq!(refused.as_deref(), Some("Steps must be a whole number from 1 to 150, not “0”."));
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
