//! What is wrong in a file, where, and what to do.

use std::fmt;

/// One problem of a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Counted from 1.
    pub line: u64,
    /// The column's name, unless the whole line is meant.
    pub column: Option<String>,
    /// The column's number, counted from 1.
    pub field: Option<usize>,
    /// What stands there, shortened.
    pub value: String,
    pub reason: String,
    pub hint: Option<String>,
}

impl Problem {
    /// `field` is counted from 0. An empty `column` means the whole line.
    pub fn at(line: u64, column: &str, field: Option<usize>, value: &str, reason: &str, hint: Option<String>) -> Self {
        Self {
            line,
            column: (!column.is_empty()).then(|| column.to_owned()),
            field: field.map(|field| field + 1),
            value: shown(value),
            reason: reason.to_owned(),
            hint,
        }
    }
}

/// `LINE:COLUMN: reason (value "…"); hint`. The caller puts the file before it.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.line)?;
        if let Some(column) = &self.column {
            write!(f, "{column}:")?;
        }
        write!(f, " {}", self.reason)?;
        if !self.value.is_empty() {
            write!(f, " (value \"{}\")", self.value)?;
        }
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

/// At most 80 characters, control characters escaped: it goes to a terminal.
fn shown(value: &str) -> String {
    const LONGEST: usize = 80;
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    let mut shown: String = value.chars().take(LONGEST).map(escape).collect();
    if value.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
