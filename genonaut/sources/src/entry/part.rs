//! What a file is good for beside a diffusion model that has nothing else in its own file.

use crate::identify::{Identity, Kind};

/// A VAE or a text encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `vae`, or which text encoder: `clip_l`, `t5xxl`, `qwen3-4b`; `unknown` where the header does not tell.
    pub role: &'static str,
    /// Architectures whose latents a VAE may read, likeliest first; text encoders are known by their role.
    pub fits: Vec<String>,
    /// The number type of most bytes, e.g. `BF16`.
    pub precision: Option<String>,
}

impl Part {
    pub(super) fn of(identity: &Identity) -> Option<Self> {
        let role = match identity.kind {
            Kind::Vae => "vae",
            Kind::TextEncoder => identity.subtype.unwrap_or("unknown"),
            _ => return None,
        };
        let fits = identity.detection.architecture.iter().chain(&identity.detection.alternatives).cloned().collect();
        Some(Self { role, fits, precision: identity.precision.clone() })
    }
}
