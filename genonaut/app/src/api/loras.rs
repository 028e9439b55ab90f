//! `/api/v1/lora-models`

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use genonaut_db::accounts::Viewer;
use genonaut_db::architecture::{Grade, Target};
use genonaut_db::checkpoint;
use genonaut_db::lora::{self, Filter, FitFilter, Lora};
use genonaut_db::page::Facets;
use genonaut_db::write::Selected;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Fields, LoraFields, NewLoraFields};
use super::bulk::{self, BulkFields, BulkResult, UndoResult};
use super::list::{FILTERS, Listed, Narrowing, PAGING, Paging, paging, presence};
use super::revision::{Id, IfMatch, tagged};
use crate::app::App;
use crate::problem::Problem;
use crate::query::Params;

/// A LoRA in a list; with its fit when a checkpoint is given.
#[derive(Debug, Serialize, ToSchema)]
pub struct Item {
    #[serde(flatten)]
    lora: Lora,
    #[serde(skip_serializing_if = "Option::is_none")]
    fit: Option<Grade>,
    /// Reason for the fit, one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    fit_reason: Option<String>,
}

/// Filters of LoRAs only.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the API document only")]
pub struct Fitting {
    /// Any of these.
    trigger_word: Option<Vec<String>>,
    /// Return the fit of each LoRA with this checkpoint.
    checkpoint_id: Option<Uuid>,
    /// Any of these grades, repeated or comma-separated; needs `checkpoint_id`.
    #[param(inline)]
    fit: Option<Vec<Grade>>,
}

const OWN: [&str; 3] = ["trigger_word", "checkpoint_id", "fit"];

/// One page of LoRAs, best rated first by default.
#[utoipa::path(get, path = "/api/v1/lora-models", operation_id = "list_loras", tag = "LoRAs", params(Narrowing, Fitting, Paging), responses(
    (status = 200, description = "One page", body = Listed<Item>),
    (status = 400, description = "Unknown or invalid parameter", body = Problem),
    (status = 404, description = "No checkpoint with this ID", body = Problem)))]
pub async fn list(State(app): State<App>, params: Params) -> Result<Json<Listed<Item>>, Problem> {
    params.only(&[&FILTERS[..], &OWN, &PAGING].concat())?;
    let request = paging(&params)?;
    let target = target(&app, &params).await?;
    let page = lora::list(&app.db, &filter(&params, target.as_ref())?, &request).await?;
    Ok(Json(Listed::new(page, |lora| item(lora, target.as_ref()))))
}

/// Available filter values, with counts.
#[utoipa::path(get, path = "/api/v1/lora-models/facets", operation_id = "lora_facets", tag = "LoRAs", params(Narrowing, Fitting), responses(
    (status = 200, description = "Architectures, families and tags, most common first", body = Facets),
    (status = 400, description = "Unknown or invalid parameter", body = Problem),
    (status = 404, description = "No checkpoint with this ID", body = Problem)))]
pub async fn facets(State(app): State<App>, params: Params) -> Result<Json<Facets>, Problem> {
    params.only(&[&FILTERS[..], &OWN].concat())?;
    let target = target(&app, &params).await?;
    Ok(Json(lora::facets(&app.db, &filter(&params, target.as_ref())?).await?))
}

/// One LoRA, with its revision as ETag.
#[utoipa::path(get, path = "/api/v1/lora-models/{id}", operation_id = "show_lora", tag = "LoRAs", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The LoRA", body = Lora),
    (status = 404, description = "No such ID", body = Problem)))]
pub async fn show(State(app): State<App>, Id(id): Id) -> Result<Response, Problem> {
    let found = lora::find(&app.db, id).await?.ok_or_else(|| Problem::not_found("LoRA"))?;
    Ok(tagged(StatusCode::OK, found.revision(), found))
}

/// Adds a LoRA. Only `path` is needed.
#[utoipa::path(post, path = "/api/v1/lora-models", operation_id = "create_lora", tag = "LoRAs", request_body = NewLoraFields, responses(
    (status = 201, description = "Added; Location is its URL", body = Lora),
    (status = 400, description = "The body must be a JSON object", body = Problem),
    (status = 415, description = "Content-Type must be application/json", body = Problem),
    (status = 422, description = "Invalid field; nothing was saved", body = Problem)))]
pub async fn create(State(app): State<App>, Fields(fields): Fields) -> Result<Response, Problem> {
    let made = lora::create(&app.db, &fields).await?;
    let location = format!("/api/v1/lora-models/{}", made.id);
    Ok(([(header::LOCATION, location)], tagged(StatusCode::CREATED, made.revision(), made)).into_response())
}

/// Changes fields (RFC 7396: null clears, objects merge). With If-Match, only that revision is changed.
#[utoipa::path(patch, path = "/api/v1/lora-models/{id}", operation_id = "patch_lora", tag = "LoRAs", params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body(content = LoraFields, content_type = "application/merge-patch+json"), responses(
    (status = 200, description = "The updated record", body = Lora),
    (status = 404, description = "No such ID", body = Problem),
    (status = 412, description = "Modified by someone else since it was read", body = Problem),
    (status = 422, description = "Invalid field; nothing was saved", body = Problem)))]
pub async fn patch(
    State(app): State<App>,
    Id(id): Id,
    IfMatch(seen): IfMatch,
    Fields(fields): Fields,
) -> Result<Response, Problem> {
    let changed = lora::patch(&app.db, id, &fields, seen).await?;
    Ok(tagged(StatusCode::OK, changed.revision(), changed))
}

/// Moves a LoRA to the trash. Its file is kept, and so is all that is known of it.
#[utoipa::path(delete, path = "/api/v1/lora-models/{id}", operation_id = "delete_lora", tag = "LoRAs", params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)), responses(
    (status = 204, description = "Moved to the trash"),
    (status = 404, description = "No such ID", body = Problem),
    (status = 412, description = "Modified by someone else since it was read", body = Problem)))]
pub async fn delete(State(app): State<App>, Id(id): Id, IfMatch(seen): IfMatch) -> Result<StatusCode, Problem> {
    lora::delete(&app.db, id, seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the same change to many LoRAs: those of `ids`, or with `all` those that the filters leave.
///
/// It is one transaction. Models whose new name is taken, empty or too long are left as they are, and listed as `refused`.
#[utoipa::path(post, path = "/api/v1/lora-models/bulk", operation_id = "bulk_loras", tag = "LoRAs", params(Narrowing, Fitting), request_body = BulkFields, responses(
    (status = 200, description = "The change was made", body = BulkResult),
    (status = 400, description = "Unknown or invalid parameter", body = Problem),
    (status = 404, description = "No checkpoint with this ID", body = Problem),
    (status = 422, description = "Invalid field; nothing was saved", body = Problem)))]
pub async fn bulk(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    params: Params,
    Fields(fields): Fields,
) -> Result<Json<BulkResult>, Problem> {
    params.only(&[&FILTERS[..], &OWN].concat())?;
    let target = target(&app, &params).await?;
    let (filter, fields) = (filter(&params, target.as_ref())?, BulkFields::read(fields)?);
    let selected = match &fields.ids {
        Some(ids) => Selected::These(ids),
        None => Selected::Matching(&filter),
    };
    Ok(Json(lora::bulk(&app.db, selected, &fields.change(), viewer).await?.into()))
}

/// Undoes the last bulk change: every value and its source are as before, where nobody has changed them since.
///
/// A name that another model has by now is not restored.
#[utoipa::path(post, path = "/api/v1/lora-models/bulk/{id}/undo", operation_id = "undo_bulk_loras", tag = "LoRAs", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The change was undone", body = UndoResult),
    (status = 404, description = "No such change, or it can no longer be undone", body = Problem)))]
pub async fn undo(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<Json<UndoResult>, Problem> {
    bulk::undone(lora::undo(&app.db, id, viewer).await?).map(Json)
}

fn item(lora: Lora, target: Option<&Target>) -> Item {
    let fit = target.map(|target| lora.fit(target));
    Item { lora, fit: fit.as_ref().map(|fit| fit.grade), fit_reason: fit.map(|fit| fit.reason) }
}

/// The checkpoint to judge by.
async fn target(app: &App, params: &Params) -> Result<Option<Target>, Problem> {
    let Some(text) = params.text("checkpoint_id")? else { return Ok(None) };
    let id: Uuid = text.parse().map_err(|_| Problem::parameter("checkpoint_id", "is not a valid UUID"))?;
    let found = checkpoint::find(&app.db, id).await?;
    found
        .map(|checkpoint| Some(checkpoint.target()))
        .ok_or_else(|| Problem::names_nothing("checkpoint_id", "checkpoint"))
}

fn filter(params: &Params, target: Option<&Target>) -> Result<Filter, Problem> {
    let grades: Vec<Grade> = params.list("fit")?;
    if target.is_none() && !grades.is_empty() {
        return Err(Problem::parameter("fit", "requires checkpoint_id"));
    }
    Ok(Filter {
        q: params.text("q")?,
        architecture: params.all("architecture"),
        family: params.all("family"),
        tags_all: params.all("tag"),
        tags_any: params.all("any_tag"),
        trigger_words: params.all("trigger_word"),
        min_rating: params.rating("min_rating")?,
        unrated: params.parsed("unrated")?.unwrap_or_default(),
        presence: presence(params)?,
        fit: target
            .filter(|_| !grades.is_empty())
            .map(|checkpoint| FitFilter { checkpoint: checkpoint.clone(), grades }),
        ..Filter::default()
    })
}
