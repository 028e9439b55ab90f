//! The facts of the table of architectures, as far as they are used.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use genonaut_sources::architectures::{BadTable, TABLE as TABLE_JSON, in_force, normalise, read};
use serde::Deserialize;

use super::defaults::{Defaults, Given};
use super::label::SHORT;
use super::parts::Parts;

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // A table is checked before it holds, the program's own by a test.
    let own: File = read(TABLE_JSON).expect("the program's own table is what File describes");
    let own_labels = own.labels();
    let held = read(in_force()).expect("the table is what File describes");
    Table::new(held, &own_labels)
});

/// Whether the catalogue can live with a table.
///
/// # Errors
/// What is missing in it, or of another type than it must be.
pub fn check(table: &str) -> Result<(), BadTable> {
    read::<File>(table).map(drop)
}

pub(super) struct Table {
    /// Normalised spelling → base.
    pub spellings: BTreeMap<String, String>,
    /// Family that is a base of its own → its architecture.
    pub families: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
    /// Base → what to start from.
    pub defaults: BTreeMap<String, Defaults>,
    /// Architecture → variant → what to start from where that differs.
    pub variants: BTreeMap<String, BTreeMap<String, Defaults>>,
    /// Architecture → architectures whose checkpoints its LoRAs work on.
    pub works_on: BTreeMap<String, Vec<String>>,
    /// Architecture → what it needs beside its diffusion model.
    pub parts: BTreeMap<String, Parts>,
}

#[derive(Deserialize)]
struct File {
    alias_index: BTreeMap<String, Meaning>,
    civitai_base_model_map: BTreeMap<String, Meaning>,
    architectures: Vec<Architecture>,
    families: Vec<Family>,
}

#[derive(Deserialize)]
struct Meaning {
    /// Missing for what is hosted only.
    architecture: Option<String>,
    family: Option<String>,
}

#[derive(Deserialize)]
struct Architecture {
    id: String,
    label: String,
    aliases: Vec<String>,
    modelspec_ids: Vec<String>,
    ss_base_model_versions: Vec<String>,
    lora_compatible_bases: Vec<String>,
    default_size: Option<(u32, u32)>,
    text_encoders: Vec<String>,
    vae_family: Option<String>,
    defaults: Given,
    #[serde(default)]
    variants: Vec<Variant>,
}

#[derive(Deserialize)]
struct Variant {
    id: String,
    defaults: Given,
}

#[derive(Deserialize)]
struct Family {
    id: String,
    label: String,
    architecture: String,
    civitai_base_models: Vec<String>,
    #[serde(default)]
    distillation: bool,
    #[serde(default)]
    defaults: Given,
}

impl Table {
    fn new(file: File, own_labels: &BTreeMap<String, String>) -> Self {
        let families = own_bases(&file.families);
        let long = file.labels();
        let mut labels = long.clone();
        shorten(&mut labels, own_labels);
        let works_on = file.architectures.iter().map(|a| (a.id.clone(), a.lora_compatible_bases.clone())).collect();
        let (defaults, variants) = (defaults(&file), variants(&file));
        let parts = |a: &Architecture| Parts { text_encoders: a.text_encoders.clone(), vae: a.vae_family.clone() };
        let parts = file.architectures.iter().map(|a| (a.id.clone(), parts(a))).collect();
        let mut spellings = spellings(&file, &families);
        for (base, label) in labels.iter().chain(&long) {
            spellings.entry(normalise(label)).or_insert_with(|| base.clone());
        }
        Self { spellings, families, labels, defaults, variants, works_on, parts }
    }
}

impl File {
    /// Of every base.
    fn labels(&self) -> BTreeMap<String, String> {
        let families = own_bases(&self.families);
        let architectures = self.architectures.iter().map(|one| (&one.id, &one.label));
        let families = self.families.iter().filter(|family| families.contains_key(&family.id));
        let all = architectures.chain(families.map(|family| (&family.id, &family.label)));
        all.map(|(id, label)| (id.clone(), label.clone())).collect()
    }
}

/// Where a label is the program's own, people have a shorter one.
fn shorten(labels: &mut BTreeMap<String, String>, own: &BTreeMap<String, String>) {
    for (id, short) in SHORT {
        if let Some(label) = labels.get_mut(id).filter(|label| own.get(id) == Some(*label)) {
            short.clone_into(label);
        }
    }
}

/// A family's own word first, else its architecture's.
fn defaults(file: &File) -> BTreeMap<String, Defaults> {
    let mut known: BTreeMap<_, _> = file
        .architectures
        .iter()
        .map(|a| (a.id.clone(), Defaults::new(&a.defaults, a.default_size, &a.text_encoders)))
        .collect();
    for family in &file.families {
        if let Some(architecture) = known.get(&family.architecture) {
            let own = Defaults::new(&family.defaults, family.defaults.size, &[]);
            let own = own.or(architecture);
            known.insert(family.id.clone(), own);
        }
    }
    known
}

fn variants(file: &File) -> BTreeMap<String, BTreeMap<String, Defaults>> {
    let own = |one: &Variant| (one.id.clone(), Defaults::new(&one.defaults, one.defaults.size, &[]));
    file.architectures.iter().map(|one| (one.id.clone(), one.variants.iter().map(own).collect())).collect()
}

/// Families that have models of their own on Civitai. Distillations (Lightning, LCM, …) run what their
/// architecture runs, and so are no base of their own.
fn own_bases(families: &[Family]) -> BTreeMap<String, String> {
    let own = families.iter().filter(|family| !family.distillation && !family.civitai_base_models.is_empty());
    own.map(|family| (family.id.clone(), family.architecture.clone())).collect()
}

/// The table's index first; an architecture's own lists fill what it leaves out.
fn spellings(file: &File, families: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let base = |meaning: &Meaning| {
        let family = meaning.family.as_ref().filter(|family| families.contains_key(*family));
        family.or(meaning.architecture.as_ref()).cloned()
    };
    let mut known = BTreeMap::new();
    let own = |meaning: &Meaning| meaning.family.as_ref().is_some_and(|family| families.contains_key(family));
    // Where a store tells a family from its architecture ("Pony V7"), the index knows only the latter.
    let told_apart = file.civitai_base_model_map.iter().filter(|(_, meaning)| own(meaning));
    for (spelling, meaning) in told_apart.chain(&file.alias_index).chain(&file.civitai_base_model_map) {
        if let Some(base) = base(meaning) {
            known.entry(normalise(spelling)).or_insert(base);
        }
    }
    for family in families.keys() {
        known.entry(normalise(family)).or_insert_with(|| family.clone());
    }
    for architecture in &file.architectures {
        let own = [&architecture.aliases, &architecture.modelspec_ids, &architecture.ss_base_model_versions];
        let all: BTreeSet<_> = own.into_iter().flatten().chain([&architecture.id]).collect();
        for spelling in all {
            known.entry(normalise(spelling)).or_insert_with(|| architecture.id.clone());
        }
    }
    known
}
