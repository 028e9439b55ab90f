//! Which architecture a model is of, under whatever spelling, and what fits what. Pure; the facts are in
//! `sources/data/architectures.json`.

mod defaults;
mod fit;
mod label;
mod parts;
mod table;
#[cfg(test)]
mod tests;
mod variant;

pub use defaults::Defaults;
pub use fit::{Fit, Grade, Target, UnknownGrade, fit, fits_key_optimal, partial_bases};
pub use parts::Parts;
pub use variant::{Variety, defaults_of};

use genonaut_sources::architectures::normalise;
use table::TABLE;
pub use table::check;

/// The *base* a spelling stands for: an architecture ("sd1", "sdxl", "flux1", …) or a family that people treat
/// as a base of its own ("pony", "illustrious", …).
///
/// Looked up are the whole normalised spelling, then what stands before its first slash. SQL's `find_spelling`
/// does the same with the table that [`spellings`] fills.
pub fn canonical(spelling: &str) -> Option<&'static str> {
    let key = normalise(spelling);
    let found = TABLE.spellings.get(&key).or_else(|| TABLE.spellings.get(key.split('/').next()?));
    found.map(String::as_str)
}

/// Every known normalised spelling with its base, in order.
pub fn spellings() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.spellings.iter().map(|(spelling, base)| (spelling.as_str(), base.as_str()))
}

/// The architecture that a base is or builds on: "sdxl" for "pony".
pub fn architecture_of(base: &str) -> &str {
    TABLE.families.get(base).map_or(base, String::as_str)
}

/// What a badge says: "SD 1.5" for "sd1". An id that is not known gives itself.
pub fn label(base: &str) -> &str {
    TABLE.labels.get(base).map_or(base, String::as_str)
}

/// What to start from with a base; nothing for one that is not known.
pub fn defaults(base: &str) -> Defaults {
    TABLE.defaults.get(base).cloned().unwrap_or_default()
}

/// What a base needs beside its diffusion model; nothing for one that is not known.
pub fn parts(base: &str) -> Parts {
    TABLE.parts.get(architecture_of(base)).cloned().unwrap_or_default()
}

/// Every base with its label, in the order of the labels.
pub fn bases() -> Vec<(&'static str, &'static str)> {
    let mut bases: Vec<_> = TABLE.labels.iter().map(|(base, label)| (base.as_str(), label.as_str())).collect();
    bases.sort_by_key(|(_, label)| label.to_lowercase());
    bases
}

/// Whether a model of this family is of another base than the one that is written in it: "pony" in place of "sdxl".
pub fn family_overrules(family: &str, base: &str) -> bool {
    let (Some(own), Some(kin)) = (canonical(base), canonical(family)) else { return false };
    kin != own && architecture_of(kin) == own
}
