//! Everything that a request can end in but success: RFC 9457 problem+json for programs, a page for people.

mod database;

use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use genonaut_db::write::{FieldProblem, WriteError};
use serde::Serialize;
use utoipa::ToSchema;

pub use database::naming;

/// A problem as defined by RFC 9457.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Stable identifier of the problem type.
    #[serde(rename = "type", serialize_with = "as_uri")]
    #[schema(value_type = String, example = "/problems/invalid-field")]
    pub kind: ProblemType,
    pub title: &'static str,
    pub status: u16,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The invalid fields or parameters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// For the log, which tells of the request once; never for the client.
    #[serde(skip)]
    pub cause: Cause,
}

/// What lies behind a failure of ours. Travels with the answer to where requests are logged.
#[derive(Debug, Clone, Default)]
pub struct Cause(pub Option<String>);

fn as_uri<S: serde::Serializer>(kind: &ProblemType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("/problems/{}", kind.slug()))
}

/// One line for each type gives the variant, its slug, its status and its title.
macro_rules! problem_types {
    ($($variant:ident = $slug:literal, $status:literal, $title:literal;)+) => {
        /// What can be wrong with a request, or with us.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemType { $($variant,)+ }

        impl ProblemType {
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The last part of its address; stable, a program decides by it.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)+ }
            }

            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

problem_types! {
    BadRequest = "bad-request", 400, "Bad request";
    InvalidParameter = "invalid-parameter", 400, "Invalid query parameter";
    MalformedJson = "malformed-json", 400, "The body must be a JSON object";
    InvalidField = "invalid-field", 422, "Invalid field";
    Unauthorized = "unauthorized", 401, "Sign-in required";
    ForbiddenOrigin = "forbidden-origin", 403, "Cross-site request blocked";
    NotFound = "not-found", 404, "Not found";
    MethodNotAllowed = "method-not-allowed", 405, "Not allowed";
    Timeout = "timeout", 408, "Request timed out";
    Stale = "stale", 412, "Modified by someone else";
    TooLarge = "too-large", 413, "Request body too large";
    UnsupportedMediaType = "unsupported-media-type", 415, "Unsupported content type";
    UnknownHost = "unknown-host", 421, "Unknown host name";
    Conflict = "conflict", 409, "Conflict";
    NoRoom = "no-room", 507, "Disk full";
    Internal = "internal", 500, "Internal server error";
    Unavailable = "unavailable", 503, "Database not available";
    Busy = "busy", 503, "Server busy";
}

impl Problem {
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        let (title, status) = (kind.title(), kind.status());
        Self { kind, title, status, detail: detail.into(), errors: Vec::new(), cause: Cause(None) }
    }

    pub fn with(mut self, errors: Vec<FieldProblem>) -> Self {
        self.errors = errors;
        self
    }

    pub fn because(mut self, cause: impl ToString) -> Self {
        self.cause = Cause(Some(cause.to_string()));
        self
    }

    /// One wrong parameter of the address.
    pub fn parameter(name: &str, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        let detail = format!("{name}: {reason}");
        Self::new(ProblemType::InvalidParameter, detail).about(name, "invalid_parameter", reason)
    }

    /// A parameter that is well-formed and names something that is not there.
    pub fn names_nothing(name: &str, what: &str) -> Self {
        let reason = format!("no such {what}");
        Self::new(ProblemType::NotFound, format!("{name}: {reason}")).about(name, "not_found", reason)
    }

    fn about(self, field: &str, code: &'static str, reason: String) -> Self {
        self.with(vec![FieldProblem { field: field.to_owned(), code, reason, hint: None }])
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(ProblemType::NotFound, format!("{what} not found"))
    }

    /// Its detail for a page.
    pub fn sentence(&self) -> String {
        sentence(&self.detail)
    }

    pub fn code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// `no such model` as `No such model.`
pub fn sentence(text: &str) -> String {
    let end = if text.is_empty() || text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{}{end}", genonaut_db::capital(text))
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::NotFound => Self::not_found("model"),
            WriteError::Stale => Self::new(ProblemType::Stale, "reload and try again"),
            WriteError::Invalid(errors) => Self::new(ProblemType::InvalidField, "nothing was saved").with(errors),
            WriteError::Db(error) => error.into(),
        }
    }
}

/// A body that cannot be read: larger than it may be, or broken on its way.
impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(ProblemType::TooLarge, "at most 1 MiB"),
            _ => Self::new(ProblemType::BadRequest, "the body was cut off, or is not sent as its headers say")
                .because(rejection.body_text()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.code(), axum::Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.extensions_mut().insert(self.cause.clone());
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_detail_becomes_a_sentence() {
        for (detail, sentence) in [
            ("image not found", "Image not found."),
            ("“x” is not a number.", "“x” is not a number."),
            ("/models does not respond", "/models does not respond."),
            ("", ""),
        ] {
            assert_eq!(super::sentence(detail), sentence);
        }
    }
}
