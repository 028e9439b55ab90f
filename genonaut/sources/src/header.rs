//! What the header of a model file says: tensors by name and shape, and the metadata beside them.

/// The header of one file, whatever its format.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Header {
    /// In the order of the file; the first of equal names.
    pub tensors: Vec<Tensor>,
    pub metadata: Metadata,
    /// Bytes before the tensors' data.
    pub length: u64,
    /// What was odd and read all the same, e.g. `offset-gap`.
    pub warnings: Vec<&'static str>,
    /// What was left out on purpose and is nothing odd, e.g. `thumbnail-not-stored`.
    pub notes: Vec<&'static str>,
}

/// A tensor as the header describes it; its data is never read.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    pub name: String,
    /// As the file spells it, e.g. `F16`, or the GGUF type, e.g. `Q8_0`.
    pub dtype: String,
    /// Row-major, as PyTorch prints it. Missing where a format does not say.
    pub shape: Option<Vec<u64>>,
    /// Bytes of data.
    pub bytes: u64,
}

/// Key and text, in the order of the file: kohya writes captions in the order they were first seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata(pub Vec<(String, String)>);

impl Header {
    /// Notes what was odd, once however often it occurs.
    pub(crate) fn warn(&mut self, code: &'static str) {
        once(&mut self.warnings, code);
    }

    /// Notes what was left out, once however often it occurs.
    pub(crate) fn note(&mut self, code: &'static str) {
        once(&mut self.notes, code);
    }
}

fn once(codes: &mut Vec<&'static str>, code: &'static str) {
    if !codes.contains(&code) {
        codes.push(code);
    }
}

impl Metadata {
    /// The text of a key as it stands, `None` and empty texts included.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, text)| text.as_str())
    }
}
