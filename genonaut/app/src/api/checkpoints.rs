//! `/api/v1/checkpoint-models`

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use genonaut_db::accounts::Viewer;
use genonaut_db::checkpoint::{self, Checkpoint, Filter};
use genonaut_db::page::Facets;
use genonaut_db::write::Selected;

use super::body::{CheckpointFields, Fields, NewCheckpointFields};
use super::bulk::{self, BulkFields, BulkResult, UndoResult};
use super::list::{FILTERS, Listed, Narrowing, PAGING, Paging, paging, presence};
use super::revision::{Id, IfMatch, tagged};
use crate::app::App;
use crate::problem::Problem;
use crate::query::Params;

/// One page of checkpoints, best rated first by default.
#[utoipa::path(get, path = "/api/v1/checkpoint-models", operation_id = "list_checkpoints", tag = "checkpoints", params(Narrowing, Paging), responses(
    (status = 200, description = "One page", body = Listed<Checkpoint>),
    (status = 400, description = "Unknown or invalid parameter", body = Problem)))]
pub async fn list(State(app): State<App>, params: Params) -> Result<Json<Listed<Checkpoint>>, Problem> {
    params.only(&[&FILTERS[..], &PAGING].concat())?;
    let page = checkpoint::list(&app.db, &filter(&params)?, &paging(&params)?).await?;
    Ok(Json(Listed::new(page, |checkpoint| checkpoint)))
}

/// Available filter values, with counts.
#[utoipa::path(get, path = "/api/v1/checkpoint-models/facets", operation_id = "checkpoint_facets", tag = "checkpoints", params(Narrowing), responses(
    (status = 200, description = "Architectures, families and tags, most common first", body = Facets),
    (status = 400, description = "Unknown or invalid parameter", body = Problem)))]
pub async fn facets(State(app): State<App>, params: Params) -> Result<Json<Facets>, Problem> {
    params.only(&FILTERS)?;
    Ok(Json(checkpoint::facets(&app.db, &filter(&params)?).await?))
}

/// One checkpoint, with its revision as ETag.
#[utoipa::path(get, path = "/api/v1/checkpoint-models/{id}", operation_id = "show_checkpoint", tag = "checkpoints", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "The checkpoint", body = Checkpoint),
    (status = 404, description = "No such ID", body = Problem)))]
pub async fn show(State(app): State<App>, Id(id): Id) -> Result<Response, Problem> {
    let found = checkpoint::find(&app.db, id).await?.ok_or_else(|| Problem::not_found("checkpoint"))?;
    Ok(tagged(StatusCode::OK, found.revision(), found))
}

/// Adds a checkpoint. Only `path` is needed.
#[utoipa::path(post, path = "/api/v1/checkpoint-models", operation_id = "create_checkpoint", tag = "checkpoints", request_body = NewCheckpointFields, responses(
    (status = 201, description = "Added; Location is its URL", body = Checkpoint),
    (status = 400, description = "The body must be a JSON object", body = Problem),
    (status = 415, description = "Content-Type must be application/json", body = Problem),
    (status = 422, description = "Invalid field; nothing was saved", body = Problem)))]
pub async fn create(State(app): State<App>, Fields(fields): Fields) -> Result<Response, Problem> {
    let made = checkpoint::create(&app.db, &fields).await?;
    let location = format!("/api/v1/checkpoint-models/{}", made.id);
    Ok(([(header::LOCATION, location)], tagged(StatusCode::CREATED, made.revision(), made)).into_response())
}

/// Changes fields (RFC 7396: null clears, objects merge). With If-Match, only that revision is changed.
#[utoipa::path(patch, path = "/api/v1/checkpoint-models/{id}", operation_id = "patch_checkpoint", tag = "checkpoints", params(("id" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body(content = CheckpointFields, content_type = "application/merge-patch+json"), responses(
    (status = 200, description = "The updated record", body = Checkpoint),
    (status = 404, description = "No such ID", body = Problem),
    (status = 412, description = "Modified by someone else since it was read", body = Problem),
    (status = 422, description = "Invalid field; nothing was saved", body = Problem)))]
pub async fn patch(
    State(app): State<App>,
    Id(id): Id,
    IfMatch(seen): IfMatch,
    Fields(fields): Fields,
) -> Result<Response, Problem> {
    let changed = checkpoint::patch(&app.db, id, &fields, seen).await?;
    Ok(tagged(StatusCode::OK, changed.revision(), changed))
}

/// Moves a checkpoint to the trash. Its file is kept, and so is all that is known of it.
#[utoipa::path(delete, path = "/api/v1/checkpoint-models/{id}", operation_id = "delete_checkpoint", tag = "checkpoints", params(("id" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header)), responses(
    (status = 204, description = "Moved to the trash"),
    (status = 404, description = "No such ID", body = Problem),
    (status = 412, description = "Modified by someone else since it was read", body = Problem)))]
pub async fn delete(State(app): State<App>, Id(id): Id, IfMatch(seen): IfMatch) -> Result<StatusCode, Problem> {
    checkpoint::delete(&app.db, id, seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the same change to many checkpoints: those of `ids`, or with `all` those that the filters leave.
///
/// It is one transaction. Models whose new name is taken, empty or too long are left as they are, and listed as `refused`.
#[utoipa::path(post, path = "/api/v1/checkpoint-models/bulk", operation_id = "bulk_checkpoints", tag = "checkpoints", params(Narrowing), request_body = BulkFields, responses(
    (status = 200, description = "The change was made", body = BulkResult),
    (status = 400, description = "Unknown or invalid parameter", body = Problem),
    (status = 422, description = "Invalid field; nothing was saved", body = Problem)))]
pub async fn bulk(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    params: Params,
    Fields(fields): Fields,
) -> Result<Json<BulkResult>, Problem> {
    params.only(&FILTERS)?;
    let (filter, fields) = (filter(&params)?, BulkFields::read(fields)?);
    let selected = match &fields.ids {
        Some(ids) => Selected::These(ids),
        None => Selected::Matching(&filter),
    };
    Ok(Json(checkpoint::bulk(&app.db, selected, &fields.change(), viewer).await?.into()))
}

/// Undoes the last bulk change: every value and its source are as before, where nobody has changed them since.
///
/// A name that another model has by now is not restored.
#[utoipa::path(post, path = "/api/v1/checkpoint-models/bulk/{id}/undo", operation_id = "undo_bulk_checkpoints", tag = "checkpoints", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "The change was undone", body = UndoResult),
    (status = 404, description = "No such change, or it can no longer be undone", body = Problem)))]
pub async fn undo(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<Json<UndoResult>, Problem> {
    bulk::undone(checkpoint::undo(&app.db, id, viewer).await?).map(Json)
}

fn filter(params: &Params) -> Result<Filter, Problem> {
    Ok(Filter {
        q: params.text("q")?,
        architecture: params.all("architecture"),
        family: params.all("family"),
        tags_all: params.all("tag"),
        tags_any: params.all("any_tag"),
        min_rating: params.rating("min_rating")?,
        unrated: params.parsed("unrated")?.unwrap_or_default(),
        presence: presence(params)?,
        ..Filter::default()
    })
}
