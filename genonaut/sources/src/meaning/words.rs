//! Trigger words, and who says so.

use serde::Serialize;

use super::split::split;
use super::text::{self, Seen};

/// Characters of an entry that are looked at; the tables take fewer and say so.
const LONGEST: usize = 5000;
/// Characters of a word that is guessed: longer ones are captions.
const LONGEST_GUESS: usize = 200;
/// Entries that are looked at: no author has so many words; a hostile file may.
pub(crate) const MOST: usize = 5000;

/// A word for the prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    pub text: String,
    /// A file beside the model (`hero.civitai.info`), a metadata key, or how it was found among the training
    /// pictures: `folder`, `folder+tag`, `tag~name` (shares a word with the model's name), `tag>=90%`.
    pub source: String,
}

impl Word {
    /// `None` when nothing is left to type.
    pub(crate) fn new(text: &str, source: &str) -> Option<Self> {
        let text = text::without_markers(text);
        let text = text::first_characters(text.trim(), LONGEST).trim_end();
        (!text.is_empty()).then(|| Self { text: text.to_owned(), source: source.to_owned() })
    }

    /// A word that somebody's training pictures were told by, unless it is a sentence.
    pub(crate) fn trained(text: &str, source: &str) -> Option<Self> {
        Self::new(text, source).filter(|word| word.text.chars().count() <= LONGEST_GUESS)
    }

    /// Nobody said so: it is in the tags of many training pictures.
    pub(crate) fn guessed(&self) -> bool {
        self.source.starts_with("tag")
    }
}

/// The words of lists that people wrote.
pub(crate) fn from_lists<'a>(lists: impl IntoIterator<Item = &'a str>, source: &str) -> Vec<Word> {
    let words = lists.into_iter().flat_map(split).take(MOST);
    unique(words.filter_map(|word| Word::new(&word, source)))
}

/// Each word once: one that somebody said is no guess.
pub(crate) fn settled(required: Vec<Word>, suggested: Vec<Word>) -> (Vec<Word>, Vec<Word>) {
    let mut seen = Seen::default();
    let mut new = |word: &Word| seen.is_new(&word.text);
    (required.into_iter().filter(&mut new).collect(), suggested.into_iter().filter(&mut new).collect())
}

/// Each word once, as first spelled.
pub(crate) fn unique(words: impl IntoIterator<Item = Word>) -> Vec<Word> {
    let mut seen = Seen::default();
    words.into_iter().filter(|word| seen.is_new(&word.text)).collect()
}
