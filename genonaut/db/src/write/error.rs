//! Why something could not be written, in terms of the caller's fields.

use serde::Serialize;
use sqlx::error::ErrorKind;
use utoipa::ToSchema;

/// Differs by what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("model not found")]
    NotFound,
    /// Read it again and decide anew.
    #[error("the model was modified since it was read")]
    Stale,
    /// Mend these fields.
    #[error("{}", .0.iter().map(|problem| format!("{}: {}", problem.field, problem.reason)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldProblem>),
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// A problem of one field, and how to fix it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FieldProblem {
    pub field: String,
    /// `unknown_field`, `wrong_type`, `out_of_range`, `required`, `duplicate`, `bad_text` or `read_only`.
    pub code: &'static str,
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl FieldProblem {
    pub(crate) fn new(field: &str, code: &'static str, reason: impl Into<String>) -> Self {
        Self { field: field.to_owned(), code, reason: reason.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// A rule of the table that the row breaks, as a problem of the field it is about.
pub(crate) fn from_rule(table: &str, error: sqlx::Error) -> WriteError {
    let Some(refused) = error.as_database_error() else { return error.into() };
    let named = |ending: &str| {
        Some(refused.constraint()?.strip_prefix(table)?.strip_prefix('_')?.strip_suffix(ending)?.to_owned())
    };
    let problem = match refused.kind() {
        ErrorKind::UniqueViolation => named("_key").map(|field| {
            let reason = format!("another model already has this {field}");
            FieldProblem::new(&field, "duplicate", reason)
                .hint("choose another one, or change the other model, which may be in the trash")
        }),
        ErrorKind::CheckViolation => named("_check")
            .and_then(|field| Some(FieldProblem::new(&field, "out_of_range", rule_in_words(table, &field)?))),
        _ => None,
    };
    match problem {
        Some(problem) => WriteError::Invalid(vec![problem]),
        None => error.into(),
    }
}

/// What a rule about this column asks for, in words; `None` for tables that are not ours.
pub(crate) fn rule_in_words(table: &str, field: &str) -> Option<&'static str> {
    if !table.starts_with("models_") {
        return None;
    }
    Some(match field {
        "rating" => "must be a number from 0 to 1",
        "path" => "must not be blank and must be at most 1000 characters and 2600 bytes long",
        "filename" | "name" => "must be at most 1000 characters and 2600 bytes long",
        "metadata" => "must be an object",
        _ => "must be at most 500 characters long, also each item of a list",
    })
}
