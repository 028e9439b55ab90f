//! Reads how a picture was made, whichever program made it.

mod comfyui;
mod exif;
mod others;

use serde::Serialize;
use serde_json::Value;

use super::{Program, Report, infotext, png, samplers};

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
    #[error("this is no PNG, JPEG or WebP picture")]
    NotAPicture,
    #[error(
        "this picture does not say how it was made; programs that strip metadata, chats and many sites, take it out"
    )]
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

/// Reads a PNG, JPEG or WebP file.
///
/// # Errors
/// When it is none of them, or says nothing about how it was made.
pub fn read(bytes: &[u8]) -> Result<Made, Unreadable> {
    if bytes.len() > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    let found = match bytes {
        _ if png::is_png(bytes) => from_png(&png::texts(bytes)),
        [0xff, 0xd8, ..] | [b'R', b'I', b'F', b'F', ..] => exif::comment(bytes).and_then(|text| parameters(&text)),
        _ => return Err(Unreadable::NotAPicture),
    };
    found.ok_or(Unreadable::NoParameters)
}

/// Our own word says most, then what says it in words, then a graph.
fn from_png(texts: &[(String, String)]) -> Option<Made> {
    let text = |keyword: &str| texts.iter().find(|(key, _)| key == keyword).map(|(_, text)| text.as_str());
    let json = |keyword: &str| serde_json::from_str::<Value>(text(keyword)?).ok();
    let own = json("genonaut").filter(Value::is_object).map(|recipe| {
        let rest = text("parameters").and_then(infotext::read).unwrap_or_default();
        Made { by: Program::Genonaut, recipe: Some(recipe), ..rest }
    });
    own.or_else(|| text("parameters").and_then(parameters))
        .or_else(|| json("invokeai_metadata").and_then(|given| others::invokeai(&given)))
        .or_else(|| json("prompt").and_then(|graph| comfyui::read(&graph)))
}

/// Two programs use one name: SwarmUI writes JSON where A1111 writes text.
fn parameters(text: &str) -> Option<Made> {
    match serde_json::from_str::<Value>(text) {
        Ok(given) => others::swarmui(&given),
        Err(_) => infotext::read(text),
    }
}
