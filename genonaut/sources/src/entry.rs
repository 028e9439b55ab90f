//! From a model file to what the catalogue gets to know of it: the file and all that lies beside it, read once, judged,
//! and made fit for the tables. Nothing is remembered from one file to the next.

mod beside;
mod columns;
mod fit;
mod known;
mod metadata;
mod own_words;
mod part;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::architectures::{self, BadTable};
use crate::folder::{Found, Root};
use crate::identify::{Kind, Rules};
use crate::meaning::{Families, FileHashes, file_name, preview};
use crate::model_file::{self, Format};
use crate::not_read::NotRead;
pub use beside::beside_digest;
use columns::Row;
use known::Known;
pub use part::Part;

/// What is known of all models. Making it takes milliseconds: once for a whole scan.
pub struct Knowledge {
    rules: Rules,
    families: Families,
}

/// A file to read.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    pub root: &'a Root,
    pub found: &'a Found,
    /// Once they are known, files beside it that describe another are told apart, and a well-known checkpoint is
    /// recognised.
    pub hashes: FileHashes<'a>,
}

/// Where the catalogue keeps a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    Checkpoints,
    Loras,
}

/// What a file is and what is said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub kind: Kind,
    pub format: Format,
    /// [`identity::digest`](crate::folder::identity::digest): the same wherever the file lies.
    pub digest: [u8; 32],
    /// [`identity::tensors_digest`](crate::folder::identity::tensors_digest).
    pub tensors_digest: Option<[u8; 32]>,
    /// Where the tensors' data begins, for their hash; safetensors only.
    pub tensors_at: Option<u64>,
    /// What it can be beside a diffusion model: a VAE, a text encoder, or what steers one.
    pub part: Option<Part>,
    /// Missing for what is neither checkpoint nor LoRA.
    pub table: Option<Table>,
    /// Columns of that table, only what is really said, and never a rating. Of other files those that both tables
    /// have, and an embedding's trigger words.
    pub fields: Map<String, Value>,
    /// Who said a field: `hero.civitai.info`, `header`, `file name`, or several of these with commas; a family can also
    /// be known by a `name`, the `folder` or the `SHA-256`. What stands in the metadata has a dot:
    /// `metadata.recommended_weight`.
    pub said_by: BTreeMap<String, String>,
    /// Below the root.
    pub preview: Option<PathBuf>,
    /// Codes for programs, some with a colon and what they are about. They are in the metadata, too.
    pub warnings: Vec<String>,
}

impl Knowledge {
    /// From a table like [`architectures::TABLE`].
    ///
    /// # Errors
    /// What in the table is not as it should be.
    pub fn from_json(table: &str) -> Result<Self, BadTable> {
        Ok(Self { rules: Rules::from_json(table)?, families: Families::from_json(table)? })
    }
}

impl Default for Knowledge {
    fn default() -> Self {
        Self::from_json(architectures::in_force()).expect("a table is checked before it holds")
    }
}

/// Opens the file once, and each file that belongs to it.
///
/// # Errors
/// Why the file is no model that can be read. What lies beside it is never a reason: that is a warning.
pub fn read(knowledge: &Knowledge, model: &Model) -> Result<Entry, NotRead> {
    if let Some((part, of)) = file_name::part(&stem(model.found)) {
        return Err(NotRead::Part { part, of });
    }
    let file = model_file::read(&model.root.path.join(&model.found.path))?;
    let known = Known::gather(knowledge, model, &file);
    let table = Table::of(known.identity.kind);
    let Row { fields, said_by, warnings } = columns::fill(&known, table);
    let preview = preview::find(&known.siblings, &known.stem);
    Ok(Entry {
        kind: known.identity.kind,
        format: file.format,
        digest: file.digest,
        tensors_digest: file.tensors_digest,
        tensors_at: file.tensors_at(),
        part: Part::of(&known.identity),
        table,
        fields,
        said_by,
        preview: preview.and_then(|preview| Some(preview.path.strip_prefix(&model.root.path).ok()?.to_owned())),
        warnings,
    })
}

impl Table {
    fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Checkpoint | Kind::DiffusionModel => Some(Self::Checkpoints),
            Kind::Lora => Some(Self::Loras),
            _ => None,
        }
    }
}

/// The file's name without its last ending, in the form in which files beside it are looked for.
fn stem(found: &Found) -> String {
    found.path.file_stem().unwrap_or(OsStr::new("")).to_string_lossy().into_owned()
}
