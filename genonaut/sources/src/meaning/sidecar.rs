//! The files that programs put beside a model to say what it is. All of it is a stranger's text.

mod a1111;
mod civitai;
mod examples;
mod gather;
mod json;
mod ldm_config;
mod lora_manager;
mod rgthree;
mod stability_matrix;
mod swarm;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Said, Siblings, Statement, Trust, html};
pub use gather::{Gathered, gather};

/// Bytes of a file; a larger one is none of these.
const LARGEST: u64 = 4 << 20;

/// What follows the model's name, and the program; the most believed first where two are believed alike.
pub const SUFFIXES: [(&str, Tool); 9] = [
    (".json", Tool::A1111),
    (".swarm.json", Tool::SwarmUi),
    (".txt", Tool::Text),
    (".description.txt", Tool::Text),
    (".yaml", Tool::LdmConfig),
    (".metadata.json", Tool::LoraManager),
    (".cm-info.json", Tool::StabilityMatrix),
    (".safetensors.rgthree-info.json", Tool::Rgthree),
    (".civitai.info", Tool::Civitai),
];

/// A file that describes a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SidecarFile {
    pub path: PathBuf,
    /// Without folder.
    pub name: String,
    /// The model's name without extension.
    pub stem: String,
    pub tool: Tool,
}

/// Who writes files of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// And Forge; SD.Next gives the same name to what Civitai answers.
    A1111,
    SwarmUi,
    Text,
    LdmConfig,
    LoraManager,
    StabilityMatrix,
    Rgthree,
    Civitai,
}

/// A file that is not what its name promises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is not read: {why}")]
pub struct Bad {
    pub name: String,
    /// A clause.
    pub why: String,
}

type Fields = Map<String, Value>;
/// What a format's reader finds, or a clause that says why it is none.
type Found = Result<Vec<(Trust, Said)>, &'static str>;

/// The files beside the model whose name without extension is `stem`.
pub fn sidecars(siblings: &Siblings, stem: &str) -> Vec<SidecarFile> {
    let file = |(suffix, tool): &(&str, Tool)| {
        let (name, path) = siblings.find(stem, suffix)?;
        Some(SidecarFile { path, name, stem: stem.to_owned(), tool: *tool })
    };
    SUFFIXES.iter().filter_map(file).collect()
}

/// One file may speak for several: what the user wrote, and what Civitai said.
///
/// # Errors
/// When the file cannot be read or is not what its name promises.
pub fn read(file: &SidecarFile) -> Result<Vec<Statement>, Bad> {
    let bytes = bytes(&file.path).map_err(|why| Bad { name: file.name.clone(), why })?;
    parse(file.tool, &file.name, &file.stem, &bytes)
}

/// What the file called `name` says of the model `stem`.
///
/// # Errors
/// When it is not what its name promises.
pub fn parse(tool: Tool, name: &str, stem: &str, bytes: &[u8]) -> Result<Vec<Statement>, Bad> {
    let found = match tool {
        Tool::Text => Ok(vec![(Trust::User, text_file(bytes))]),
        Tool::LdmConfig => Ok(vec![(Trust::User, ldm_config::read(bytes))]),
        Tool::Civitai if bytes.iter().all(u8::is_ascii_whitespace) => Ok(vec![(Trust::Store, civitai::not_known())]),
        _ => json::parse(bytes).and_then(|given| fields(tool, &given, stem)),
    };
    let found = found.map_err(|why| Bad { name: name.to_owned(), why: why.to_owned() })?;
    Ok(found.into_iter().map(|(trust, said)| statement(name, trust, said)).collect())
}

impl Bad {
    pub fn code(&self) -> String {
        format!("bad-sidecar:{}", self.name)
    }
}

fn fields(tool: Tool, given: &Fields, stem: &str) -> Found {
    match tool {
        Tool::SwarmUi => swarm::read(given),
        Tool::LoraManager => lora_manager::read(given, stem),
        Tool::StabilityMatrix => stability_matrix::read(given),
        Tool::Rgthree => rgthree::read(given),
        Tool::Civitai => civitai::read(given),
        Tool::A1111 | Tool::Text | Tool::LdmConfig => a1111::read(given, stem),
    }
}

/// Names the file in each word.
fn statement(name: &str, trust: Trust, mut said: Said) -> Statement {
    for word in said.trigger_words.iter_mut().chain(&mut said.suggested_words) {
        name.clone_into(&mut word.source);
    }
    Statement { source: name.to_owned(), trust, said }
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    // A pipe would never end.
    if !path.metadata().map_err(|error| error.to_string())?.is_file() {
        return Err("it is no ordinary file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    file.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST { Err("it is larger than 4 MiB".to_owned()) } else { Ok(bytes) }
}

fn text_file(bytes: &[u8]) -> Said {
    let given = String::from_utf8_lossy(json::without_mark(bytes)).replace('\0', "");
    Said { description: html::description(&given), ..Said::default() }
}
