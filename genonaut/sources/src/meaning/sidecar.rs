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

use super::{FileHashes, Said, Siblings, Statement, Trust, html};
use crate::decode;
pub use gather::{Gathered, gather};

/// Mebibytes of a file; a larger one is none of these. Workflows of example images make some files tens of them.
const LARGEST: u64 = 32;

/// What follows the model's name, and the program; the most believed first where two are believed alike.
pub const SUFFIXES: [(&str, Tool); 10] = [
    (".json", Tool::A1111),
    (".swarm.json", Tool::SwarmUi),
    (".txt", Tool::Text),
    (".description.txt", Tool::Text),
    (".yaml", Tool::LdmConfig),
    (".metadata.json", Tool::LoraManager),
    (".cm-info.json", Tool::StabilityMatrix),
    (".safetensors.rgthree-info.json", Tool::Rgthree),
    (".civitai.info", Tool::Civitai),
    (".api_info.json", Tool::Civitai),
];

/// A file that describes a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SidecarFile {
    pub path: PathBuf,
    /// Without folder.
    pub name: String,
    pub tool: Tool,
}

/// Who writes files of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// And Forge; SD.Next gives the same name to what Civitai answers, and sd-civitai-browser-plus adds ids.
    A1111,
    SwarmUi,
    Text,
    LdmConfig,
    LoraManager,
    StabilityMatrix,
    Rgthree,
    /// Civitai Helper, and sd-civitai-browser-plus.
    Civitai,
}

/// A file that is not what its name promises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {why}")]
pub struct Bad {
    pub name: String,
    /// A clause.
    pub why: String,
}

type Fields = Map<String, Value>;
/// What a format's reader finds, or a clause that says why it is none.
type Found = Result<Vec<(Trust, Said)>, &'static str>;

/// The model that a file lies beside.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The model's name without extension.
    pub stem: &'a str,
    pub hashes: FileHashes<'a>,
}

/// The files beside the model whose name without extension is `stem`.
pub fn sidecars(siblings: &Siblings, stem: &str) -> Vec<SidecarFile> {
    let file = |(suffix, tool): &(&str, Tool)| {
        let (name, path) = siblings.find(stem, suffix)?;
        Some(SidecarFile { path, name, tool: *tool })
    };
    SUFFIXES.iter().filter_map(file).collect()
}

/// One file may speak for several: what the user wrote, and what Civitai said.
///
/// # Errors
/// When the file cannot be read or is not what its name promises.
pub fn read(file: &SidecarFile, beside: Beside) -> Result<Vec<Statement>, Bad> {
    let bytes = bytes(&file.path).map_err(|why| Bad { name: file.name.clone(), why })?;
    parse(file.tool, &file.name, beside, &bytes)
}

/// What the file called `name` says of a model.
///
/// # Errors
/// When it is not what its name promises.
pub fn parse(tool: Tool, name: &str, beside: Beside, bytes: &[u8]) -> Result<Vec<Statement>, Bad> {
    let found = match tool {
        Tool::Text => Ok(vec![(Trust::User, text_file(bytes))]),
        Tool::LdmConfig => Ok(vec![(Trust::User, ldm_config::read(bytes))]),
        Tool::Civitai if bytes.iter().all(u8::is_ascii_whitespace) => Ok(vec![(Trust::Store, civitai::not_known())]),
        _ => json::parse(bytes).and_then(|given| fields(tool, &given, beside).map_err(str::to_owned)),
    };
    let found = found.map_err(|why| Bad { name: name.to_owned(), why })?;
    Ok(found.into_iter().map(|(trust, said)| statement(name, trust, said)).collect())
}

impl Bad {
    /// With the reason, for whoever is to mend it.
    pub fn code(&self) -> String {
        format!("bad-sidecar:{self}")
    }
}

fn fields(tool: Tool, given: &Fields, beside: Beside) -> Found {
    match tool {
        Tool::Civitai => civitai::read(given, beside),
        // A program has saved nothing yet.
        _ if given.is_empty() => Ok(Vec::new()),
        Tool::SwarmUi => swarm::read(given),
        Tool::LoraManager => lora_manager::read(given, beside.stem),
        Tool::StabilityMatrix => stability_matrix::read(given),
        Tool::Rgthree => rgthree::read(given),
        Tool::A1111 | Tool::Text | Tool::LdmConfig => a1111::read(given, beside),
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
        return Err("it is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let largest = LARGEST << 20;
    let file = File::open(path).and_then(|file| file.take(largest + 1).read_to_end(&mut bytes));
    file.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > largest { Err(format!("it is larger than {LARGEST} MiB")) } else { Ok(bytes) }
}

fn text_file(bytes: &[u8]) -> Said {
    let given = decode::text(bytes).replace('\0', "");
    Said { description: html::description(&given), ..Said::default() }
}
