//! What a file is good for beside a diffusion model.

use crate::identify::{Identity, Kind};

/// A VAE, a text encoder, or what steers a diffusion model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `vae`, or which text encoder: `clip_l`, `t5xxl`, `qwen3-4b`; `unknown` where the header does not tell. Of others
    /// their kind: `controlnet`, `ip_adapter`, …
    pub role: &'static str,
    /// Architectures it may belong to, likeliest first; text encoders are known by their role.
    pub fits: Vec<String>,
    /// The number type of most bytes, e.g. `BF16`.
    pub precision: Option<String>,
}

impl Part {
    pub(super) fn of(identity: &Identity) -> Option<Self> {
        let role = match identity.kind {
            Kind::Vae => "vae",
            Kind::TextEncoder => identity.subtype.unwrap_or("unknown"),
            Kind::Controlnet => "controlnet",
            Kind::ControlLora => "control_lora",
            Kind::IpAdapter => "ip_adapter",
            Kind::T2iAdapter => "t2i_adapter",
            Kind::MotionModule => "motion_module",
            Kind::StyleAdapter => "style_adapter",
            Kind::Embedding => "embedding",
            _ => return None,
        };
        let fits = identity.detection.architecture.iter().chain(&identity.detection.alternatives).cloned().collect();
        Some(Self { role, fits, precision: identity.precision.clone() })
    }
}
