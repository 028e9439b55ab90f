//! Tensors and metadata may disagree about the architecture: what is taken then.

use super::{Confidence, Detection, Source};

/// What the tensors say.
#[derive(Default)]
pub struct Found<'a> {
    /// Fit equally well, likeliest first. Metadata chooses among these.
    pub fits: Vec<&'a str>,
    /// Less likely ones.
    pub others: Vec<&'a str>,
    pub confidence: Option<Confidence>,
    pub rule: Option<usize>,
}

impl<'a> Found<'a> {
    /// What one look at a shape says.
    pub fn by_shape(fits: &[&'a str]) -> Self {
        let confidence = if fits.len() == 1 { Confidence::High } else { Confidence::Medium };
        Self { fits: fits.to_vec(), confidence: Some(confidence), ..Self::default() }
    }
}

/// Metadata chooses within what the tensors allow; against the tensors it is a claim that is marked as a conflict.
pub fn settle(found: &Found, claimed: &[&str]) -> Detection {
    let agreed = claimed.iter().find(|id| found.fits.contains(id));
    let by_tensors = found.fits.first();
    let architecture = agreed.or(by_tensors).or(claimed.first()).map(|id| (*id).to_owned());
    let (source, confidence) = match (agreed, by_tensors) {
        (Some(_), _) => (Some(Source::Both), Some(Confidence::High)),
        (None, Some(_)) => (Some(Source::Keys), found.confidence),
        (None, None) if !claimed.is_empty() => (Some(Source::Metadata), Some(Confidence::Medium)),
        (None, None) => (None, None),
    };
    let mut alternatives: Vec<String> = Vec::new();
    for id in found.fits.iter().chain(&found.others).chain(claimed) {
        if architecture.as_deref() != Some(id) && !alternatives.iter().any(|known| known == id) {
            alternatives.push((*id).to_owned());
        }
    }
    let conflict = by_tensors.is_some() && !claimed.is_empty() && agreed.is_none();
    let possible = found.possible();
    Detection { architecture, confidence, alternatives, source, rule: found.rule, conflict, possible, rules_version: 0 }
}

impl Found<'_> {
    fn possible(&self) -> Vec<String> {
        let is_certain = self.confidence == Some(Confidence::High);
        let others = self.others.iter().filter(|_| !is_certain);
        self.fits.iter().chain(others).map(|id| (*id).to_owned()).collect()
    }
}

impl Detection {
    /// Hears what files beside the model claim, the most believed first, and says which claim was taken. They choose
    /// within what the tensors allow, as metadata does; a claim that the tensors exclude is a conflict.
    pub fn hear(&mut self, claimed: &[&str]) -> Option<usize> {
        let fits = |id: &str| self.possible.is_empty() || self.possible.iter().any(|possible| possible == id);
        let chosen = claimed.iter().position(|id| fits(id));
        self.conflict |= !claimed.is_empty() && chosen != Some(0);
        self.choose(claimed[chosen?]);
        chosen
    }

    fn choose(&mut self, id: &str) {
        let is_new = self.architecture.as_deref() != Some(id);
        (self.source, self.confidence) = match (self.possible.is_empty(), self.source) {
            (false, Some(Source::Both)) if !is_new => return,
            (false, _) => (Some(Source::KeysAndSidecar), Some(Confidence::High)),
            (true, _) => (Some(Source::Sidecar), Some(Confidence::Medium)),
        };
        if is_new {
            self.alternatives.retain(|other| other != id);
            let before = self.architecture.replace(id.to_owned());
            self.alternatives.splice(0..0, before);
        }
    }
}
