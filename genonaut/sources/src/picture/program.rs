//! Programs that write into images how they were made.

use serde::Serialize;

/// What wrote the image's metadata.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Program {
    #[default]
    Genonaut,
    /// And all that write like it: Forge, reForge, Civitai's generator, AI Horde's pages.
    A1111,
    SdNext,
    ComfyUi,
    SwarmUi,
    InvokeAi,
    NovelAi,
    Fooocus,
    RuinedFooocus,
    EasyDiffusion,
    DrawThings,
    Midjourney,
    /// One that uses names that nearly all use.
    Other,
}

impl Program {
    /// The name that its users know.
    pub fn label(self) -> &'static str {
        match self {
            Self::Genonaut => "Genonaut",
            Self::A1111 => "A1111",
            Self::SdNext => "SD.Next",
            Self::ComfyUi => "ComfyUI",
            Self::SwarmUi => "SwarmUI",
            Self::InvokeAi => "InvokeAI",
            Self::NovelAi => "NovelAI",
            Self::Fooocus => "Fooocus",
            Self::RuinedFooocus => "RuinedFooocus",
            Self::EasyDiffusion => "Easy Diffusion",
            Self::DrawThings => "Draw Things",
            Self::Midjourney => "Midjourney",
            Self::Other => "another program",
        }
    }
}
