//! What programs keep in a folder, by its name.

/// A hint only: people put files where they like, and a file says itself what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FolderKind {
    Checkpoint,
    DiffusionModel,
    Lora,
    Vae,
    VaeApprox,
    TextEncoder,
    ClipVision,
    Embedding,
    Hypernetwork,
    ControlNet,
    IpAdapter,
    StyleModel,
    Gligen,
    Upscaler,
}

impl FolderKind {
    /// Names of ComfyUI, Stable Diffusion web UI, Forge, SwarmUI and StabilityMatrix, in any case.
    pub fn of_name(name: &str) -> Option<Self> {
        let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        Some(match letters.to_ascii_lowercase().as_str() {
            "checkpoint" | "checkpoints" | "stablediffusion" | "svd" => Self::Checkpoint,
            "diffusionmodels" | "unet" => Self::DiffusionModel,
            "lora" | "loras" | "lycoris" => Self::Lora,
            "vae" => Self::Vae,
            "vaeapprox" | "approxvae" => Self::VaeApprox,
            "textencoder" | "textencoders" | "clip" => Self::TextEncoder,
            "clipvision" => Self::ClipVision,
            "embedding" | "embeddings" | "textualinversion" => Self::Embedding,
            "hypernetwork" | "hypernetworks" => Self::Hypernetwork,
            "controlnet" | "t2iadapter" => Self::ControlNet,
            "ipadapter" | "ipadapters15" | "ipadaptersxl" => Self::IpAdapter,
            "stylemodels" => Self::StyleModel,
            "gligen" => Self::Gligen,
            "upscalemodels" | "latentupscalemodels" | "esrgan" | "realesrgan" | "bsrgan" | "swinir" | "scunet" => {
                Self::Upscaler
            }
            _ => return None,
        })
    }
}
