//! Why a model file was not read: a code for programs, a sentence for people.

use std::fmt;
use std::io;

/// The variants differ by what can be done about it.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// Worth another try: the file could not be opened or read.
    #[error("the file cannot be read: {0}; check the disk and the permissions, then rescan")]
    Unreadable(#[from] io::Error),
    /// The model itself still has to be fetched.
    #[error("this is a Git LFS pointer, not the model; download the file itself ({0})")]
    Pointer(Pointer),
    /// Loading the file would run code: `module.name` is what it calls.
    #[error("loading this file would run {0}, which no model needs; use a .safetensors file instead")]
    Unsafe(String),
    /// Nothing can be made with one part of a model, and no program here joins them.
    #[error(
        "this is part {part} of {of} of a model split into several files (diffusers format); \
         download the model as one file"
    )]
    Part { part: u32, of: u32 },
    /// Not worth another try: the same file will be refused again.
    #[error("{}", sentence(.0))]
    Refused(&'static str),
}

/// A Git LFS pointer, which stands where the model should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// SHA-256 of the missing file, in hex.
    pub oid: Option<String>,
    /// Bytes of the missing file.
    pub size: Option<u64>,
}

impl NotRead {
    /// Which kind of reason this is; the same for all files refused for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::Pointer(_) => "not-a-model:git-lfs-pointer",
            Self::Unsafe(_) => "unsafe-pickle",
            Self::Part { .. } => "part-of-model",
            Self::Refused(code) => code,
        }
    }

    /// The code, and behind a colon what it is about where that differs from file to file.
    pub fn reason(&self) -> String {
        match self {
            Self::Unsafe(name) => format!("{}:{name}", self.code()),
            Self::Part { part, of } => format!("{}:{part}/{of}", self.code()),
            _ => self.code().to_owned(),
        }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.size {
            Some(size) => write!(f, "{size} bytes"),
            None => f.write_str("of unknown size"),
        }
    }
}

fn sentence(code: &str) -> &'static str {
    match code {
        "too-short" => "the file is too short to be a model; download it again",
        "empty-header" => "the file starts with zeros instead of a header; download it again",
        "header-too-large" | "header-length-exceeds-file" => {
            "the file is not a known model format, or it is damaged; download it again"
        }
        "header-not-json" | "header-not-object" | "header-not-utf8" => "the header is damaged; download the file again",
        "bad-entry" | "bad-shape" | "bad-offsets" | "shape-overflow" => {
            "the header describes impossible tensors; download the file again, or ask its author"
        }
        "too-many-tensors" => "the header lists more tensors than any model has",
        "not-a-model:html" => "this is a web page instead of a model; download it again, possibly after signing in",
        "wrong-format:gguf" => "this is a GGUF file with a wrong extension; rename it to .gguf",
        "wrong-format:pickle-zip" | "wrong-format:pickle" => {
            "this is a PyTorch file with a wrong extension, which can run code when loaded; use a real .safetensors file"
        }
        "gguf-version" | "gguf-big-endian" => "this version of GGUF is not supported; convert the file again",
        "gguf-counts" | "gguf-string-length" | "gguf-value-type" | "gguf-dimensions" | "gguf-truncated" => {
            "the GGUF header is damaged or incomplete; download the file again"
        }
        "pickle-too-large" => "the tensor list is larger than any model needs; convert the file again",
        "zip-without-data" => "this is a zip archive without a model; unpack it",
        "zip-damaged" | "pickle-truncated" | "pickle-opcode" => {
            "the file is damaged or incomplete; download it again, as .safetensors if there is one"
        }
        _ => "unknown file format; models are .safetensors, .gguf or PyTorch files",
    }
}
