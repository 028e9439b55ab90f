//! `/api/v1/…/feedback`: what pictures and their stars say of a model beside its own row.

use axum::Json;
use axum::extract::State;
use genonaut_db::feedback::{self, Count};
use genonaut_db::{checkpoint, lora};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::revision::Id;
use crate::app::App;
use crate::problem::Problem;
use crate::query::Params;

/// Counts of a checkpoint's settings, or of a LoRA's checkpoints and weights.
#[derive(Debug, Serialize, ToSchema)]
pub struct Feedback {
    counts: Vec<Count>,
    /// The best-rated value of each setting: it has at least 3 rated images, so do the other values together, and
    /// it is at least a quarter of a star ahead of them. Settings without such a value are left out.
    highest: Vec<Count>,
}

/// Checkpoint to count for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the API document only")]
pub struct With {
    /// Count the weights used with this checkpoint; without it, count checkpoints, most rated first.
    checkpoint_id: Option<Uuid>,
}

/// So many checkpoints of a LoRA are told of.
const PARTNERS: u16 = 50;

/// Use and ratings of a checkpoint's samplers, schedulers, steps and CFG.
#[utoipa::path(get, path = "/api/v1/checkpoint-models/{id}/feedback", operation_id = "checkpoint_feedback", tag = "checkpoints", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "Counts per value", body = Feedback),
    (status = 404, description = "No such ID", body = Problem)))]
pub async fn of_checkpoint(State(app): State<App>, Id(id): Id) -> Result<Json<Feedback>, Problem> {
    checkpoint::find(&app.db, id).await?.ok_or_else(|| Problem::not_found("checkpoint"))?;
    Ok(Json(Feedback::new(feedback::settings(&app.db, id, &[]).await?)))
}

/// Use and ratings of a LoRA per checkpoint, or per weight with one checkpoint.
#[utoipa::path(get, path = "/api/v1/lora-models/{id}/feedback", operation_id = "lora_feedback", tag = "LoRAs", params(("id" = Uuid, Path), With), responses(
    (status = 200, description = "Counts per checkpoint, or per weight with it", body = Feedback),
    (status = 400, description = "Unknown or invalid parameter", body = Problem),
    (status = 404, description = "No such ID", body = Problem)))]
pub async fn of_lora(State(app): State<App>, Id(id): Id, params: Params) -> Result<Json<Feedback>, Problem> {
    params.only(&["checkpoint_id"])?;
    let with = params.parsed::<Uuid>("checkpoint_id")?;
    lora::find(&app.db, id).await?.ok_or_else(|| Problem::not_found("LoRA"))?;
    let Some(checkpoint) = with else {
        let counts = feedback::partners(&app.db, id, PARTNERS).await?;
        return Ok(Json(Feedback { counts, highest: Vec::new() }));
    };
    let mut counts = feedback::settings(&app.db, checkpoint, &[id]).await?;
    counts.retain(|count| count.lora == id);
    Ok(Json(Feedback::new(counts)))
}

impl Feedback {
    /// Counts come setting by setting.
    fn new(counts: Vec<Count>) -> Self {
        let settings = counts.chunk_by(|a, b| a.setting == b.setting);
        Self { highest: settings.filter_map(feedback::best).cloned().collect(), counts }
    }
}
