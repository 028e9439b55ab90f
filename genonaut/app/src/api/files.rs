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

/// Paging.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the API document only")]
pub struct After {
    /// The last path of the previous page.
    after: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// Files that are not in the catalogue, by path: other model files, and skipped files with the reason.
#[utoipa::path(get, path = "/api/v1/files/problems", operation_id = "file_problems", tag = "library", params(After), responses(
    (status = 200, description = "One page", body = Vec<FileProblem>),
    (status = 400, description = "Unknown or invalid parameter", body = Problem)))]
pub async fn problems(State(app): State<App>, params: Params) -> Result<Json<Vec<FileProblem>>, Problem> {
    params.only(&["after", "limit"])?;
    let (after, limit) = (params.text("after")?.unwrap_or_default(), params.number("limit", 50, 1..=200)?);
    Ok(Json(library::problems(&app.db, &after, limit.into()).await?))
}

/// Number of files of each kind.
#[utoipa::path(get, path = "/api/v1/files/kinds", operation_id = "file_kinds", tag = "library", responses(
    (status = 200, description = "Most common kind first", body = Vec<Kinds>)))]
pub async fn kinds(State(app): State<App>) -> Result<Json<Vec<Kinds>>, Problem> {
    Ok(Json(library::kinds(&app.db).await?))
}

/// All files of a checkpoint, available ones first.
#[utoipa::path(get, path = "/api/v1/checkpoint-models/{id}/files", operation_id = "checkpoint_files", tag = "checkpoints", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "Its files, with their hashes where known", body = Vec<Location>),
    (status = 404, description = "No checkpoint with this ID", body = Problem)))]
pub async fn of_checkpoint(State(app): State<App>, Id(id): Id) -> Result<Json<Vec<Location>>, Problem> {
    checkpoint::find(&app.db, id).await?.ok_or_else(|| Problem::not_found("checkpoint"))?;
    Ok(Json(library::locations(&app.db, id).await?))
}

/// All files of a LoRA, available ones first.
#[utoipa::path(get, path = "/api/v1/lora-models/{id}/files", operation_id = "lora_files", tag = "LoRAs", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "Its files, with their hashes where known", body = Vec<Location>),
    (status = 404, description = "No LoRA with this ID", body = Problem)))]
pub async fn of_lora(State(app): State<App>, Id(id): Id) -> Result<Json<Vec<Location>>, Problem> {
    lora::find(&app.db, id).await?.ok_or_else(|| Problem::not_found("LoRA"))?;
    Ok(Json(library::locations(&app.db, id).await?))
}
