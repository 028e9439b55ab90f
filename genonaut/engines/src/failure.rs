//! Why no image came of a request, told apart by what the caller does next.

use crate::Role;

/// Characters of a title or a hint.
const LONGEST: usize = 1000;

/// Why no image came of a request.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{title}. {hint}")]
pub struct Failure {
    /// What went wrong, in a few words.
    pub title: String,
    /// What to do.
    pub hint: String,
    pub kind: Kind,
    /// What of the request it is about, where it is about one thing.
    pub field: Option<Field>,
}

/// What a caller does about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The same request fails everywhere: it has to change.
    Refused,
    /// This engine lacks a model or a node, or broke on this request: another may not.
    Unable,
    /// Too little memory here: a smaller request, or another engine.
    OutOfMemory,
    /// The engine is off, lets nobody in, or is broken: later, or another one.
    Unreachable,
    /// The work is gone through no fault of the request: the same again, now.
    Lost,
    /// Someone stopped it at the engine: nothing is left to do.
    Cancelled,
}

/// A part of a request, so that a page can show the failure beside it.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    Checkpoint,
    /// By the path that the request names it with.
    Lora(String),
    Component(Role),
    Init,
    Sampler,
    Scheduler,
    Size,
    Steps,
    Cfg,
    Seed,
    ClipSkip,
}

impl Failure {
    /// What an engine says in it is cut to what a page shows.
    pub fn new(kind: Kind, title: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { title: cut(title.into()), hint: cut(hint.into()), kind, field: None }
    }

    #[must_use]
    pub fn at(self, field: Field) -> Self {
        Self { field: Some(field), ..self }
    }

    /// Whether the same request may do on the same engine.
    pub fn is_worth_another_try(&self) -> bool {
        matches!(self.kind, Kind::Unreachable | Kind::Lost)
    }

    /// Whether the same request may do on another engine.
    pub fn is_worth_another_engine(&self) -> bool {
        !matches!(self.kind, Kind::Refused | Kind::Cancelled)
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_engine_says_is_cut_to_what_a_page_shows() {
        let failure = Failure::new(Kind::Unable, "é".repeat(1000), "é".repeat(100_000));
        assert_eq!((failure.title.chars().count(), failure.hint.chars().count()), (1000, 1001));
    }
}
