//! A JSON object as a request's body.

use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde_json::{Map, Value};

use crate::problem::Problem;

/// Fields by name; the catalogue checks them.
pub struct Fields(pub Map<String, Value>);

impl<S: Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind != "application/json" && kind != "application/merge-patch+json" {
            return Err(Problem::new("unsupported-media-type", format!("send application/json, not {kind:?}")));
        }
        let body = axum::body::to_bytes(request.into_body(), usize::MAX).await;
        let body = body.map_err(|_| Problem::new("too-large", "at most 1 MiB"))?;
        match serde_json::from_slice(&body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Problem::new("malformed-json", "the body must be an object, like {\"path\": \"…\"}")),
            Err(error) => Err(Problem::new("malformed-json", error.to_string())),
        }
    }
}
