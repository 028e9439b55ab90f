//! `/api/v1/scans`: folders become models.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use genonaut_db::scans;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{Fields, ScanFields};
use super::revision::Id;
use crate::app::App;
use crate::problem::{Problem, ProblemType};
use crate::scan;

/// A scan of folders, and its progress.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scan {
    id: Uuid,
    /// The scanned paths; empty for all library folders.
    paths: Vec<String>,
    /// `running`, `done`, `failed` or `cancelled`.
    state: &'static str,
    /// Counts so far: roots, folders, files, expected, unchanged, read, imported, kinds, troubles, seconds; and the
    /// first 200 troubles as `trouble_list`.
    #[schema(value_type = Object)]
    report: Value,
    /// Why it failed.
    problem: Option<String>,
    last_created: DateTime<Utc>,
    finished: Option<DateTime<Utc>>,
}

const LATEST: i64 = 20;

/// The latest 20 scans, newest first.
#[utoipa::path(get, path = "/api/v1/scans", operation_id = "list_scans", tag = "library", responses(
    (status = 200, description = "Running and finished scans", body = Vec<Scan>)))]
pub async fn list(State(app): State<App>) -> Result<Json<Vec<Scan>>, Problem> {
    Ok(Json(scans::latest(&app.db, LATEST).await?.into_iter().map(Scan::from).collect()))
}

/// Scans folders in the background; without paths, all library folders. A new folder is added to the library.
#[utoipa::path(post, path = "/api/v1/scans", operation_id = "create_scan", tag = "library", request_body = ScanFields, responses(
    (status = 202, description = "Started; Location is its URL", body = Scan),
    (status = 400, description = "The body must be a JSON object", body = Problem),
    (status = 415, description = "Content-Type must be application/json", body = Problem),
    (status = 422, description = "A path does not exist or has nothing to scan", body = Problem)))]
pub async fn create(State(app): State<App>, Fields(fields): Fields) -> Result<Response, Problem> {
    let scan = Scan::from(scan::start(&app, ScanFields::paths(fields)?).await?);
    let location = format!("/api/v1/scans/{}", scan.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(scan)).into_response())
}

/// One scan.
#[utoipa::path(get, path = "/api/v1/scans/{id}", operation_id = "show_scan", tag = "library", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The scan", body = Scan),
    (status = 404, description = "No such ID", body = Problem)))]
pub async fn show(State(app): State<App>, Id(id): Id) -> Result<Json<Scan>, Problem> {
    let found = scans::find(&app.db, id).await?.ok_or_else(|| Problem::not_found("scan"))?;
    Ok(Json(found.into()))
}

/// Stops a scan. Models imported so far are kept.
#[utoipa::path(post, path = "/api/v1/scans/{id}/cancel", operation_id = "cancel_scan", tag = "library", params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Cancelled"),
    (status = 404, description = "No such ID", body = Problem),
    (status = 409, description = "Already finished", body = Problem)))]
pub async fn cancel(State(app): State<App>, Id(id): Id) -> Result<StatusCode, Problem> {
    if scans::cancel(&app.db, id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let there = scans::find(&app.db, id).await?.is_some();
    Err(if there { Problem::new(ProblemType::Conflict, "already finished") } else { Problem::not_found("scan") })
}

impl From<scans::Scan> for Scan {
    fn from(scan: scans::Scan) -> Self {
        let scans::Scan { id, paths, state, report, problem, last_created, finished } = scan;
        Self { id, paths, state: state.word(), report, problem, last_created, finished }
    }
}
