//! A LoRA of the recipe, with its weights.

use genonaut_db::lora::Lora;

use super::query::Row;
use super::taught::{Highest, Taught};
use super::view::{LoraView, Word};
use super::words;
use crate::settings::recommended_weight;

pub struct RowView {
    pub lora: LoraView,
    /// Words that somebody suggests, and that it does not need.
    pub suggested: Vec<Word>,
    pub weight: String,
    /// On the text encoder.
    pub clip_weight: String,
    pub recommended: String,
    /// It is at another weight than the recommended one.
    pub left: bool,
    pub off: bool,
    /// The weight that is rated highest with the checkpoint.
    pub highest: Option<Highest>,
}

impl RowView {
    pub fn new(lora: &Lora, row: &Row, prompt: &str, view: LoraView, taught: &Taught) -> Self {
        let recommended = recommended_weight(lora);
        let weight = row.weight.unwrap_or(recommended);
        Self {
            lora: LoraView { added: true, ..view },
            suggested: words::suggested(lora).map(|word| Word::new(word, prompt)).collect(),
            weight: written(weight),
            clip_weight: written(row.clip_weight.unwrap_or(weight)),
            recommended: written(recommended),
            left: (weight - recommended).abs() > 1e-6,
            off: row.off,
            highest: taught.weight(lora.id, weight),
        }
    }
}

/// With two digits, or as many as it has.
pub fn written(weight: f64) -> String {
    let short = format!("{weight:.2}");
    let exact = short.parse::<f64>().is_ok_and(|short| (short - weight).abs() < 1e-9);
    if exact { short } else { weight.to_string() }
}
