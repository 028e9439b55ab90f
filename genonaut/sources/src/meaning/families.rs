//! What people call an architecture, and the family below it that tensors cannot show: Pony, Illustrious, Lightning.

mod table;
mod variants;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
pub use variants::{Traits, Variants};

use super::text::stated;
use super::{Prediction, embedded, file_name};
use crate::architectures::{BadTable, normalise, read};
use crate::header::Metadata;
use table::{Family, Table, Variant};

/// The spellings and families of the table of architectures.
#[derive(Debug, Clone)]
pub struct Families {
    /// Civitai's names, as they are: some spellings mean more there than elsewhere.
    civitai: HashMap<String, Base>,
    /// Normalised spellings.
    aliases: HashMap<String, Base>,
    families: Vec<Family>,
    /// Default family by architecture.
    defaults: HashMap<String, String>,
    /// By architecture.
    variants: HashMap<String, Vec<Variant>>,
    /// Architecture by SHA-256 of a well-known checkpoint.
    hashes: HashMap<String, String>,
    /// Architecture and label by Civitai's number of a checkpoint that its trainer offers.
    trainer: HashMap<u64, (String, String)>,
}

/// What a spelling means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    pub architecture: String,
    /// Missing where the spelling tells the architecture only.
    pub family: Option<String>,
    /// Finer than the family, e.g. `turbo`.
    pub variant: Option<String>,
    #[serde(default)]
    pub distilled: bool,
    pub prediction: Option<Prediction>,
}

/// What is known of a model when its family is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The architectures that its tensors fit, or that a source names; without any, no family is named.
    pub architectures: &'a [&'a str],
    /// What sidecars spell as its base, the most believed first.
    pub claims: &'a [&'a str],
    /// Of the whole file, lower-case.
    pub sha256: Option<&'a str>,
    pub metadata: Option<&'a Metadata>,
    pub stem: &'a str,
    /// What the model is called by whoever is believed most.
    pub title: Option<&'a str>,
    /// The folder that the file is in.
    pub folder: Option<&'a str>,
}

/// The family of a model and what says so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Lineage {
    pub family: Option<Label>,
    /// Few steps at little cfg: a second label beside the family, e.g. `sdxl-lightning`.
    pub distilled: Option<Label>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    pub id: String,
    pub by: By,
}

/// What a label rests on, the firmest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A sidecar, or Civitai's word in one.
    Claim,
    /// The file is a well-known one.
    Hash,
    /// It was trained on a well-known one.
    TrainedOn,
    /// Civitai's trainer used a checkpoint of that family.
    Trainer,
    /// The header spells it as the base.
    Header,
    Name,
    Folder,
    /// Nothing tells more than the architecture.
    Architecture,
}

impl Families {
    /// From the table that [`crate::architectures::TABLE`] holds.
    ///
    /// # Errors
    /// What in the table is not as it should be.
    pub fn from_json(table: &str) -> Result<Self, BadTable> {
        read::<Table>(table).map(Self::from)
    }

    /// What a spelling means, whoever wrote it: `SDXL 1.0`, `flux-1-dev/lora`, `sd_v1`. Names of models that nobody
    /// can download mean nothing.
    pub fn spelled(&self, spelling: &str) -> Option<&Base> {
        let whole = normalise(spelling);
        let base = whole.split('/').next().unwrap_or(&whole);
        self.civitai.get(spelling.trim()).or_else(|| self.aliases.get(&whole)).or_else(|| self.aliases.get(base))
    }

    /// The family, and the distillation if it is one, by the firmest evidence that fits the architecture.
    pub fn lineage(&self, evidence: &Evidence) -> Lineage {
        let found: Vec<Label> = self.labels(evidence).collect();
        let fits = |label: &&Label| self.fits(&label.id, evidence.architectures);
        let distillation = |label: &&Label| self.families.iter().any(|f| f.distillation && f.id == label.id);
        let family = found.iter().filter(fits).find(|label| !distillation(label)).cloned();
        Lineage {
            family: family.or_else(|| self.default(evidence)),
            distilled: found.iter().filter(fits).find(distillation).cloned(),
        }
    }

    /// Every label that something speaks for, the firmest evidence first.
    fn labels<'a>(&'a self, evidence: &'a Evidence) -> impl Iterator<Item = Label> + 'a {
        let metadata = |key: &str| evidence.metadata.and_then(|metadata| stated(metadata.get(key)?));
        let claims = evidence.claims.iter().filter_map(|claim| self.spelled(claim)?.family.as_deref());
        let base = metadata("ss_new_sd_model_hash").or_else(|| metadata("ss_sd_model_hash"));
        let trainer = metadata("ss_sd_model_name").and_then(trainer_id).and_then(|id| self.trainer.get(&id));
        let trained_on = metadata("ss_sd_model_name");
        // Who was trained on the plain architecture is of no family, whatever it is called.
        let is_plain = trained_on.is_some_and(is_plain);
        let own = [Some(evidence.stem), evidence.title, metadata("modelspec.title")];
        let names = [trained_on].into_iter().chain(own.into_iter().filter(|_| !is_plain));
        let folder = evidence.folder.filter(|_| !is_plain);
        let labels = |by, ids: Vec<&str>| ids.into_iter().map(move |id| Label { id: id.to_owned(), by }).collect();
        let header = evidence.metadata.and_then(embedded::base).and_then(|base| self.spelled(base)?.family.as_deref());
        let all: [Vec<Label>; 7] = [
            labels(By::Claim, claims.collect()),
            labels(By::Hash, evidence.sha256.and_then(|digits| self.hashed(digits)).into_iter().collect()),
            labels(By::TrainedOn, base.and_then(|digits| self.hashed(digits)).into_iter().collect()),
            labels(By::Trainer, trainer.map(|(_, label)| label.as_str()).into_iter().collect()),
            labels(By::Header, header.into_iter().collect()),
            labels(By::Name, names.flatten().flat_map(|name| self.named(name)).collect()),
            labels(By::Folder, folder.into_iter().flat_map(|name| self.named(name)).collect()),
        ];
        all.into_iter().flatten()
    }

    /// The family of a well-known checkpoint.
    fn hashed(&self, digits: &str) -> Option<&str> {
        let family = self.families.iter().find(|family| family.has_hash(digits)).map(|family| family.id.as_str());
        family.or_else(|| self.defaults.get(self.hashes.get(digits)?).map(String::as_str))
    }

    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.families.iter().filter(|family| family.is_named(name)).map(|family| family.id.as_str())
    }

    /// Whether a family is of one of these architectures.
    fn fits(&self, family: &str, architectures: &[&str]) -> bool {
        let of = self.families.iter().find(|known| known.id == family);
        architectures.iter().any(|architecture| {
            of.map_or_else(
                || self.defaults.get(*architecture).is_some_and(|default| default == family),
                |known| known.architecture.split('|').any(|id| id == *architecture),
            )
        })
    }

    fn default(&self, evidence: &Evidence) -> Option<Label> {
        let id = self.defaults.get(*evidence.architectures.first()?)?.clone();
        Some(Label { id, by: By::Architecture })
    }
}

/// What the makers call their first checkpoints.
fn is_plain(base: &str) -> bool {
    const PLAIN: [&str; 6] =
        [" sd xl base ", " sdxl base ", " stable diffusion xl base ", " v1 5 pruned ", " flux1 dev ", " flux 1 dev "];
    let words = file_name::words(base);
    PLAIN.iter().any(|plain| words.starts_with(plain))
}

/// Civitai's trainer calls the checkpoint it trains on by its version's number.
pub(super) fn trainer_id(base: &str) -> Option<u64> {
    base.strip_suffix(".safetensors")?.parse().ok()
}
