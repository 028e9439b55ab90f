//! What makes images. No database inside: a request carries paths and numbers, never ids.

pub mod scripted;

pub use scripted::Scripted;

/// One image to make.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    pub prompt: String,
    pub negative_prompt: String,
    /// Path of the checkpoint's file.
    pub checkpoint: String,
    pub loras: Vec<LoraFile>,
    /// Pixels; multiples of 8.
    pub width: u32,
    pub height: u32,
    pub steps: u32,
    pub cfg: f64,
    /// ComfyUI's ids, e.g. `dpmpp_2m` and `karras`.
    pub sampler: String,
    pub scheduler: String,
    pub seed: i64,
    /// As A1111 counts: 1 skips nothing.
    pub clip_skip: u32,
}

/// A LoRA and how strongly it is applied.
#[derive(Debug, Clone, PartialEq)]
pub struct LoraFile {
    pub path: String,
    pub weight: f64,
    pub clip_weight: f64,
}

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

/// Why no image came of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What went wrong, in a few words.
    pub title: String,
    /// What to do.
    pub hint: String,
}

/// Everything that can make images. A closed set: each is told apart by name, on jobs and on the page.
#[derive(Debug, Clone)]
pub enum Engine {
    Scripted(Scripted),
}

impl Engine {
    /// What people read.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Scripted(_) => "demo engine",
        }
    }

    /// Makes one image. Dropping the future stops the work.
    ///
    /// # Errors
    /// When the engine cannot, with what a person can do about it.
    pub async fn make(&self, request: &Request, progress: impl FnMut(Progress)) -> Result<Picture, Failure> {
        match self {
            Self::Scripted(engine) => engine.make(request, progress).await,
        }
    }
}
