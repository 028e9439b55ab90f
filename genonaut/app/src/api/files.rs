//! `/api/v1/files` and the files of a model: what lies in the scanned folders.

use axum::Json;
use axum::extract::State;
use genonaut_db::library::{self, FileProblem, Kinds, Location};
use genonaut_db::{checkpoint, lora};
use utoipa::IntoParams;

use super::revision::Id;
use crate::app::App;
use crate::problem::Problem;
use crate::query::Params;

/// Which page.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the API document reads it")]
pub struct After {
    /// The last path of the page before.
    after: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// Files that are no model of the catalogue, by path: other kinds, and those that cannot be read, with the reason.
#[utoipa::path(get, path = "/api/v1/files/problems", operation_id = "file_problems", tag = "library", params(After), responses(
    (status = 200, description = "One page", body = Vec<FileProblem>),
    (status = 400, description = "A parameter is unknown or not valid", body = Problem)))]
pub async fn problems(State(app): State<App>, params: Params) -> Result<Json<Vec<FileProblem>>, Problem> {
    params.only(&["after", "limit"])?;
    let (after, limit) = (params.text("after")?.unwrap_or_default(), params.number("limit", 50, 1..=200)?);
    Ok(Json(library::problems(&app.db, &after, limit.into()).await?))
}

/// How many files there are of each kind.
#[utoipa::path(get, path = "/api/v1/files/kinds", operation_id = "file_kinds", tag = "library", responses(
    (status = 200, description = "The most common kind first", body = Vec<Kinds>)))]
pub async fn kinds(State(app): State<App>) -> Result<Json<Vec<Kinds>>, Problem> {
    Ok(Json(library::kinds(&app.db).await?))
}

/// Every file that a checkpoint is, those that are there first.
#[utoipa::path(get, path = "/api/v1/checkpoint-models/{id}/files", operation_id = "checkpoint_files", tag = "checkpoints", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "Its files, with their hashes where known", body = Vec<Location>),
    (status = 404, description = "There is no checkpoint with this id", body = Problem)))]
pub async fn of_checkpoint(State(app): State<App>, Id(id): Id) -> Result<Json<Vec<Location>>, Problem> {
    checkpoint::find(&app.db, id).await?.ok_or_else(|| Problem::not_found("checkpoint"))?;
    Ok(Json(library::locations(&app.db, id).await?))
}

/// Every file that a LoRA is, those that are there first.
#[utoipa::path(get, path = "/api/v1/lora-models/{id}/files", operation_id = "lora_files", tag = "LoRAs", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "Its files, with their hashes where known", body = Vec<Location>),
    (status = 404, description = "There is no LoRA with this id", body = Problem)))]
pub async fn of_lora(State(app): State<App>, Id(id): Id) -> Result<Json<Vec<Location>>, Problem> {
    lora::find(&app.db, id).await?.ok_or_else(|| Problem::not_found("LoRA"))?;
    Ok(Json(library::locations(&app.db, id).await?))
}
