//! Trigger words that are in the model itself: names of embeddings, which a prompt calls them by.

use std::collections::BTreeSet;

use super::Model;
use crate::header::Header;
use crate::identify::Kind;
use crate::meaning::words::{self, Word};
use crate::meaning::{Said, Statement, Trust};

/// What the model answers to, whatever anyone says of it.
pub fn statement(kind: Kind, header: &Header, model: &Model) -> Option<Statement> {
    let (source, trust, trigger_words) = match kind {
        Kind::Lora => ("header", Trust::Header, bundled(header)),
        // Programs look an embedding up by its file's name.
        Kind::Embedding => {
            let word = Word::new(&super::stem(model.found), "file name");
            ("file name", Trust::FileName, word.into_iter().collect())
        }
        _ => return None,
    };
    Some(Statement { source: source.to_owned(), trust, said: Said { trigger_words, ..Said::default() } })
}

/// A LoRA can bring embeddings along: `bundle_emb.<word>.string_to_param.*`.
fn bundled(header: &Header) -> Vec<Word> {
    let name = |name: &str| Some(name.strip_prefix("bundle_emb.")?.split_once('.')?.0.to_owned());
    let names: BTreeSet<String> = header.tensors.iter().filter_map(|tensor| name(&tensor.name)).collect();
    names.iter().take(words::MOST).filter_map(|name| Word::new(name, "bundle_emb")).collect()
}
