//! Model files, read as a scan reads them: what is in them, what is wrong with them, and what they are.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/other.rs"]
mod fixtures;
#[path = "../support/pickled.rs"]
mod pickled;
#[path = "../support/mod.rs"]
mod support;

mod claims;
mod derived;
mod gguf;
mod hostile;
mod malformed;
mod other;
mod pickle;
mod relatives;
mod rules;
mod sample;
mod score;

use std::path::Path;

use genonaut_sources::model_file::{self, ModelFile};
use genonaut_sources::not_read::NotRead;

/// A file's verdict (`ok`, `warn`, `reject`) and all reasons for it.
fn verdict(read: &Result<ModelFile, NotRead>) -> (&'static str, Vec<String>) {
    match read {
        Err(error) => ("reject", vec![error.reason()]),
        Ok(file) => {
            let verdict = if file.header.warnings.is_empty() { "ok" } else { "warn" };
            let codes = file.header.warnings.iter().chain(&file.header.notes);
            (verdict, codes.map(|code| (*code).to_owned()).collect())
        }
    }
}

fn read_bytes(folder: &Path, name: &str, bytes: &[u8]) -> Result<ModelFile, NotRead> {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    model_file::read(&path)
}
