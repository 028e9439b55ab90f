//! Text as sources give it: what stands for nothing, what counts as the same, where one entry ends.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::split::split;

/// Characters of a name or the like, as in the tables.
pub const LONGEST_LINE: usize = 500;
/// Bytes of a description or a note.
const LONGEST: usize = 64 << 10;
/// Tags of a model that are looked at.
const MOST_TAGS: usize = 5000;

/// What Python, JavaScript and tired people write for "not given".
const NOTHING: [&str; 9] = ["", "none", "null", "undefined", "n/a", "unknown", "-", "{}", "[]"];

/// What A1111 reads as "load this network", closed or not: in a trigger word it would load the model twice.
static MARKER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)<(?:lora|lyco|hypernet):[^>,;\n\r]*>?"));

/// Trimmed, unless it only stands for nothing.
pub fn stated(text: &str) -> Option<&str> {
    let text = text.trim();
    (!NOTHING.contains(&text.to_lowercase().as_str())).then_some(text)
}

/// A name or the like, cut off where it is none.
pub fn line(text: &str) -> Option<String> {
    stated(first_characters(text.trim(), LONGEST_LINE)).map(str::to_owned)
}

/// A text that may have many lines, cut off where it is a book.
pub fn long(text: &str) -> Option<String> {
    stated(at_most(text, LONGEST)).map(str::to_owned)
}

/// What spellings of one word share: `Red_Cape` and `red  cape`.
pub fn key(text: &str) -> String {
    // Upper and then lower case is case folding for all letters that anyone writes in a prompt. Most tags are ASCII
    // and there may be a hundred thousand.
    let folded: String = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
    };
    let parts = folded.split(|c: char| c.is_whitespace() || c == '_').filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}

/// A number as people write it, also with a decimal comma.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    text.parse().or_else(|_| text.replace(',', ".").parse()).ok()
}

pub fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn without_markers(text: &str) -> String {
    let text = text.replace('\0', "");
    let mut text = MARKER.replace_all(&text, "").into_owned();
    // Taking one out has left another: nobody writes that by accident.
    if MARKER.is_match(&text) {
        text.retain(|c| c != '<');
    }
    text
}

/// Lower-case tags of comma lists, once each.
pub fn tags<'a>(lists: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut seen = Seen::default();
    let all = lists.into_iter().flat_map(split).map(|tag| tag.to_lowercase());
    all.filter(|tag| seen.is_new(tag)).take(MOST_TAGS).collect()
}

/// Which words have been had, in any spelling.
#[derive(Default)]
pub struct Seen(HashSet<String>);

impl Seen {
    /// False for what stands for nothing, too.
    pub fn is_new(&mut self, text: &str) -> bool {
        let key = key(text);
        !NOTHING.contains(&key.as_str()) && self.0.insert(key)
    }
}

/// A pattern of the program's own; each is run by a test.
pub fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid pattern")
}

/// The first `count` characters.
pub fn first_characters(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

/// The first `bytes` bytes, not cutting a character.
pub fn at_most(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
