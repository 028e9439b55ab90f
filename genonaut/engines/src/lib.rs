//! What makes images. No database inside: a request carries paths and numbers, never ids of rows.

pub mod comfyui;
pub mod embedded;
mod failure;
mod request;
pub mod scripted;

pub use comfyui::ComfyUi;
pub use embedded::Embedded;
pub use failure::{Failure, Field, Kind};
pub use request::{Component, Init, LoraFile, ModelKind, Request, Role};
pub use scripted::Scripted;

/// How far an image is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// From 1 to `steps`.
    pub step: u32,
    pub steps: u32,
    /// A small picture (JPEG) of what it looks like so far.
    pub preview: Option<Vec<u8>>,
}

/// A finished image, as the engine wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub png: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

/// Everything that can make images. A closed set: each is told apart by name, on jobs and on the page.
#[derive(Debug, Clone)]
pub enum Engine {
    Scripted(Scripted),
    ComfyUi(ComfyUi),
    Embedded(Embedded),
}

impl Engine {
    /// What people read.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Scripted(_) => scripted::NAME,
            Self::ComfyUi(_) => "ComfyUI",
            Self::Embedded(_) => "built-in engine",
        }
    }

    /// What it cannot do, in words; `None` where it depends on more than the engine.
    pub fn limits(&self) -> Option<&'static str> {
        match self {
            Self::Scripted(_) | Self::ComfyUi(_) => None,
            Self::Embedded(_) => Some(embedded::LIMITS),
        }
    }

    /// Whether it reads model files; the demo engine draws without any.
    pub fn uses_models(&self) -> bool {
        !matches!(self, Self::Scripted(_))
    }

    /// Whether it says which models it has; another looks for their files when it is to use them.
    pub fn lists_models(&self) -> bool {
        self.comfyui().is_some()
    }

    /// The server behind it, where it is one.
    pub fn comfyui(&self) -> Option<&ComfyUi> {
        match self {
            Self::ComfyUi(engine) => Some(engine),
            _ => None,
        }
    }

    /// Whether it can make such an image at all, as far as that is known without asking anybody.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check(&self, request: &Request) -> Result<(), Failure> {
        self.comfyui().map_or(Ok(()), |engine| engine.check(request))
    }

    /// Makes one image. Dropping the future stops the work.
    ///
    /// # Errors
    /// When the engine cannot, with what a person can do about it.
    pub async fn make(&self, request: &Request, progress: impl FnMut(Progress)) -> Result<Picture, Failure> {
        match self {
            Self::Scripted(engine) => engine.make(request, progress).await,
            Self::ComfyUi(engine) => engine.make(request, progress).await,
            Self::Embedded(engine) => engine.make(request, progress).await,
        }
    }
}
