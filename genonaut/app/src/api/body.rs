//! A JSON object as a request's body.

use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::grid::Kind;
use crate::problem::{Problem, ProblemType};

/// Fields by name; the catalogue checks them.
pub struct Fields(pub Map<String, Value>);

impl<S: Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind != "application/json" && kind != "application/merge-patch+json" {
            return Err(Problem::new(
                ProblemType::UnsupportedMediaType,
                format!("send application/json, not {kind:?}"),
            ));
        }
        let body = axum::body::to_bytes(request.into_body(), usize::MAX).await;
        let body = body.map_err(|_| Problem::new(ProblemType::TooLarge, "at most 1 MiB"))?;
        match serde_json::from_slice(&body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => {
                Err(Problem::new(ProblemType::MalformedJson, "the body must be an object, like {\"path\": \"…\"}"))
            }
            Err(error) => Err(Problem::new(ProblemType::MalformedJson, error.to_string())),
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
    rating: Option<f64>,
    tags: Option<Vec<String>>,
    #[schema(value_type = Option<CheckpointMetadata>)]
    metadata: Option<Map<String, Value>>,
}

/// Any object; these of its keys have a meaning here.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the API document reads it; the catalogue checks the fields")]
pub struct CheckpointMetadata {
    defaults: Option<DefaultFields>,
}

/// Any object; these of its keys have a meaning here.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the API document reads it; the catalogue checks the fields")]
pub struct LoraMetadata {
    /// The weight that it starts from.
    recommended_weight: Option<f64>,
}

/// What a recipe with the checkpoint starts from.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the API document reads it; the catalogue checks the fields")]
pub struct DefaultFields {
    /// Pixels; multiples of 8.
    width: Option<u32>,
    height: Option<u32>,
    steps: Option<u32>,
    /// Classifier-free guidance scale; `cfg_scale` is taken for it too.
    cfg: Option<f64>,
    /// ComfyUI's ids or A1111's names.
    sampler: Option<String>,
    scheduler: Option<String>,
    clip_skip: Option<u32>,
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
    rating: Option<f64>,
    tags: Option<Vec<String>>,
    trigger_words: Option<Vec<String>>,
    optimal_checkpoints: Option<Vec<String>>,
    #[schema(value_type = Option<LoraMetadata>)]
    metadata: Option<Map<String, Value>>,
}

/// What a job can be asked for. What is left out follows the checkpoint; without one the best rated is taken.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the API document reads it; reading a job checks the fields")]
pub struct JobFields {
    /// `<lora:name:0.8>` in it is used as if it were listed; `{a|b}` and `__name__` are drawn for each image.
    prompt: Option<String>,
    negative_prompt: Option<String>,
    /// Id, name, filename or path.
    checkpoint: Option<String>,
    loras: Option<Vec<JobLora>>,
    /// Pixels; multiples of 8.
    width: Option<u32>,
    height: Option<u32>,
    steps: Option<u32>,
    /// Classifier-free guidance scale; `cfg_scale` is taken for it too.
    cfg: Option<f64>,
    /// ComfyUI's ids or A1111's names.
    sampler: Option<String>,
    scheduler: Option<String>,
    clip_skip: Option<u32>,
    /// Path or file name of a VAE, or `built-in`; the checkpoint's usual one when left out.
    vae: Option<String>,
    /// Of the first image, the next has one more; drawn when left out.
    seed: Option<i64>,
    #[schema(minimum = 1, maximum = 64, default = 1)]
    images: Option<u32>,
}

/// A job with other values along one to three axes; each cell is one image, and all have the same seed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the API document reads it; reading a grid checks the fields")]
pub struct GridFields {
    /// All that a job can be asked for, but for `images`.
    #[serde(flatten)]
    job: JobFields,
    /// x, then y, then z.
    axes: Vec<GridAxis>,
}

/// What is to vary along an axis.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the API document reads it; reading a grid checks the fields")]
pub struct GridAxis {
    kind: Kind,
    /// As text (`20, 30`, `0.4-1.0 by 0.2`, names one a line), or as a list of numbers and texts.
    values: String,
}

/// A LoRA of a job.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the API document reads it; reading a job checks the fields")]
pub struct JobLora {
    /// Id, name, filename or path.
    model: String,
    /// The recommended one when left out.
    weight: Option<f64>,
    /// On the text encoder; the same as `weight` when left out.
    clip_weight: Option<f64>,
}

/// What can be changed of an image.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the API document reads it")]
pub struct ImageFields {
    #[schema(minimum = 1, maximum = 5)]
    rating: Option<i16>,
}

/// What is to be scanned.
#[derive(ToSchema)]
pub struct ScanFields {
    /// Folders on the server's machine, as whole paths; every known root when left out.
    #[expect(dead_code, reason = "only the API document reads it")]
    paths: Option<Vec<String>>,
}

impl ScanFields {
    /// The paths, which must be all that is sent.
    pub fn paths(fields: Map<String, Value>) -> Result<Vec<String>, Problem> {
        let unknown = fields.keys().find(|name| *name != "paths");
        if let Some(name) = unknown {
            return Err(Problem::new(ProblemType::InvalidField, format!("{name}: is not known here; there is paths")));
        }
        let paths = fields.get("paths").cloned().filter(|paths| !paths.is_null());
        serde_json::from_value(paths.unwrap_or_else(|| Value::Array(Vec::new())))
            .map_err(|_| Problem::new(ProblemType::InvalidField, "paths: must be a list of texts"))
    }
}

/// Whether reading files whole waits.
#[derive(ToSchema)]
pub struct HashingFields {
    #[expect(dead_code, reason = "only the API document reads it")]
    later: bool,
}

impl HashingFields {
    /// `later`, which must be all that is sent.
    pub fn later(fields: &Map<String, Value>) -> Result<bool, Problem> {
        match (fields.len(), fields.get("later")) {
            (1, Some(Value::Bool(later))) => Ok(*later),
            (1, Some(_)) => Err(Problem::new(ProblemType::InvalidField, "later: must be true or false")),
            _ => Err(Problem::new(ProblemType::InvalidField, "later: is all that can be set here, and must be")),
        }
    }
}
