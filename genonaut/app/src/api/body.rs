//! A JSON object as a request's body.

use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde_json::{Map, Value};
use utoipa::ToSchema;

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

/// What can be written of a checkpoint. A new one needs `path`; what is left out of a change stays, null clears.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the API document reads it; the catalogue checks the fields")]
pub struct CheckpointFields {
    path: Option<String>,
    filename: Option<String>,
    name: Option<String>,
    version: Option<String>,
    architecture: Option<String>,
    family: Option<String>,
    description: Option<String>,
    #[schema(minimum = 0, maximum = 1)]
    rating: Option<f64>,
    tags: Option<Vec<String>>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
}

/// What can be written of a LoRA. A new one needs `path`; what is left out of a change stays, null clears.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the API document reads it; the catalogue checks the fields")]
pub struct LoraFields {
    path: Option<String>,
    filename: Option<String>,
    name: Option<String>,
    version: Option<String>,
    compatible_architectures: Option<Vec<String>>,
    family: Option<String>,
    description: Option<String>,
    #[schema(minimum = 0, maximum = 1)]
    rating: Option<f64>,
    tags: Option<Vec<String>>,
    trigger_words: Option<Vec<String>>,
    optimal_checkpoints: Option<Vec<String>>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
}
