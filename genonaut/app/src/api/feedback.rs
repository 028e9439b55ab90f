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
    /// Of each setting the value that is rated highest: it has 3 rated pictures or more, so have the others together, and
    /// it is a quarter of a star ahead of them. Without what no value is highest of.
    highest: Vec<Count>,
}

/// With which checkpoint.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the API document reads it")]
pub struct With {
    /// Count the weights with this checkpoint; without it the checkpoints are counted, those with most stars first.
    checkpoint_id: Option<Uuid>,
}

/// So many checkpoints of a LoRA are told of.
const PARTNERS: u16 = 50;

/// How a checkpoint's samplers, schedulers, steps and CFG are used and rated.
#[utoipa::path(get, path = "/api/v1/checkpoint-models/{id}/feedback", operation_id = "checkpoint_feedback", tag = "checkpoints", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "Counts of each value that was used", body = Feedback),
    (status = 404, description = "There is none with this id", body = Problem)))]
pub async fn of_checkpoint(State(app): State<App>, Id(id): Id) -> Result<Json<Feedback>, Problem> {
    checkpoint::find(&app.db, id).await?.ok_or_else(|| Problem::not_found("checkpoint"))?;
    Ok(Json(Feedback::new(feedback::settings(&app.db, id, &[]).await?)))
}

/// With which checkpoints a LoRA is used and rated, or at which weights with one of them.
#[utoipa::path(get, path = "/api/v1/lora-models/{id}/feedback", operation_id = "lora_feedback", tag = "LoRAs", params(("id" = Uuid, Path), With), responses(
    (status = 200, description = "Counts of each checkpoint, or of each weight with it", body = Feedback),
    (status = 400, description = "A parameter is unknown or not valid", body = Problem),
    (status = 404, description = "There is none with this id", body = Problem)))]
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
