//! The rules as `architectures.json` spells them; what each field means is in its `rule_language`.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::Confidence;
use super::claims::Claims;
use super::marks::Marker;
use super::patterns::Patterns;
use crate::architectures::{BadTable, read};

/// All rules, ready for use. Making them takes milliseconds: once for a whole scan.
pub struct Rules {
    pub(super) version: u64,
    pub(super) prefixes: Vec<String>,
    pub(super) architectures: Vec<Architecture>,
    pub(super) adapters: Vec<AdapterRule>,
    pub(super) variants: Variants,
    pub(super) claims: Claims,
    pub(super) marks: Marker,
    pub(super) in_names: Patterns,
    pub(super) in_modules: Patterns,
    pub(super) in_metadata: Patterns,
}

#[derive(Deserialize)]
struct Table {
    schema_version: u64,
    checkpoint_prefixes: Vec<String>,
    architectures: Vec<Architecture>,
    lora_rules_ordered: Vec<AdapterRule>,
    variants_by_input_channels: Variants,
    known_hashes: KnownHashes,
}

#[derive(Deserialize)]
pub struct Architecture {
    pub id: String,
    /// What it has the names and shapes of.
    pub parent: Option<String>,
    pub modelspec_ids: Vec<String>,
    pub ss_base_model_versions: Vec<String>,
    pub ss_network_modules: Vec<String>,
    pub aliases: Vec<String>,
    pub gguf_architectures: Vec<String>,
    pub checkpoint_rules: Vec<TensorRule>,
}

#[derive(Deserialize)]
pub struct TensorRule {
    pub all: Vec<TensorCondition>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum TensorCondition {
    Key {
        k: String,
        #[serde(default)]
        d: Vec<(usize, Vec<u64>)>,
    },
    NoKey {
        nk: String,
    },
    /// A tensor that has another number of axes, or is not there.
    NotOfAxes {
        na: String,
        axes: usize,
    },
    Match {
        re: String,
    },
    NoMatch {
        nre: String,
    },
    Root {
        root: String,
    },
}

#[derive(Deserialize)]
pub struct AdapterRule {
    pub architecture: String,
    pub confidence: Confidence,
    pub also: Vec<String>,
    pub all: Vec<AdapterCondition>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum AdapterCondition {
    Module { m: String, r#in: Option<Vec<u64>>, out: Option<Vec<u64>> },
    NoModule { nm: String },
    TextEncoders { te: BTreeMap<String, Vec<u64>> },
    NoWidth { nowidth: bool },
    Prefix { prefix: String },
    Metadata { meta: String },
    Cloneofsimo { cloneofsimo: u64 },
}

/// What the width of the first layer says.
#[derive(Deserialize)]
pub struct Variants {
    pub unet: HashMap<u64, String>,
    pub flux1_img_in_dim1: HashMap<u64, String>,
}

#[derive(Deserialize)]
pub struct KnownHashes {
    /// Architecture and name, by the SHA-256 of the file.
    pub sha256: HashMap<String, (String, String)>,
    /// Architecture and family, by Civitai's number.
    pub civitai_trainer_model_version_ids: HashMap<String, (String, String)>,
}

impl Rules {
    /// Reads the table of architectures.
    ///
    /// # Errors
    /// What in the table is not as it should be.
    pub fn from_json(json: &str) -> Result<Self, BadTable> {
        let table: Table = read(json)?;
        let tensor_rules = table.architectures.iter().flat_map(|architecture| &architecture.checkpoint_rules);
        let in_names = tensor_rules.flat_map(|rule| &rule.all).filter_map(TensorCondition::pattern);
        let conditions = || table.lora_rules_ordered.iter().flat_map(|rule| &rule.all);
        Ok(Self {
            in_names: Patterns::new(in_names, false).map_err(bad)?,
            in_modules: Patterns::new(conditions().filter_map(AdapterCondition::pattern), false).map_err(bad)?,
            in_metadata: Patterns::new(conditions().filter_map(AdapterCondition::metadata), true).map_err(bad)?,
            marks: Marker::new().map_err(bad)?,
            claims: Claims::new(&table.architectures, table.known_hashes),
            version: table.schema_version,
            prefixes: table.checkpoint_prefixes,
            architectures: table.architectures,
            adapters: table.lora_rules_ordered,
            variants: table.variants_by_input_channels,
        })
    }
}

impl Rules {
    /// Whether what the tensors say leaves room for another architecture: one that fits as well, or that has the same names
    /// and shapes.
    pub(super) fn allow(&self, by_tensors: &AdapterRule, id: &str) -> bool {
        let parent = self.architectures.iter().find(|one| one.id == id).and_then(|one| one.parent.as_deref());
        by_tensors.fits().any(|fits| fits == id || Some(fits) == parent)
    }
}

/// Patterns that are some each, and too much together.
fn bad(error: regex::Error) -> BadTable {
    BadTable::Entry { entry: "the patterns of all rules".to_owned(), reason: error.to_string() }
}

impl TensorCondition {
    fn pattern(&self) -> Option<&str> {
        match self {
            Self::Match { re } => Some(re),
            Self::NoMatch { nre } => Some(nre),
            _ => None,
        }
    }
}

impl AdapterRule {
    /// Likeliest first.
    pub fn fits(&self) -> impl Iterator<Item = &str> {
        [&self.architecture].into_iter().chain(&self.also).map(String::as_str)
    }

    /// Its patterns of metadata and names.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.all.iter().filter_map(AdapterCondition::metadata)
    }
}

impl AdapterCondition {
    fn pattern(&self) -> Option<&str> {
        match self {
            Self::Module { m, .. } => Some(m),
            Self::NoModule { nm } => Some(nm),
            _ => None,
        }
    }

    fn metadata(&self) -> Option<&str> {
        if let Self::Metadata { meta } = self { Some(meta) } else { None }
    }
}
