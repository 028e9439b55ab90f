//! `/api/v1/hashing`: how far the reading of whole files is, which gives them their hashes.

use axum::Json;
use axum::extract::State;
use genonaut_db::library;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{Fields, HashingFields};
use crate::app::App;
use crate::problem::Problem;

/// Hashing progress, over all servers of this catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hashing {
    #[serde(flatten)]
    now: library::Hashing,
    /// Until all files are hashed; null while nothing is hashed.
    seconds_left: Option<f64>,
}

/// Hashing progress.
#[utoipa::path(get, path = "/api/v1/hashing", operation_id = "show_hashing", tag = "library", responses(
    (status = 200, description = "Remaining files and speed", body = Hashing)))]
pub async fn show(State(app): State<App>) -> Result<Json<Hashing>, Problem> {
    Ok(Json(library::hashing(&app.db).await?.into()))
}

/// Pauses or resumes hashing. The current file is started over later.
#[utoipa::path(patch, path = "/api/v1/hashing", operation_id = "patch_hashing", tag = "library", request_body = HashingFields, responses(
    (status = 200, description = "Applied within a second", body = Hashing),
    (status = 400, description = "The body must be a JSON object", body = Problem),
    (status = 415, description = "Content-Type must be application/json", body = Problem),
    (status = 422, description = "`later` is missing or not a boolean", body = Problem)))]
pub async fn patch(State(app): State<App>, Fields(fields): Fields) -> Result<Json<Hashing>, Problem> {
    library::read_later(&app.db, HashingFields::later(&fields)?).await?;
    Ok(Json(library::hashing(&app.db).await?.into()))
}

impl From<library::Hashing> for Hashing {
    fn from(now: library::Hashing) -> Self {
        Self { seconds_left: now.seconds(), now }
    }
}
