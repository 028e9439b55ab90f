//! What can vary along an axis, and how it is called.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// In the order in which a cell's values are applied: what a checkpoint brings along comes before what is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Checkpoint,
    Lora,
    /// Weight of the varied LoRA, else of the first LoRA of the recipe.
    Weight,
    Cfg,
    Steps,
    Sampler,
    Scheduler,
    Seed,
    ClipSkip,
    /// The first value is text from the prompt; the others replace it.
    Prompt,
}

impl Kind {
    pub const ALL: [Self; 10] = [
        Self::Checkpoint,
        Self::Lora,
        Self::Weight,
        Self::Cfg,
        Self::Steps,
        Self::Sampler,
        Self::Scheduler,
        Self::Seed,
        Self::ClipSkip,
        Self::Prompt,
    ];

    /// As forms, addresses and the API have it; for settings it is the setting's own name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::Lora => "lora",
            Self::Weight => "weight",
            Self::Cfg => "cfg",
            Self::Steps => "steps",
            Self::Sampler => "sampler",
            Self::Scheduler => "scheduler",
            Self::Seed => "seed",
            Self::ClipSkip => "clip_skip",
            Self::Prompt => "prompt",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Checkpoint => "Checkpoint",
            Self::Lora => "LoRA",
            Self::Weight => "LoRA weight",
            Self::Cfg => "CFG scale",
            Self::Steps => "Steps",
            Self::Sampler => "Sampler",
            Self::Scheduler => "Scheduler",
            Self::Seed => "Seed",
            Self::ClipSkip => "Clip skip",
            Self::Prompt => "Prompt text",
        }
    }

    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// How values of this kind are written.
pub const fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Checkpoint => "Names, one per line",
        Kind::Lora => "Names, one per line; “none” for no LoRA",
        Kind::Weight => "0.4-1.0 by 0.2",
        Kind::Cfg => "5, 7, 9 or 4-8 by 0.5",
        Kind::Steps => "20, 30 or 10-50 by 10",
        Kind::Sampler => "Euler a, DPM++ 2M",
        Kind::Scheduler => "Normal, Karras",
        Kind::Seed => "1, 2, 3 or random, random",
        Kind::ClipSkip => "1-3",
        Kind::Prompt => "text from the prompt, then its replacements",
    }
}

/// An axis of a grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shown {
    pub kind: Kind,
    /// Labels of the values.
    pub labels: Vec<String>,
    /// The recipe's LoRA whose weight varies; missing where another axis says which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

impl Shown {
    /// A value with what it is of, where that does not go without saying: `CFG 7`.
    pub fn caption(&self, at: usize) -> String {
        let label = self.labels.get(at).map(String::as_str).unwrap_or_default();
        match self.kind {
            Kind::Weight => format!("{} {label}", self.of.as_deref().unwrap_or("Weight")),
            Kind::Cfg => format!("CFG {label}"),
            Kind::Steps | Kind::Seed | Kind::ClipSkip => format!("{} {label}", self.kind.name()),
            Kind::Checkpoint | Kind::Lora | Kind::Sampler | Kind::Scheduler | Kind::Prompt => label.to_owned(),
        }
    }

    /// What varies: `LoRA weight (add_detail)`.
    pub fn title(&self) -> String {
        match &self.of {
            Some(of) => format!("{} ({of})", self.kind.name()),
            None => self.kind.name().to_owned(),
        }
    }

    pub fn captions(&self) -> Vec<String> {
        (0..self.labels.len()).map(|at| self.caption(at)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_called_by_its_lora() {
        let labels = vec!["0.8".to_owned()];
        let own = Shown { kind: Kind::Weight, labels: labels.clone(), of: Some("add_detail".to_owned()) };
        assert_eq!((own.caption(0), own.title()), ("add_detail 0.8".to_owned(), "LoRA weight (add_detail)".to_owned()));
        let other = Shown { kind: Kind::Weight, labels, of: None };
        assert_eq!((other.caption(0), other.title()), ("Weight 0.8".to_owned(), "LoRA weight".to_owned()));
    }

    #[test]
    fn a_kind_is_found_by_its_word_which_is_how_it_is_kept() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of(kind.word()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
        assert_eq!(Kind::of("nothing"), None);
    }
}
