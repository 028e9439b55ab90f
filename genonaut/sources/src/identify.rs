//! What a model file is, judged by its tensors' names and shapes, and by what its metadata claims. The rules are data:
//! `architectures.json`.

mod adapter;
mod checkpoint;
mod claims;
mod companion;
mod control;
mod evidence;
mod facts;
mod marks;
mod modules;
mod names;
mod patterns;
mod rules;
mod settle;
mod slots;
mod text_encoder;
mod vae;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::header::Header;
use names::Names;
pub use rules::Rules;

/// What a file is, in the form in which the catalogue keeps it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Identity {
    pub kind: Kind,
    /// How an adapter changes its base: `lora`, `locon`, `loha`, `lokr`, `oft`, `glora`, `ia3`, `full`, `dora`, or one of
    /// these with `+dora`.
    pub adapter: Option<String>,
    pub detection: Detection,
    pub rank: Option<Rank>,
    /// As the trainer wrote it; without one, the rank serves.
    pub alpha: Option<f64>,
    /// What sets this file apart within its architecture, e.g. `inpaint`, `fill`, `i2v`.
    pub variant: Option<String>,
    /// `epsilon`, `v`, `edm` or `edm-v`, where the file says so.
    pub prediction_type: Option<&'static str>,
    pub zero_terminal_snr: bool,
    /// The number type of most bytes of the diffusion model.
    pub precision: Option<String>,
    /// How the numbers were packed, beside their type: `scaled-fp8`, `bnb-nf4`, `bnb-fp4`, `nunchaku`, `comfy`.
    pub quantization: Vec<&'static str>,
    /// What a checkpoint contains or an adapter changes: `unet`, `vae`, `clip_l`, `te1`, …
    pub components: Vec<String>,
    /// Which text encoder this is, e.g. `t5xxl`.
    pub subtype: Option<&'static str>,
    /// Whether a second, averaged copy of the weights is in the file.
    pub has_ema: bool,
    pub tensors: usize,
    /// How many tensors have which number type.
    pub dtypes: BTreeMap<String, usize>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A diffusion model with its VAE or its text encoders.
    Checkpoint,
    /// The UNet or transformer alone.
    DiffusionModel,
    Lora,
    ControlLora,
    IpAdapter,
    Controlnet,
    T2iAdapter,
    MotionModule,
    StyleAdapter,
    Vae,
    TextEncoder,
    ClipVision,
    Embedding,
    Upscaler,
    /// A tiny VAE for previews.
    VaeApprox,
    #[default]
    Unknown,
}

/// Which architecture, and how that is known: kept, so that a scan with newer rules can be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Detection {
    pub architecture: Option<String>,
    pub confidence: Option<Confidence>,
    /// Other architectures that are possible too, likeliest first.
    pub alternatives: Vec<String>,
    pub source: Option<Source>,
    /// Place of the rule: among all rules for adapters, or among the architecture's own for checkpoints.
    pub rule: Option<usize>,
    /// Whether metadata, or a file beside the model, claims what the tensors exclude.
    pub conflict: bool,
    /// What the tensors allow; empty where they say nothing.
    #[serde(skip)]
    pub possible: Vec<String>,
    pub rules_version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    Low,
    Medium,
    High,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Source {
    #[serde(rename = "keys")]
    Keys,
    #[serde(rename = "metadata")]
    Metadata,
    #[serde(rename = "keys+metadata")]
    Both,
    #[serde(rename = "sidecar")]
    Sidecar,
    #[serde(rename = "keys+sidecar")]
    KeysAndSidecar,
}

/// Ranks of an adapter's modules: the most frequent, and how far others go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rank {
    pub mode: u64,
    pub min: u64,
    pub max: u64,
    /// The most frequent one of the convolutions.
    pub conv: Option<u64>,
}

impl Rules {
    /// Judges a file by its header; `stem` is its name without the ending, which only chooses among what fits.
    pub fn identify(&self, header: &Header, stem: &str) -> Identity {
        let names = Names::new(header);
        let file = &File { header, names: &names, stem, claimed: self.claims.of(&header.metadata) };
        let marks = &self.marks.of(header);
        // Image and face adapters bring LoRAs along; restorers are built of what VAEs are built of.
        let mut identity = control::image_adapter(file, marks)
            .or_else(|| companion::restorer(file, marks))
            .or_else(|| adapter::identify(self, file))
            .or_else(|| control::identify(file, marks))
            .or_else(|| checkpoint::identify(self, file, marks))
            .or_else(|| vae::identify(file, marks))
            .or_else(|| companion::identify(file, marks))
            .unwrap_or_default();
        facts::complete(&mut identity, header);
        identity.detection.rules_version = self.version;
        identity
    }
}

/// A file as the judges of the several kinds see it.
struct File<'a> {
    header: &'a Header,
    names: &'a Names<'a>,
    stem: &'a str,
    /// Architectures that the metadata claims.
    claimed: Vec<&'a str>,
}

impl Identity {
    fn of(kind: Kind, detection: Detection) -> Self {
        Self { kind, detection, ..Self::default() }
    }
}
