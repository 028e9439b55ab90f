//! Models as the templates show them: every text ready, every choice made.

use genonaut_db::architecture::{self, Grade, Target};
use genonaut_db::checkpoint::Checkpoint;
use genonaut_db::lora::Lora;
use uuid::Uuid;

use super::{taught, words};

const LONGEST_DESCRIPTION: usize = 240;

/// A checkpoint in the list, or the chosen one.
pub struct CheckpointView {
    pub id: Uuid,
    pub label: String,
    pub base: Option<String>,
    pub rating: Option<String>,
    /// `4.3 from 27 pictures`
    pub stars: Option<String>,
    pub description: String,
    pub picture: Picture,
    /// Its file was not there at the last scan.
    pub missing: bool,
    /// It never had a file.
    pub example: bool,
}

/// A LoRA on a card, or in the recipe.
pub struct LoraView {
    pub id: Uuid,
    pub label: String,
    pub bases: String,
    pub rating: Option<String>,
    /// `4.3 from 27 pictures`
    pub stars: Option<String>,
    pub description: String,
    pub words: Vec<Word>,
    pub weight: Option<String>,
    pub fit: Option<FitView>,
    pub added: bool,
    pub picture: Picture,
    /// Its file was not there at the last scan.
    pub missing: bool,
    /// It never had a file.
    pub example: bool,
}

/// A trigger word; pressed when it is in the prompt.
pub struct Word {
    pub text: String,
    pub pressed: bool,
}

/// How it fits the chosen checkpoint.
pub struct FitView {
    pub word: &'static str,
    pub colour: &'static str,
    pub reason: String,
    /// It may be added all the same, but not without saying so.
    pub warns: bool,
}

/// The picture beside a model's file, and what stands in for it: the same model always gets the same one.
pub struct Picture {
    pub hue: u32,
    pub motif: u32,
    pub preview: Option<String>,
}

impl From<&Checkpoint> for CheckpointView {
    fn from(model: &Checkpoint) -> Self {
        let base = model.base.as_deref().map(architecture::label).or(model.architecture.as_deref());
        Self {
            id: model.id,
            label: model.label().to_owned(),
            base: base.map(str::to_owned),
            rating: rating(model.rating),
            stars: taught::stars(model.average_stars(), model.rated_pictures),
            description: shortened(model.description.as_deref()),
            missing: model.missing_since.is_some(),
            example: model.example,
            picture: Picture::new(model.label(), model.preview.as_deref()),
        }
    }
}

impl LoraView {
    /// `target` is the chosen checkpoint; without one there is nothing to fit.
    pub fn new(model: &Lora, target: Option<&Target>, prompt: &str) -> Self {
        Self {
            id: model.id,
            label: model.label().to_owned(),
            bases: bases(model),
            rating: rating(model.rating),
            stars: taught::stars(model.average_stars(), model.rated_pictures),
            description: shortened(model.description.as_deref()),
            missing: model.missing_since.is_some(),
            example: model.example,
            words: model.trigger_words.iter().map(|word| Word::new(word.clone(), prompt)).collect(),
            weight: model.metadata.get::<f64>(&["recommended_weight"]).map(|weight| format!("{weight:.2}")),
            fit: target.map(|target| FitView::new(model, target)),
            added: false,
            picture: Picture::new(model.label(), model.preview.as_deref()),
        }
    }

    pub fn all_words(&self) -> String {
        let words: Vec<_> = self.words.iter().map(|word| word.text.as_str()).collect();
        shortened(Some(&words.join(", ")))
    }

    pub fn warns(&self) -> bool {
        self.fit.as_ref().is_some_and(|fit| fit.warns)
    }
}

impl Word {
    pub fn new(text: String, prompt: &str) -> Self {
        Self { pressed: words::has(prompt, &text), text }
    }
}

impl FitView {
    fn new(model: &Lora, target: &Target) -> Self {
        let fit = model.fit(target);
        let (word, colour) = match fit.grade {
            Grade::Optimal if fit.conflict => ("Conflict", "warn"),
            Grade::Optimal => ("Optimal", "good"),
            Grade::Compatible => ("Compatible", "info"),
            Grade::Partial => ("Partial", "warn"),
            Grade::Unknown => ("Unknown fit", ""),
            Grade::Incompatible => ("Incompatible", "bad"),
        };
        Self { word, colour, reason: fit.reason, warns: fit.grade == Grade::Incompatible }
    }
}

impl Picture {
    pub fn new(label: &str, preview: Option<&str>) -> Self {
        let number = fingerprint(label);
        Self { hue: number % 12, motif: number / 12 % 4, preview: preview.map(str::to_owned) }
    }
}

/// A rating from 0 to 1 as stars of five, the scale of images: 1 star is 0, and 5 are 1 (`learned_rating` in the database).
pub fn of_five(rating: f64) -> String {
    format!("{:.1}", ((1.0 + 4.0 * rating) * 10.0).round() / 10.0)
}

/// The choices of a filter by rating: value, label, and whether it is chosen. What a link chose is one of them.
pub fn min_ratings(chosen: Option<&f64>) -> Vec<(String, String, bool)> {
    let usual = [0.75, 0.875];
    let mut all = usual.to_vec();
    all.extend(chosen.filter(|chosen| !usual.contains(chosen)));
    all.sort_by(f64::total_cmp);
    let label = |rating: f64| format!("{} stars and up", of_five(rating).trim_end_matches(".0"));
    let rated = all.into_iter().map(|rating| (rating.to_string(), label(rating), chosen == Some(&rating)));
    std::iter::once((String::new(), "Any".to_owned(), chosen.is_none())).chain(rated).collect()
}

/// FNV-1a: the same on every machine and in every version, which the standard hasher is not.
pub fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn bases(model: &Lora) -> String {
    let known: Vec<_> = model.bases.iter().map(|base| architecture::label(base)).collect();
    if known.is_empty() { model.compatible_architectures.join(" · ") } else { known.join(" · ") }
}

fn rating(rating: Option<f64>) -> Option<String> {
    rating.map(of_five)
}

fn shortened(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let mut short: String = text.chars().take(LONGEST_DESCRIPTION).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    #[test]
    fn ratings_of_models_have_the_scale_of_images() {
        let shown = [0.0, 0.5, 0.75, 0.875, 0.93, 0.95, 1.0].map(super::of_five);
        assert_eq!(shown, ["1.0", "3.0", "4.0", "4.5", "4.7", "4.8", "5.0"]);
    }
}
