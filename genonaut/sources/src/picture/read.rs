//! Reads how a picture was made, whichever program made it.

mod comfyui;
mod container;
mod draw_things;
mod easy_diffusion;
mod fields;
mod fooocus;
mod generic;
mod invokeai;
mod json;
mod midjourney;
mod novelai;
mod recognize;
mod swarmui;

use serde::Serialize;
use serde_json::Value;

use super::{Program, Reason, Report, infotext, samplers};

pub(super) use container::Texts;
pub(super) use fields::Fields;

use crate::cancel::Cancel;

/// Larger files (128 MiB) are no pictures that anyone drops on a page.
const LARGEST: usize = 128 << 20;

/// What a picture's file says about how it was made; what it does not say is missing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Made {
    pub by: Program,
    /// Without what stands for LoRAs.
    pub prompt: String,
    pub negative_prompt: String,
    pub checkpoint: Option<Model>,
    /// Where another than the checkpoint's own was used.
    pub vae: Option<Model>,
    pub loras: Vec<Lora>,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub steps: Option<u32>,
    pub cfg: Option<f64>,
    /// ComfyUI's ids; the report has those that are not known here.
    pub sampler: Option<String>,
    pub scheduler: Option<String>,
    pub seed: Option<u64>,
    /// As A1111 counts: 1 skips nothing.
    pub clip_skip: Option<u32>,
    /// Our own recipe, whole.
    pub recipe: Option<Value>,
    /// What became of each value that the file has.
    pub report: Report,
}

/// A model as another machine calls it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Model {
    /// Without folder and extension.
    pub name: String,
    /// As given, when that is more.
    pub filename: Option<String>,
    /// Lower-case hexadecimal digits; how many says which.
    pub hash: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lora {
    pub model: Model,
    pub weight: f64,
    /// On the text encoder; the same unless given.
    pub clip_weight: Option<f64>,
}

/// Why nothing can be read from a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("this is not a PNG, JPEG, WebP, AVIF or HEIF image")]
    NotAPicture,
    #[error("this image has no generation metadata; chat apps and many sites strip it")]
    NoParameters,
    #[error("this file is larger than 128 MiB")]
    TooLarge,
}

impl Made {
    /// Takes what the writer means by these names, and tells the report.
    pub(super) fn set_sampling(&mut self, sampler: &str, schedule: Option<&str>) {
        let meaning = samplers::sampling(sampler, schedule, self.by);
        meaning.report(sampler, schedule, &mut self.report);
        self.sampler = meaning.sampler.map(str::to_owned);
        self.scheduler = meaning.scheduler.map(str::to_owned);
    }

    /// A schedule alone.
    fn set_scheduler(&mut self, schedule: &str) {
        self.scheduler = samplers::scheduler(schedule).map(str::to_owned);
        match &self.scheduler {
            Some(id) => self.report.add("scheduler", schedule, id, None),
            None => self.report.leave_out("scheduler", schedule, Reason::UnknownScheduler),
        }
    }

    /// What another place of the file says of the checkpoint.
    pub(super) fn know_checkpoint(&mut self, model: Model) {
        if model.name.is_empty() && model.hash.is_none() {
            return;
        }
        let known = self.checkpoint.get_or_insert_with(|| Model { name: String::new(), ..model.clone() });
        known.hash = known.hash.take().or(model.hash);
        if known.name.is_empty() && !model.name.is_empty() {
            self.report.take("checkpoint", &model.name);
            (known.name, known.filename) = (model.name, model.filename);
        }
    }
}

impl Model {
    /// From a name or a path, in any system's form.
    pub fn named(given: &str) -> Self {
        let mut model = Self::default();
        model.set_name(given);
        model
    }

    pub(super) fn set_name(&mut self, given: &str) {
        const ENDINGS: [&str; 7] = [".safetensors", ".ckpt", ".gguf", ".pt", ".pth", ".bin", ".sft"];
        let last = given.rsplit(['/', '\\']).next().unwrap_or(given);
        let stem = ENDINGS.iter().find_map(|ending| {
            let cut = last.len().checked_sub(ending.len())?;
            last.get(cut..)?.eq_ignore_ascii_case(ending).then(|| &last[..cut])
        });
        stem.unwrap_or(last).clone_into(&mut self.name);
        self.filename = (self.name != given).then(|| given.to_owned());
    }
}

/// Reads an image file: PNG, JPEG, WebP, AVIF or HEIF.
///
/// # Errors
/// When it is none of them, or says nothing about how it was made.
pub fn read(bytes: &[u8]) -> Result<Made, Unreadable> {
    read_until(bytes, &Cancel::default())
}

/// The same, until it is cancelled: then the file seems to have no texts from there on.
///
/// # Errors
/// As [`read`].
pub fn read_until(bytes: &[u8], cancel: &Cancel) -> Result<Made, Unreadable> {
    if bytes.len() > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    let mut texts = Texts::new(cancel);
    container::texts(bytes, &mut texts).ok_or(Unreadable::NotAPicture)?;
    recognize::read(&texts).or_else(|| hidden(bytes, texts)).ok_or(Unreadable::NoParameters)
}

/// What hides within the pixels has what the other texts have left of the file's budget.
fn hidden(bytes: &[u8], mut texts: Texts) -> Option<Made> {
    let hidden = container::hidden_text(bytes, &mut texts)?;
    texts.clear();
    recognize::add(&hidden, &mut texts);
    recognize::read(&texts)
}

/// Reads a text that somebody pasted: A1111's, or the JSON of any program. `None` when it holds no settings.
pub fn read_text(text: &str) -> Option<Made> {
    let made = match json::object(text) {
        Some(object) => json::read(&object),
        None => infotext::read(text),
    };
    made.filter(|made| made.steps.is_some() || made.sampler.is_some())
}
