//! `/api/v1/checkpoint-models`

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use genonaut_db::checkpoint::{self, Checkpoint, Filter};
use genonaut_db::page::Facets;

use super::body::{CheckpointFields, Fields};
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
#[utoipa::path(post, path = "/api/v1/checkpoint-models", operation_id = "create_checkpoint", tag = "checkpoints", request_body = CheckpointFields, responses(
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

/// Removes a checkpoint from the catalogue. Its file is kept.
#[utoipa::path(delete, path = "/api/v1/checkpoint-models/{id}", operation_id = "delete_checkpoint", tag = "checkpoints", params(("id" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header)), responses(
    (status = 204, description = "Removed"),
    (status = 404, description = "No such ID", body = Problem),
    (status = 412, description = "Modified by someone else since it was read", body = Problem)))]
pub async fn delete(State(app): State<App>, Id(id): Id, IfMatch(seen): IfMatch) -> Result<StatusCode, Problem> {
    checkpoint::delete(&app.db, id, seen).await?;
    Ok(StatusCode::NO_CONTENT)
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
    })
}
