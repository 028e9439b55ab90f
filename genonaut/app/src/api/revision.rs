//! ETags: which revision of a model a client has seen.

use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use uuid::Uuid;

use crate::problem::Problem;

/// The id in a path.
pub struct Id(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::parameter("id", "is not a valid UUID"))?;
        text.parse().map(Self).map_err(|_| Problem::parameter("id", "is not a valid UUID"))
    }
}

/// `If-Match`: the revision that a change is meant for, if the client says.
pub struct IfMatch(pub Option<i64>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let seen =
            text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|digits| digits.parse().ok());
        seen.map(|seen| Self(Some(seen)))
            .ok_or_else(|| Problem::parameter("If-Match", "is not a valid ETag; send the one received, or *"))
    }
}

/// A model with its ETag.
pub fn tagged(status: StatusCode, revision: i64, model: impl Serialize) -> Response {
    (status, [(header::ETAG, format!("\"{revision}\""))], Json(model)).into_response()
}
