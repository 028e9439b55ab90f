//! `/api/v1/roots`: the folders that are scanned.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use genonaut_db::library::{self, Root};

use super::revision::Id;
use crate::app::App;
use crate::problem::Problem;
use crate::scan;

/// The folders that are scanned, by their paths.
#[utoipa::path(get, path = "/api/v1/roots", operation_id = "list_roots", tag = "library", responses(
    (status = 200, description = "Every known folder", body = Vec<Root>)))]
pub async fn list(State(app): State<App>) -> Result<Json<Vec<Root>>, Problem> {
    Ok(Json(library::roots(&app.db).await?))
}

/// Scans a folder no more. Its models stay, as missing where no other root has them.
#[utoipa::path(delete, path = "/api/v1/roots/{id}", operation_id = "delete_root", tag = "library", params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Removed; nothing on the disk is touched"),
    (status = 404, description = "There is none with this id", body = Problem)))]
pub async fn delete(State(app): State<App>, Id(id): Id) -> Result<StatusCode, Problem> {
    match scan::forget(&app.db, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("root")),
    }
}
