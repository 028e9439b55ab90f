//! Many regular expressions, looked for in one pass over a text.

use std::collections::HashMap;

use regex::bytes::{RegexSet, RegexSetBuilder};

/// Keeps the automaton of some hundred patterns in memory between files (8 MiB).
const AUTOMATON: usize = 8 << 20;

/// Patterns of rules, which are asked for by their text.
pub struct Patterns {
    set: RegexSet,
    places: HashMap<String, usize>,
}

impl Patterns {
    /// Names of tensors are ASCII; so are the classes `\d` and `\w` then.
    ///
    /// # Errors
    /// Which pattern is none.
    pub fn new<'a>(patterns: impl Iterator<Item = &'a str>, ignore_case: bool) -> Result<Self, regex::Error> {
        let mut places = HashMap::new();
        let mut all = Vec::new();
        for pattern in patterns {
            places.entry(pattern.to_owned()).or_insert_with(|| {
                all.push(pattern);
                all.len() - 1
            });
        }
        let mut builder = RegexSetBuilder::new(all);
        let set = builder.unicode(false).case_insensitive(ignore_case).dfa_size_limit(AUTOMATON).build()?;
        Ok(Self { set, places })
    }

    pub fn len(&self) -> usize {
        self.set.len()
    }

    /// Places of the patterns that a text matches.
    pub fn matches(&self, text: &str) -> impl Iterator<Item = usize> {
        self.set.matches(text.as_bytes()).into_iter()
    }

    /// The place of a pattern that was there from the start.
    pub fn place(&self, pattern: &str) -> usize {
        self.places.get(pattern).copied().unwrap_or(usize::MAX)
    }
}
