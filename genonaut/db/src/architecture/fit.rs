//! How well a LoRA fits a checkpoint, in grades, each with its reason in words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::table::TABLE;
use super::{architecture_of, label};

/// Fit of a LoRA with a checkpoint, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// The LoRA lists the checkpoint as optimal.
    Optimal,
    /// Made for the checkpoint's base model.
    Compatible,
    /// Made for a related base model: works, with a weaker effect.
    Partial,
    /// The base model of one of them is unknown.
    Unknown,
    Incompatible,
}

impl Grade {
    pub const ALL: [Self; 5] = [Self::Optimal, Self::Compatible, Self::Partial, Self::Unknown, Self::Incompatible];

    const fn word(self) -> &'static str {
        match self {
            Self::Optimal => "optimal",
            Self::Compatible => "compatible",
            Self::Partial => "partial",
            Self::Unknown => "unknown",
            Self::Incompatible => "incompatible",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The word names no grade.
#[derive(Debug, thiserror::Error)]
#[error("unknown fit; use optimal, compatible, partial, unknown or incompatible")]
pub struct UnknownGrade;

impl FromStr for Grade {
    type Err = UnknownGrade;

    fn from_str(word: &str) -> Result<Self, UnknownGrade> {
        Self::ALL.into_iter().find(|grade| grade.word() == word).ok_or(UnknownGrade)
    }
}

/// The checkpoint that a fit is judged against.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its name and filename.
    pub names: Vec<String>,
    /// Canonical id, when it is known.
    pub base: Option<String>,
    /// What to call it in a reason.
    pub label: String,
}

impl Target {
    /// The keys by which a LoRA names it, as the database keeps them. Nothing is no name.
    pub fn optimal_keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = self.names.iter().map(|name| fits_key_optimal(name)).collect();
        keys.retain(|key| key != "=");
        keys.sort();
        keys.dedup();
        keys
    }
}

/// A grade and its reason, one sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    pub grade: Grade,
    pub reason: String,
    /// It lists the checkpoint as optimal, against its own base models.
    pub conflict: bool,
}

/// Judges a LoRA by its bases (canonical ids) and the checkpoints it names.
pub fn fit(target: &Target, bases: &[String], optimal_checkpoints: &[String]) -> Fit {
    let keys = target.optimal_keys();
    if let Some(name) = optimal_checkpoints.iter().find(|name| keys.contains(&fits_key_optimal(name))) {
        return named(target, bases, name);
    }
    let (grade, reason) = match &target.base {
        _ if bases.is_empty() => (Grade::Unknown, "The base model of this LoRA is unknown.".to_owned()),
        None => (Grade::Unknown, format!("The base model of {} is unknown.", target.label)),
        Some(base) => by_base(target, base, bases),
    };
    Fit { grade, reason, conflict: false }
}

/// Bases whose LoRAs work on a checkpoint of `base` although they were not made for it: relatives of the same
/// architecture (SDXL and Pony), and those the table names (a FLUX.1 LoRA on Chroma, not the other way round).
pub fn partial_bases(base: &str) -> Vec<&'static str> {
    let architecture = architecture_of(base);
    let works = |of: &str| {
        let own = architecture_of(of);
        own == architecture || TABLE.works_on.get(own).is_some_and(|works| works.iter().any(|on| on == architecture))
    };
    let all = TABLE.works_on.keys().chain(TABLE.families.keys());
    all.map(String::as_str).filter(|of| *of != base && works(of)).collect()
}

/// `=` and the checkpoint's name without folder and known extension, ASCII in lower case. In SQL: `checkpoint_key(x)`,
/// see `schema/prelude.sql`.
pub fn fits_key_optimal(name: &str) -> String {
    const KNOWN: [&str; 7] = [".safetensors", ".ckpt", ".gguf", ".pt", ".pth", ".bin", ".sft"];
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    let ending = KNOWN.into_iter().find(|ending| last.ends_with(ending));
    let stem = ending.and_then(|ending| last.strip_suffix(ending)).unwrap_or(&last);
    format!("={stem}")
}

/// The person's word wins; where it goes against the architecture, that is said.
fn named(target: &Target, bases: &[String], name: &str) -> Fit {
    let judged = target.base.as_ref().filter(|_| !bases.is_empty()).map(|base| (base, by_base(target, base, bases).0));
    let (reason, conflict) = match judged {
        Some((base, Grade::Incompatible)) => {
            let (made_for, of) = (labels(bases), label(base));
            (format!("Lists {name} as its best checkpoint, but is made for {made_for}, not {of}."), true)
        }
        _ => (format!("Lists {name} as its best checkpoint."), false),
    };
    Fit { grade: Grade::Optimal, reason, conflict }
}

fn by_base(target: &Target, base: &str, bases: &[String]) -> (Grade, String) {
    let (made_for, of) = (labels(bases), label(base));
    let checkpoint = &target.label;
    if bases.iter().any(|made| made == base) {
        return (Grade::Compatible, format!("Made for {of}, like {checkpoint}."));
    }
    let relatives = partial_bases(base);
    if bases.iter().any(|made| relatives.contains(&made.as_str())) {
        return (
            Grade::Partial,
            format!("Made for {made_for}. {checkpoint} is {of}, a related base: the effect may be weaker."),
        );
    }
    (Grade::Incompatible, format!("Made for {made_for}, but {checkpoint} is {of}."))
}

/// "SDXL", "SDXL or Pony".
fn labels(bases: &[String]) -> String {
    bases.iter().map(|base| label(base)).collect::<Vec<_>>().join(" or ")
}
