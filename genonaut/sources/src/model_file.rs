//! Reads the header of a model file of any format. What it is decides its content, not its name.

use std::fs::File;
use std::path::Path;

use crate::folder::identity;
use crate::header::Header;
use crate::not_read::NotRead;
use crate::sniff::{self, Content};
use crate::{gguf, pickle, safetensors};

/// How a model file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Safetensors,
    Gguf,
    /// PyTorch's own; loading such a file can run code.
    Pickle,
}

/// What a model file says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFile {
    pub format: Format,
    /// Bytes of the whole file.
    pub size: u64,
    /// [`identity::digest`]: the same wherever the file lies and whatever it is called.
    pub digest: [u8; 32],
    /// [`identity::tensors_digest`]: the same when only the metadata in the header was rewritten; safetensors only.
    pub tensors_digest: Option<[u8; 32]>,
    pub header: Header,
}

impl ModelFile {
    /// Where the tensors' data begins, in the one format whose data has a hash of its own.
    pub fn tensors_at(&self) -> Option<u64> {
        (self.format == Format::Safetensors).then_some(self.header.length)
    }
}

/// Opens a file, and reads its header and a sample of its data.
///
/// # Errors
/// Why the file is no model that can be read. A file that is called `.safetensors` and is another format is one of
/// those: every program trusts that name, so none would load it, or worse, one would as a pickle.
pub fn read(path: &Path) -> Result<ModelFile, NotRead> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let named_safe = path
        .extension()
        .is_some_and(|ending| ["safetensors", "sft"].iter().any(|safe| ending.eq_ignore_ascii_case(safe)));
    let (format, header) = if named_safe {
        (Format::Safetensors, safetensors::read(&mut file, size)?)
    } else {
        read_any(&mut file, size)?
    };
    let digest = identity::digest(&mut file, size, header.length)?;
    let tensors_digest = match format {
        Format::Safetensors => identity::tensors_digest(&mut file, size, &header)?,
        Format::Gguf | Format::Pickle => None,
    };
    Ok(ModelFile { format, size, digest, tensors_digest, header })
}

/// Reads the header of whatever the content is.
///
/// # Errors
/// Why this is no model that can be read.
pub fn read_any(file: &mut (impl std::io::Read + std::io::Seek), size: u64) -> Result<(Format, Header), NotRead> {
    let start = safetensors::start(file)?;
    let content = match safetensors::length(&start, size) {
        Ok(_) => return safetensors::read_on(file, start, size).map(|header| (Format::Safetensors, header)),
        Err(code) => sniff::sniff(&start).ok_or(NotRead::Refused(code))?,
    };
    match content {
        Content::Gguf => gguf::read(file, size).map(|header| (Format::Gguf, header)),
        Content::Zip | Content::Pickle => pickle::read(file, size).map(|header| (Format::Pickle, header)),
        other => Err(sniff::refusal(other)),
    }
}
