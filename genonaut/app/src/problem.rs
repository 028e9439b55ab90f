//! Everything that a request can end in but success: RFC 9457 problem+json for programs, a page for people.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use genonaut_db::write::{FieldProblem, WriteError};
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, in the words of RFC 9457.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Stable; a program decides by it.
    #[serde(rename = "type", serialize_with = "as_uri")]
    #[schema(value_type = String, example = "/problems/invalid-field")]
    pub slug: &'static str,
    pub title: &'static str,
    pub status: u16,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The fields or parameters that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// For the log, which tells of the request once; never for the client.
    #[serde(skip)]
    pub cause: Cause,
}

/// What lies behind a failure of ours. Travels with the answer to where requests are logged.
#[derive(Debug, Clone, Default)]
pub struct Cause(pub Option<String>);

fn as_uri<S: serde::Serializer>(slug: &&'static str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("/problems/{slug}"))
}

/// Every type there is, its status and its title.
pub const KINDS: [(&str, u16, &str); 16] = [
    ("bad-request", 400, "The request cannot be understood"),
    ("invalid-parameter", 400, "A parameter of the address is not valid"),
    ("malformed-json", 400, "The body is no JSON object"),
    ("invalid-field", 422, "A field is not valid"),
    ("unauthorized", 401, "The token is missing or wrong"),
    ("forbidden-origin", 403, "The request comes from another site"),
    ("not-found", 404, "There is no such thing"),
    ("method-not-allowed", 405, "This cannot be done here"),
    ("timeout", 408, "The request took too long"),
    ("stale", 412, "It has changed since it was read"),
    ("too-large", 413, "The body is too large"),
    ("unsupported-media-type", 415, "The body is of another kind than expected"),
    ("unknown-host", 421, "This server is not known by that name"),
    ("conflict", 409, "It is in the way of something else"),
    ("internal", 500, "Something went wrong on our side"),
    ("unavailable", 503, "The catalogue does not answer"),
];

impl Problem {
    pub fn new(slug: &'static str, detail: impl Into<String>) -> Self {
        let (slug, status, title) = KINDS.into_iter().find(|kind| kind.0 == slug).unwrap_or((
            "internal",
            500,
            "Something went wrong on our side",
        ));
        Self { slug, title, status, detail: detail.into(), errors: Vec::new(), cause: Cause(None) }
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
        Self::new("invalid-parameter", detail).about(name, "invalid_parameter", reason)
    }

    /// A parameter that is well-formed and names something that is not there.
    pub fn names_nothing(name: &str, what: &str) -> Self {
        let reason = format!("there is no such {what}");
        Self::new("not-found", format!("{name}: {reason}")).about(name, "not_found", reason)
    }

    fn about(self, field: &str, code: &'static str, reason: String) -> Self {
        self.with(vec![FieldProblem { field: field.to_owned(), code, reason, hint: None }])
    }

    pub fn not_found(what: &str) -> Self {
        Self::new("not-found", format!("there is no such {what}"))
    }

    pub fn code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::NotFound => Self::not_found("model"),
            WriteError::Stale => Self::new("stale", "read it again and decide anew"),
            WriteError::Invalid(errors) => Self::new("invalid-field", "nothing was written").with(errors),
            WriteError::Db(error) => error.into(),
        }
    }
}

impl From<genonaut_db::DbError> for Problem {
    fn from(error: genonaut_db::DbError) -> Self {
        let problem = match genonaut_db::is_unavailable(&error) {
            true => Self::new("unavailable", "try again in a moment"),
            false => Self::new("internal", "it is in the log"),
        };
        problem.because(error)
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
