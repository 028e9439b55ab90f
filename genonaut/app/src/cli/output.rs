//! Writing to a terminal or a pipe.

use std::io::{self, ErrorKind, Write};

use anyhow::Context;

/// One line on stdout.
pub fn say(line: impl std::fmt::Display) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// One line on stderr. If even that fails, there is nobody to tell.
pub fn complain(line: &str) {
    writeln!(io::stderr().lock(), "{line}").ok();
}

pub fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    say(serde_json::to_string_pretty(value).context("failed to write JSON")?)
}

/// Whether the reader went away, as in `… | head`.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe))
}

/// Text from files and tags may hold anything; a terminal must not act on it.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
