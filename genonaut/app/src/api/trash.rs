//! `/api/v1/trash`: deleted models and images.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use genonaut_db::accounts::Viewer;
use genonaut_db::images;
use genonaut_db::trash::{self, Behind, Kind, Trashed};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::revision::Id;
use crate::app::App;
use crate::cleanup;
use crate::problem::{Problem, ProblemType};
use crate::query::Params;
use crate::web::trash::{behind, cursor};

/// A deleted model.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrashedModel {
    /// `checkpoint` or `lora`.
    kind: String,
    id: Uuid,
    name: String,
    path: String,
    deleted_at: DateTime<Utc>,
}

/// One page of deleted models.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrashedModels {
    items: Vec<TrashedModel>,
    /// Value of `cursor` for the next page; null on the last.
    next: Option<String>,
}

/// A deleted image.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrashedImage {
    id: Uuid,
    number: i64,
    /// URL of its WebP thumbnail.
    thumbnail_url: String,
    deleted_at: Option<DateTime<Utc>>,
}

/// One page of deleted images.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrashedImages {
    items: Vec<TrashedImage>,
    /// Value of `cursor` for the next page; null on the last.
    next: Option<String>,
}

/// Paging.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the API document only")]
pub struct Place {
    /// `next` of the page before.
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// Deleted models, latest first.
#[utoipa::path(get, path = "/api/v1/trash/models", operation_id = "list_trashed_models", tag = "trash", params(Place), responses(
    (status = 200, description = "One page", body = TrashedModels),
    (status = 400, description = "Unknown or invalid parameter", body = Problem)))]
pub async fn models(State(app): State<App>, params: Params) -> Result<Json<TrashedModels>, Problem> {
    let (place, limit) = place(&params)?;
    let found = trash::list(&app.db, place, limit + 1).await?;
    let (found, next) = page(found, limit, |model| Some((model.deleted_at, model.id)));
    Ok(Json(TrashedModels { items: found.into_iter().map(TrashedModel::from).collect(), next }))
}

/// Deleted images that can be restored, latest first.
#[utoipa::path(get, path = "/api/v1/trash/images", operation_id = "list_trashed_images", tag = "trash", params(Place), responses(
    (status = 200, description = "One page", body = TrashedImages),
    (status = 400, description = "Unknown or invalid parameter", body = Problem)))]
pub async fn images(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    params: Params,
) -> Result<Json<TrashedImages>, Problem> {
    let (place, limit) = place(&params)?;
    let found = images::trashed(&app.db, viewer, place, limit + 1).await?;
    let (found, next) = page(found, limit, |image| Some((image.deleted?, image.id)));
    Ok(Json(TrashedImages { items: found.into_iter().map(TrashedImage::from).collect(), next }))
}

/// Restores a checkpoint from the trash.
#[utoipa::path(post, path = "/api/v1/checkpoint-models/{id}/restore", operation_id = "restore_checkpoint", tag = "trash", params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Restored, or not in the trash"),
    (status = 404, description = "No such ID", body = Problem)))]
pub async fn restore_checkpoint(State(app): State<App>, Id(id): Id) -> Result<StatusCode, Problem> {
    found(trash::restore(&app.db, Kind::Checkpoint, id).await?, "checkpoint not found")
}

/// Restores a LoRA from the trash.
#[utoipa::path(post, path = "/api/v1/lora-models/{id}/restore", operation_id = "restore_lora", tag = "trash", params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Restored, or not in the trash"),
    (status = 404, description = "No such ID", body = Problem)))]
pub async fn restore_lora(State(app): State<App>, Id(id): Id) -> Result<StatusCode, Problem> {
    found(trash::restore(&app.db, Kind::Lora, id).await?, "LoRA not found")
}

/// Deletes a model in the trash for good. Its file is kept.
#[utoipa::path(delete, path = "/api/v1/trash/models/{id}", operation_id = "purge_model", tag = "trash", params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Deleted for good"),
    (status = 404, description = "No such model in the trash", body = Problem)))]
pub async fn purge_model(State(app): State<App>, Id(id): Id) -> Result<StatusCode, Problem> {
    let purged = trash::purge(&app.db, Kind::Checkpoint, id).await? || trash::purge(&app.db, Kind::Lora, id).await?;
    found(purged, "no such model in the trash")
}

/// Deletes an image in the trash for good, with its files.
#[utoipa::path(delete, path = "/api/v1/trash/images/{id}", operation_id = "purge_image", tag = "trash", params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Deleted for good"),
    (status = 404, description = "No such image in the trash", body = Problem)))]
pub async fn purge_image(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    let purged = cleanup::purge_image(&app.db, &app.pictures, viewer, id).await.map_err(failed)?;
    found(purged, "no such image in the trash")
}

fn found(found: bool, otherwise: &str) -> Result<StatusCode, Problem> {
    if found { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::new(ProblemType::NotFound, otherwise)) }
}

fn failed(error: anyhow::Error) -> Problem {
    match error.downcast::<genonaut_db::DbError>() {
        Ok(error) => error.into(),
        Err(error) => Problem::new(ProblemType::Internal, "see the server log").because(format!("{error:#}")),
    }
}

fn place(params: &Params) -> Result<(Option<Behind>, u16), Problem> {
    params.only(&["cursor", "limit"])?;
    let place = params.text("cursor")?.map(|text| behind(&text).ok_or_else(not_a_cursor));
    Ok((place.transpose()?, params.number("limit", 50, 1..=200)?))
}

fn not_a_cursor() -> Problem {
    Problem::parameter("cursor", "must be the value of next of an earlier page")
}

/// Without the one row that tells of another page.
fn page<T>(mut rows: Vec<T>, limit: u16, key: impl Fn(&T) -> Option<Behind>) -> (Vec<T>, Option<String>) {
    let more = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let next = rows.last().filter(|_| more).and_then(key).map(cursor);
    (rows, next)
}

impl From<Trashed> for TrashedModel {
    fn from(model: Trashed) -> Self {
        let Trashed { kind, id, name, path, deleted_at, .. } = model;
        Self { kind, id, name, path, deleted_at }
    }
}

impl From<images::Image> for TrashedImage {
    fn from(image: images::Image) -> Self {
        let thumbnail_url = format!("/images/{}/thumbnail", image.id);
        Self { id: image.id, number: image.number, thumbnail_url, deleted_at: image.deleted }
    }
}
