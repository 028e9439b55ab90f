//! A JSON object as a request's body.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::grid::Kind;
use crate::problem::{Problem, ProblemType};

/// Fields by name; the catalogue checks them.
pub struct Fields(pub Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind != "application/json" && kind != "application/merge-patch+json" {
            return Err(Problem::new(
                ProblemType::UnsupportedMediaType,
                format!("send application/json, not {kind:?}"),
            ));
        }
        let body = Bytes::from_request(request, state).await?;
        match serde_json::from_slice(&body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => {
                Err(Problem::new(ProblemType::MalformedJson, "the body must be an object such as {\"path\": \"…\"}"))
            }
            Err(error) => Err(Problem::new(ProblemType::MalformedJson, error.to_string())),
        }
    }
}

/// Fields of a new checkpoint: those of a change, and `path` must be there.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the API document only; the catalogue checks the fields")]
pub struct NewCheckpointFields {
    #[schema(min_length = 1, max_length = 1000)]
    path: String,
}

/// Writable fields of a checkpoint. Fields left out of a change keep their value, null clears.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the API document only; the catalogue checks the fields")]
pub struct CheckpointFields {
    path: Option<String>,
    filename: Option<String>,
    name: Option<String>,
    version: Option<String>,
    architecture: Option<String>,
    family: Option<String>,
    description: Option<String>,
    rating: Option<f64>,
    tags: Option<Vec<String>>,
    #[schema(value_type = Option<CheckpointMetadata>)]
    metadata: Option<Map<String, Value>>,
}

/// Any object; these keys are used by Genonaut.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the API document only; the catalogue checks the fields")]
pub struct CheckpointMetadata {
    defaults: Option<DefaultFields>,
}

/// Any object; these keys are used by Genonaut.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the API document only; the catalogue checks the fields")]
pub struct LoraMetadata {
    /// Default weight when it is added.
    recommended_weight: Option<f64>,
}

/// Default settings of a recipe with this checkpoint.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the API document only; the catalogue checks the fields")]
pub struct DefaultFields {
    /// Pixels; multiples of 8.
    width: Option<u32>,
    height: Option<u32>,
    steps: Option<u32>,
    /// Classifier-free guidance scale; `cfg_scale` is an alias.
    cfg: Option<f64>,
    /// ComfyUI ID or A1111 name.
    sampler: Option<String>,
    scheduler: Option<String>,
    clip_skip: Option<u32>,
}

/// Fields of a new LoRA: those of a change, and `path` must be there.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the API document only; the catalogue checks the fields")]
pub struct NewLoraFields {
    #[schema(min_length = 1, max_length = 1000)]
    path: String,
}

/// Writable fields of a LoRA. Fields left out of a change keep their value, null clears.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the API document only; the catalogue checks the fields")]
pub struct LoraFields {
    path: Option<String>,
    filename: Option<String>,
    name: Option<String>,
    version: Option<String>,
    compatible_architectures: Option<Vec<String>>,
    family: Option<String>,
    description: Option<String>,
    rating: Option<f64>,
    tags: Option<Vec<String>>,
    trigger_words: Option<Vec<String>>,
    optimal_checkpoints: Option<Vec<String>>,
    #[schema(value_type = Option<LoraMetadata>)]
    metadata: Option<Map<String, Value>>,
}

/// Fields of a job. Missing settings come from the checkpoint; without a checkpoint the best rated one is used.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the API document only; reading a job checks the fields")]
pub struct JobFields {
    /// `<lora:name:0.8>` is applied as a LoRA; `{a|b}` and `__name__` are picked per image.
    #[schema(max_length = 5000)]
    prompt: Option<String>,
    #[schema(max_length = 5000)]
    negative_prompt: Option<String>,
    /// ID, name, filename or path.
    checkpoint: Option<String>,
    #[schema(max_items = 32)]
    loras: Option<Vec<JobLora>>,
    /// Pixels; multiples of 8.
    width: Option<u32>,
    height: Option<u32>,
    steps: Option<u32>,
    /// Classifier-free guidance scale.
    cfg: Option<f64>,
    /// Alias of `cfg`; only one of them may be given.
    cfg_scale: Option<f64>,
    /// ComfyUI ID or A1111 name.
    sampler: Option<String>,
    scheduler: Option<String>,
    clip_skip: Option<u32>,
    /// Path or file name of a VAE, or `built-in`; the checkpoint's default when left out.
    vae: Option<String>,
    /// Seed of the first image, plus one for each further image; random when left out or -1.
    #[schema(minimum = -1)]
    seed: Option<i64>,
    #[schema(minimum = 1, maximum = 64, default = 1)]
    images: Option<u32>,
}

/// A job that varies one to three settings; each cell is one image, and all cells share one seed. Takes all fields of a
/// job except `images`.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the API document only; reading a grid checks the fields")]
pub struct GridFields {
    /// In the order x, y, z.
    #[schema(min_items = 1, max_items = 3)]
    axes: Vec<GridAxis>,
}

/// The setting that an axis varies.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the API document only; reading a grid checks the fields")]
pub struct GridAxis {
    kind: Kind,
    /// As text (`20, 30`, `0.4-1.0 by 0.2`, names one per line), or as a list of numbers and strings.
    values: AxisValues,
}

#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "read by the API document only; reading a grid checks the fields")]
pub enum AxisValues {
    One(AxisValue),
    List(Vec<AxisValue>),
}

#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "read by the API document only; reading a grid checks the fields")]
pub enum AxisValue {
    Text(String),
    Number(f64),
}

/// A LoRA of a job.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the API document only; reading a job checks the fields")]
pub struct JobLora {
    /// ID, name, filename or path.
    model: String,
    /// The recommended weight when left out.
    weight: Option<f64>,
    /// Weight on the text encoder; same as `weight` when left out.
    clip_weight: Option<f64>,
}

/// Writable fields of an image.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the API document only")]
pub struct ImageFields {
    #[schema(minimum = 1, maximum = 5, required = true)]
    rating: Option<i16>,
}

/// The folders to scan.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanFields {
    /// Full paths of folders on the server; all library folders when left out.
    #[expect(dead_code, reason = "read by the API document only")]
    paths: Option<Vec<String>>,
}

impl ScanFields {
    /// The paths, the only field allowed.
    pub fn paths(fields: Map<String, Value>) -> Result<Vec<String>, Problem> {
        let unknown = fields.keys().find(|name| *name != "paths");
        if let Some(name) = unknown {
            return Err(Problem::new(ProblemType::InvalidField, format!("{name}: unknown field; use paths")));
        }
        let paths = fields.get("paths").cloned().filter(|paths| !paths.is_null());
        serde_json::from_value(paths.unwrap_or_else(|| Value::Array(Vec::new())))
            .map_err(|_| Problem::new(ProblemType::InvalidField, "paths: must be a list of strings"))
    }
}

/// Whether hashing is paused.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HashingFields {
    #[expect(dead_code, reason = "read by the API document only")]
    later: bool,
}

impl HashingFields {
    /// `later`, the only field allowed.
    pub fn later(fields: &Map<String, Value>) -> Result<bool, Problem> {
        match (fields.len(), fields.get("later")) {
            (1, Some(Value::Bool(later))) => Ok(*later),
            (1, Some(_)) => Err(Problem::new(ProblemType::InvalidField, "later: must be true or false")),
            _ => Err(Problem::new(ProblemType::InvalidField, "later: must be the only field")),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::stream;

    use super::*;

    async fn refused(parts: Vec<std::io::Result<Vec<u8>>>) -> ProblemType {
        let request = Request::post("/").header(header::CONTENT_TYPE, "application/json");
        let request = request.body(Body::from_stream(stream::iter(parts))).unwrap();
        Fields::from_request(request, &()).await.err().unwrap().kind
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_no_body_that_is_too_large() {
        assert_eq!(refused(vec![Ok(b"{".to_vec()), Err(std::io::Error::other("gone"))]).await, ProblemType::BadRequest);
        assert_eq!(refused(vec![Ok(vec![b' '; 3 << 20])]).await, ProblemType::TooLarge);
    }
}
