//! What an image is made from.

use uuid::Uuid;

/// One image to make.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    pub prompt: String,
    pub negative_prompt: String,
    /// Path of the checkpoint's file, or of the diffusion model's.
    pub checkpoint: String,
    pub kind: ModelKind,
    /// Canonical id, e.g. `sdxl` or `flux1`; where nobody knows it, a checkpoint is taken for a Stable Diffusion.
    pub architecture: Option<String>,
    /// Files beside the checkpoint. They stand in for what it has inside, and for what it lacks.
    pub components: Vec<Component>,
    pub loras: Vec<LoraFile>,
    /// Pixels; multiples of 8.
    pub width: u32,
    pub height: u32,
    pub steps: u32,
    pub cfg: f64,
    /// Distilled guidance, as FLUX dev takes it; `None` is the model's own.
    pub guidance: Option<f64>,
    /// ComfyUI's ids, e.g. `dpmpp_2m` and `karras`.
    pub sampler: String,
    pub scheduler: String,
    pub seed: i64,
    /// As A1111 counts: 1 skips nothing.
    pub clip_skip: u32,
    /// The picture to start from instead of noise alone.
    pub init: Option<Init>,
    /// Names this image of this job. The same name again, after a restart, goes on with work that the engine still has
    /// or fetches what it made meanwhile. `None` draws one.
    pub attempt: Option<Uuid>,
}

/// What is inside the file that a request calls its checkpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ModelKind {
    /// Everything: diffusion model, text encoders, VAE.
    #[default]
    Checkpoint,
    /// The diffusion model alone; the rest comes as components.
    DiffusionModel,
}

/// A file that holds one part of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    pub role: Role,
    pub path: String,
}

/// What a component does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    ClipL,
    ClipG,
    /// OpenCLIP ViT-H, of Stable Diffusion 2.
    ClipH,
    T5,
    /// A language model text encoder: Qwen, Mistral.
    Language,
    Vae,
}

/// A LoRA and how strongly it is applied.
#[derive(Debug, Clone, PartialEq)]
pub struct LoraFile {
    pub path: String,
    pub weight: f64,
    pub clip_weight: f64,
}

/// A picture to start from.
#[derive(Debug, Clone, PartialEq)]
pub struct Init {
    /// PNG, JPEG or WebP.
    pub picture: Vec<u8>,
    /// How much of it is made anew, above 0 and up to 1.
    pub denoise: f64,
}

impl Role {
    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::ClipL => "CLIP-L text encoder",
            Self::ClipG => "CLIP-G text encoder",
            Self::ClipH => "OpenCLIP-H text encoder",
            Self::T5 => "T5 text encoder",
            Self::Language => "language model text encoder",
            Self::Vae => "VAE",
        }
    }
}

impl Request {
    /// The file that plays this part, if the request brings one.
    pub fn component(&self, role: Role) -> Option<&str> {
        self.components.iter().find(|component| component.role == role).map(|component| component.path.as_str())
    }
}
