//! How the graphs of architectures differ, as ComfyUI's own templates have it.

use crate::{Failure, Field, Kind, ModelKind, Request, Role};

#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub text: Text,
    /// The node that makes an empty latent; what a latent's channels mean depends on the VAE.
    pub latent: &'static str,
    /// For `ModelSamplingAuraFlow`, where the templates set another one than the model has.
    pub shift: Option<f64>,
    /// Whether it takes distilled guidance.
    pub guidance: bool,
    /// Whether clip skip means anything to it.
    pub clip_skip: bool,
}

/// The text encoders, where they are separate files.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub loader: &'static str,
    /// The loader's `type`; the one for three encoders has none.
    pub kind: Option<&'static str>,
    /// In the order of the loader's inputs.
    pub roles: &'static [Role],
}

/// Four channels; also understood by whatever has more, as long as it is empty.
const FOUR: &str = "EmptyLatentImage";
const SIXTEEN: &str = "EmptySD3LatentImage";
const FLUX2: &str = "EmptyFlux2LatentImage";

impl Family {
    /// # Errors
    /// When there is no graph for the request's architecture.
    pub fn of(request: &Request) -> Result<Self, Failure> {
        let Some(id) = request.architecture.as_deref() else {
            return match request.kind {
                ModelKind::Checkpoint => Ok(Self::stable_diffusion(&[Role::ClipL])),
                ModelKind::DiffusionModel => Err(unknown("Unknown architecture of this diffusion model")),
            };
        };
        Ok(match id {
            "sd1" => Self::stable_diffusion(&[Role::ClipL]),
            "sd2" => Self::stable_diffusion(&[Role::ClipH]),
            "sdxl-refiner" => Self::stable_diffusion(&[Role::ClipG]),
            "sdxl" | "ssd-1b" | "segmind-vega" | "koala" | "playground-v2.5" => {
                Self { clip_skip: true, ..Self::with(two("sdxl", &[Role::ClipL, Role::ClipG]), FOUR) }
            }
            "sd3" | "sd3.5-medium" | "sd3.5-large" => Self::with(three(&[Role::ClipL, Role::ClipG, Role::T5]), SIXTEEN),
            "flux1" => Self { guidance: true, ..Self::with(two("flux", &[Role::ClipL, Role::T5]), SIXTEEN) },
            "flux2-dev" => Self { guidance: true, ..Self::with(one("flux2", &[Role::Language]), FLUX2) },
            "flux2-klein-4b" | "flux2-klein-9b" => Self::with(one("flux2", &[Role::Language]), FLUX2),
            "z-image" => Self { shift: Some(3.0), ..Self::with(one("lumina2", &[Role::Language]), SIXTEEN) },
            "qwen-image" => Self { shift: Some(3.1), ..Self::with(one("qwen_image", &[Role::Language]), SIXTEEN) },
            "chroma" => Self { shift: Some(1.0), ..Self::with(one("chroma", &[Role::T5]), SIXTEEN) },
            other => return Err(unknown(&format!("{other} is not supported with ComfyUI yet"))),
        })
    }

    fn with(text: Text, latent: &'static str) -> Self {
        Self { text, latent, shift: None, guidance: false, clip_skip: false }
    }

    fn stable_diffusion(roles: &'static [Role]) -> Self {
        Self { clip_skip: true, ..Self::with(one("stable_diffusion", roles), FOUR) }
    }
}

fn one(kind: &'static str, roles: &'static [Role]) -> Text {
    Text { loader: "CLIPLoader", kind: Some(kind), roles }
}

fn two(kind: &'static str, roles: &'static [Role]) -> Text {
    Text { loader: "DualCLIPLoader", kind: Some(kind), roles }
}

fn three(roles: &'static [Role]) -> Text {
    Text { loader: "TripleCLIPLoader", kind: None, roles }
}

fn unknown(title: &str) -> Failure {
    Failure::new(Kind::Unable, title, "Choose another model, or set its architecture.").at(Field::Checkpoint)
}
