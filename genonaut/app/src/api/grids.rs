//! `/api/v1/grids`: sets of jobs that differ along axes.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use genonaut_db::accounts::Viewer;
use genonaut_db::grids;
use genonaut_db::write::FieldProblem;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Fields, GridFields};
use super::jobs::order;
use super::revision::Id;
use crate::app::App;
use crate::grid::{self, Axis, Base, Kind, Plan, Shown};
use crate::problem::{Problem, ProblemType};
use crate::query::Params;

/// A grid: one recipe with one to three varied settings, and its progress.
#[derive(Debug, Serialize, ToSchema)]
pub struct Grid {
    id: Uuid,
    /// Increases with each grid.
    number: i64,
    /// The x, y and z axes in use.
    #[schema(value_type = Vec<Shown>)]
    axes: Value,
    /// Requested images; identical cells share one.
    images: i64,
    made: i64,
    /// Images that failed or were cancelled.
    failed: i64,
    /// Images that are waiting or running.
    open: i64,
    last_created: DateTime<Utc>,
}

/// A grid with its cells.
#[derive(Debug, Serialize, ToSchema)]
pub struct GridWithCells {
    #[serde(flatten)]
    grid: Grid,
    cells: Vec<GridCell>,
    /// URL of the contact sheet; replace `.png` by `.webp` for a smaller file.
    sheet_url: String,
}

/// One cell, along x first, then y, then z.
#[derive(Debug, Serialize, ToSchema)]
pub struct GridCell {
    place: i32,
    /// `empty`, or the state of its job: `waiting`, `running`, `done`, `failed` or `cancelled`.
    state: &'static str,
    job: Option<Uuid>,
    /// URL of its PNG.
    image_url: Option<String>,
    /// Why the cell is empty, or why it failed.
    reason: Option<String>,
}

/// One page of grids.
#[derive(Debug, Serialize, ToSchema)]
pub struct Grids {
    items: Vec<Grid>,
    /// `before` of the next page; null on the last.
    next_before: Option<i64>,
}

/// Paging.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the API document only")]
pub struct Which {
    /// Only grids with a smaller number.
    before: Option<i64>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// Grids, newest first.
#[utoipa::path(get, path = "/api/v1/grids", operation_id = "list_grids", tag = "grids", params(Which), responses(
    (status = 200, description = "One page", body = Grids),
    (status = 400, description = "Unknown or invalid parameter", body = Problem)))]
pub async fn list(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    params: Params,
) -> Result<Json<Grids>, Problem> {
    params.only(&["before", "limit"])?;
    let limit = params.number("limit", 50, 1..=200)?;
    let (found, more) = grids::list(&app.db, viewer, params.whole("before")?, limit).await?;
    let next_before = found.last().filter(|_| more).map(|grid| grid.number);
    Ok(Json(Grids { items: found.into_iter().map(Grid::from).collect(), next_before }))
}

/// Queues a job for each cell. Cells whose LoRA does not fit their checkpoint stay empty.
#[utoipa::path(post, path = "/api/v1/grids", operation_id = "create_grid", tag = "grids", request_body = GridFields, responses(
    (status = 202, description = "Queued; Location is its URL", body = GridWithCells),
    (status = 400, description = "The body must be a JSON object", body = Problem),
    (status = 415, description = "Content-Type must be application/json", body = Problem),
    (status = 422, description = "Invalid field; nothing was queued", body = Problem)))]
pub async fn create(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Fields(mut fields): Fields,
) -> Result<Response, Problem> {
    let axes = fields.remove("axes").unwrap_or_default();
    if fields.contains_key("images") {
        return Err(wrong("images", "is not a field of a grid: each cell is one image"));
    }
    let plan = plan(&app, &fields, &axes).await?;
    let id = grid::start(&app, viewer, plan).await?;
    let location = format!("/api/v1/grids/{id}");
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], show(State(app), Extension(viewer), Id(id)).await?)
        .into_response())
}

/// One grid, with its cells.
#[utoipa::path(get, path = "/api/v1/grids/{id}", operation_id = "show_grid", tag = "grids", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The grid", body = GridWithCells),
    (status = 404, description = "No such ID", body = Problem)))]
pub async fn show(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<Json<GridWithCells>, Problem> {
    let grid = grids::find(&app.db, viewer, id).await?.ok_or_else(|| Problem::not_found("grid"))?;
    let cells = grids::cells(&app.db, id).await?.into_iter().map(GridCell::from).collect();
    Ok(Json(GridWithCells { grid: grid.into(), cells, sheet_url: format!("/grids/{id}/sheet.png") }))
}

/// Cancels the remaining images.
#[utoipa::path(post, path = "/api/v1/grids/{id}/cancel", operation_id = "cancel_grid", tag = "grids", params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Cancelled"),
    (status = 404, description = "No such ID", body = Problem),
    (status = 409, description = "Nothing left to cancel", body = Problem)))]
pub async fn cancel(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    let cancelled = grids::cancel(&app.db, viewer, id).await?;
    changed(&app, viewer, id, cancelled, "nothing left to cancel").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Retries the cells that failed or were cancelled.
#[utoipa::path(post, path = "/api/v1/grids/{id}/retry", operation_id = "retry_grid", tag = "grids", params(("id" = Uuid, Path)), responses(
    (status = 202, description = "Queued again", body = GridWithCells),
    (status = 404, description = "No such ID", body = Problem),
    (status = 409, description = "Nothing to retry", body = Problem)))]
pub async fn retry(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let again = grids::retry(&app.db, viewer, id).await?;
    changed(&app, viewer, id, again, "no failed or cancelled cells to retry").await?;
    Ok((StatusCode::ACCEPTED, show(State(app), Extension(viewer), Id(id)).await?).into_response())
}

/// Deletes the grid and cancels the remaining images. Its images stay.
#[utoipa::path(delete, path = "/api/v1/grids/{id}", operation_id = "delete_grid", tag = "grids", params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "No such ID", body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    let there = grids::delete(&app.db, viewer, id).await?;
    if there { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("grid")) }
}

async fn changed(app: &App, viewer: Viewer, id: Uuid, count: u64, otherwise: &str) -> Result<(), Problem> {
    if count > 0 {
        return Ok(());
    }
    let there = grids::find(&app.db, viewer, id).await?.is_some();
    Err(if there { Problem::new(ProblemType::Conflict, otherwise) } else { Problem::not_found("grid") })
}

/// Fields of an axis.
const AXIS: [&str; 2] = ["kind", "values"];

async fn plan(app: &App, fields: &Map<String, Value>, axes: &Value) -> Result<Plan, Problem> {
    let order::Ordered { recipe, set, .. } = order::read(&app.db, fields).await?;
    let base = Base::load(&app.db, recipe, set).await?;
    let base = base.ok_or_else(|| wrong("checkpoint", "no longer exists"))?;
    let given = axes.as_array().filter(|axes| (1..=3).contains(&axes.len()));
    let given = given.ok_or_else(|| wrong("axes", "must be a list of one to three objects"))?;
    let mut axes: Vec<Axis> = Vec::new();
    for (at, axis) in given.iter().enumerate() {
        let field = format!("axes[{at}]");
        if let Some(name) = axis.as_object().and_then(|axis| axis.keys().find(|name| !AXIS.contains(&name.as_str()))) {
            return Err(wrong(&format!("{field}.{name}"), "is not a field of an axis"));
        }
        let kind = axis["kind"].as_str().and_then(Kind::of).ok_or_else(|| {
            let known: Vec<_> = Kind::ALL.map(Kind::word).into();
            wrong(&format!("{field}.kind"), format!("must be one of {}", known.join(", ")))
        })?;
        let text =
            text(&axis["values"]).ok_or_else(|| wrong(&format!("{field}.values"), "must be a list or a string"))?;
        let read = grid::read(&app.db, kind, &text, &base.checkpoint.target).await?;
        axes.push(read.map_err(|reason| wrong(&format!("{field}.values"), reason))?);
    }
    Plan::new(&base, axes).map_err(|reason| wrong("axes", reason))
}

/// A list as lines, which is how names that have commas are written.
fn text(values: &Value) -> Option<String> {
    match values {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(values) => {
            let texts = values.iter().map(|value| text(value).filter(|_| !value.is_array()));
            // A line break says that there may be commas in it.
            texts.collect::<Option<Vec<_>>>().map(|texts| texts.join("\n") + "\n")
        }
        _ => None,
    }
}

fn wrong(field: &str, reason: impl Into<String>) -> Problem {
    let reason = reason.into();
    let error = FieldProblem { field: field.to_owned(), code: "invalid", reason, hint: None };
    Problem::new(ProblemType::InvalidField, "nothing was queued").with(vec![error])
}

impl From<grids::Grid> for Grid {
    fn from(grid: grids::Grid) -> Self {
        let grids::Grid { id, number, axes, images, made, failed, open, last_created, .. } = grid;
        Self { id, number, axes, images, made, failed, open, last_created }
    }
}

impl From<grids::Cell> for GridCell {
    fn from(cell: grids::Cell) -> Self {
        Self {
            place: cell.place,
            state: cell.state.map_or("empty", genonaut_db::jobs::State::word),
            job: cell.job,
            image_url: cell.image.map(|id| format!("/images/{id}")),
            reason: cell.reason.or(cell.problem),
        }
    }
}
