//! What pictures and their stars say of models and settings, in words.

use std::collections::BTreeMap;

use genonaut_db::PgPool;
use genonaut_db::feedback::{self, Count};
use genonaut_sources::picture::{SAMPLERS, SCHEDULERS};
use uuid::Uuid;

use crate::settings::{Effective, Settings};

/// The orders of a list of models, and what they are called.
pub const ORDERS: [(&str, &str); 6] = [
    ("rating", "Best rated"),
    ("best", "Best for you"),
    ("used", "Most used"),
    ("name", "Name"),
    ("newest", "Recently added"),
    ("updated", "Recently updated"),
];

/// A value that somebody rates highest with a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Highest {
    /// A setting's name, or `weight`.
    pub setting: &'static str,
    /// As forms have it.
    pub value: String,
    /// As people call it; a range where several values are counted together.
    pub label: String,
    /// What its button sets, as people call it.
    pub sets: String,
    /// `★ 4.5, 6 images`
    pub stars: String,
    /// It is not what the recipe has.
    pub differs: bool,
}

/// What is rated highest with one checkpoint.
#[derive(Default)]
pub struct Taught {
    weights: BTreeMap<Uuid, Vec<Count>>,
    settings: Vec<Count>,
}

/// `★ 4.3 (27 images)`; nothing without stars.
pub fn stars(average: Option<f64>, pictures: i32) -> Option<String> {
    average.map(|average| format!("★ {} ({})", one_decimal(average), made(pictures)))
}

/// A half goes up, as people round; formatting alone would go to the even digit.
fn one_decimal(average: f64) -> String {
    format!("{:.1}", (average * 10.0).round() / 10.0)
}

/// `1 image`, `27 images`.
pub fn made(pictures: i32) -> String {
    let words = if pictures == 1 { "image" } else { "images" };
    format!("{} {words}", super::models::grouped(pictures.into()))
}

impl Taught {
    pub async fn load(db: &PgPool, checkpoint: Option<Uuid>, loras: &[Uuid]) -> Result<Self, genonaut_db::DbError> {
        let Some(checkpoint) = checkpoint else { return Ok(Self::default()) };
        let mut taught = Self::default();
        for count in feedback::settings(db, checkpoint, loras).await? {
            match count.lora.is_nil() {
                true => taught.settings.push(count),
                false => taught.weights.entry(count.lora).or_default().push(count),
            }
        }
        Ok(taught)
    }

    /// The weight of a LoRA that is rated highest, beside the one it has.
    pub fn weight(&self, lora: Uuid, now: f64) -> Option<Highest> {
        let best = feedback::best(self.weights.get(&lora)?)?;
        let differs = !counts_for("weight", &best.value, now);
        Some(Highest { differs, ..Highest::new("weight", best, label("weight", &best.value)?)? })
    }

    /// Settings that are rated highest, as far as one stands out, in the page's order.
    pub fn settings(&self, now: &Effective) -> Vec<Highest> {
        let now = Settings::from(now).pairs();
        let highest = |setting: &'static str| {
            let counts: Vec<_> = self.settings.iter().filter(|count| count.setting == setting).cloned().collect();
            let best = feedback::best(&counts)?;
            let had = now.iter().find(|(name, _)| *name == setting).map(|(_, value)| value);
            let found = Highest::new(setting, best, label(setting, &best.value)?)?;
            let near = had.and_then(|had| had.parse().ok()).is_some_and(|had| counts_for(setting, &found.value, had));
            Some(Highest { differs: had != Some(&found.value) && !near, ..found })
        };
        ["steps", "cfg", "sampler", "scheduler"].into_iter().filter_map(highest).collect()
    }
}

impl Highest {
    fn new(setting: &'static str, best: &Count, label: String) -> Option<Self> {
        let stars = format!("★ {}, {}", one_decimal(best.average_stars()?), made(best.rated_pictures));
        let sets = called(setting, &best.value)?;
        Some(Self { setting, value: best.value.clone(), label, sets, stars, differs: true })
    }
}

/// The values that are counted together as this one, both ends included: see `feedback_keys`. `None` for what is counted
/// by itself.
fn counted_together(setting: &str, value: &str) -> Option<(String, String)> {
    let middle: f64 = value.parse().ok()?;
    match setting {
        "steps" if middle == 10.0 => Some(("10".to_owned(), "12".to_owned())),
        "steps" if middle > 10.0 => Some((format!("{}", middle - 2.0), format!("{}", middle + 2.0))),
        // To a tenth, as the slider moves; the upper end counts for the next one.
        "cfg" if middle > 0.0 => Some((format!("{:.1}", middle - 0.2), format!("{:.1}", middle + 0.2))),
        "weight" if middle > 0.0 => Some((format!("{:.2}", middle - 0.05), format!("{:.2}", middle + 0.04))),
        "weight" => Some((format!("{:.2}", middle - 0.04), format!("{:.2}", middle + 0.05))),
        _ => None,
    }
}

/// Whether stars of a picture with the value `now` are counted as this one's.
fn counts_for(setting: &str, value: &str, now: f64) -> bool {
    let Ok(middle) = value.parse::<f64>() else { return false };
    let rounded = match setting {
        "weight" => (now * 10.0).round() / 10.0,
        "cfg" => (now * 2.0).round() / 2.0,
        "steps" if now < 10.0 => now.round(),
        "steps" => (now / 5.0).round() * 5.0,
        _ => return false,
    };
    (rounded - middle).abs() < 1e-6
}

/// `None` for a value that this program does not know. Where several values are counted together, from which to which.
pub fn label(setting: &str, value: &str) -> Option<String> {
    match counted_together(setting, value) {
        Some((first, last)) => called(setting, &format!("{first}–{last}")),
        None => called(setting, value),
    }
}

/// The value as people call it; `None` when this program does not know it.
fn called(setting: &str, value: &str) -> Option<String> {
    let named = |known: &[(&str, &str)]| known.iter().find(|(id, _)| *id == value).map(|(_, name)| (*name).to_owned());
    match setting {
        "weight" => Some(value.to_owned()),
        "sampler" => named(SAMPLERS),
        "scheduler" => named(SCHEDULERS),
        "steps" => Some(if value == "1" { "1 step".to_owned() } else { format!("{value} steps") }),
        _ => Some(format!("CFG {value}")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_picture_and_many() {
        let said =
            |stars: i32, rated: i32| super::stars((rated > 0).then(|| f64::from(stars) / f64::from(rated)), rated);
        assert_eq!(said(0, 0), None);
        assert_eq!(said(5, 1).as_deref(), Some("★ 5.0 (1 image)"));
        assert_eq!(said(5, 4).as_deref(), Some("★ 1.3 (4 images)"));
        assert_eq!(said(116, 27).as_deref(), Some("★ 4.3 (27 images)"));
        assert_eq!(said(4800, 1200).as_deref(), Some("★ 4.0 (1,200 images)"));
    }

    #[test]
    fn values_are_called_as_the_page_calls_them() {
        let label = |setting, value| super::label(setting, value);
        assert_eq!(label("sampler", "dpmpp_2m").as_deref(), Some("DPM++ 2M"));
        assert_eq!(label("steps", "30").as_deref(), Some("28–32 steps"));
        assert_eq!(label("steps", "10").as_deref(), Some("10–12 steps"));
        assert_eq!(label("steps", "4").as_deref(), Some("4 steps"));
        assert_eq!(label("cfg", "7.5").as_deref(), Some("CFG 7.3–7.7"));
        assert_eq!(label("weight", "0.6").as_deref(), Some("0.55–0.64"));
        assert_eq!(label("scheduler", "no such"), None);
    }
}
