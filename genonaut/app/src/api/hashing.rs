//! `/api/v1/hashing`: how far the reading of whole files is, which gives them their hashes.

use axum::Json;
use axum::extract::State;
use genonaut_db::library;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{Fields, HashingFields};
use crate::app::App;
use crate::problem::Problem;

/// What is left, over all servers of this catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hashing {
    #[serde(flatten)]
    now: library::Hashing,
    /// Until all is read; null where nobody reads.
    seconds_left: Option<f64>,
}

/// How far the reading of whole files is.
#[utoipa::path(get, path = "/api/v1/hashing", operation_id = "show_hashing", tag = "library", responses(
    (status = 200, description = "What is left, and how fast it goes", body = Hashing)))]
pub async fn show(State(app): State<App>) -> Result<Json<Hashing>, Problem> {
    Ok(Json(library::hashing(&app.db).await?.into()))
}

/// Has it wait, or go on. A file at hand is begun again later.
#[utoipa::path(patch, path = "/api/v1/hashing", operation_id = "patch_hashing", tag = "library", request_body = HashingFields, responses(
    (status = 200, description = "Whoever reads hears of it within a moment", body = Hashing),
    (status = 400, description = "The body is no JSON object", body = Problem),
    (status = 415, description = "The body is not called JSON", body = Problem),
    (status = 422, description = "`later` is not there, or no boolean", body = Problem)))]
pub async fn patch(State(app): State<App>, Fields(fields): Fields) -> Result<Json<Hashing>, Problem> {
    library::read_later(&app.db, HashingFields::later(&fields)?).await?;
    Ok(Json(library::hashing(&app.db).await?.into()))
}

impl From<library::Hashing> for Hashing {
    fn from(now: library::Hashing) -> Self {
        Self { seconds_left: now.seconds(), now }
    }
}
