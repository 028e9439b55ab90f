//! Variables of a prompt: `${x=!{a|b}}` and `${x}`.

use std::ops::Range;

use super::{Part, Reader};

/// `${name=value}`: comes to nothing itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    pub name: String,
    pub value: Vec<Part>,
    /// `=!`: drawn once, here, and not at each use.
    pub at_once: bool,
    /// `?=`: only where it has no value yet.
    pub if_unset: bool,
}

/// `${name}`, or `${name:otherwise}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    pub name: String,
    pub otherwise: Option<Vec<Part>>,
}

impl Reader<'_> {
    /// The variable that is set or used at this dollar, and where it ends.
    pub(super) fn variable(&self, at: usize) -> (Option<Part>, usize) {
        let close = self.text[at..].starts_with("${").then(|| self.partner(at + 1)).flatten();
        let read = close.and_then(|close| Some((self.inside(at + 2..close)?, close + 1)));
        read.map_or((None, at), |(part, end)| (Some(part), end))
    }

    fn inside(&self, range: Range<usize>) -> Option<Part> {
        let text = &self.text[range.clone()];
        let length = text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).unwrap_or(text.len());
        let (name, rest) = text.split_at(length);
        let value = |signs: &str| self.parts(range.start + length + signs.len()..range.end);
        if name.is_empty() {
            return None;
        }
        if rest.is_empty() || rest.starts_with(':') {
            let otherwise = (!rest.is_empty()).then(|| value(":"));
            return Some(Part::Variable(Variable { name: name.to_owned(), otherwise }));
        }
        let signs = ["?=!", "?=", "=!", "="].into_iter().find(|signs| rest.starts_with(signs))?;
        let (at_once, if_unset) = (signs.ends_with('!'), signs.starts_with('?'));
        Some(Part::Assignment(Assignment { name: name.to_owned(), value: value(signs), at_once, if_unset }))
    }
}
