//! `/api/v1/roots`: the folders that are scanned.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use genonaut_db::library::{self, Root};

use super::revision::Id;
use crate::app::App;
use crate::problem::Problem;
use crate::scan;

/// Library folders, by path.
#[utoipa::path(get, path = "/api/v1/roots", operation_id = "list_roots", tag = "library", responses(
    (status = 200, description = "All library folders", body = Vec<Root>)))]
pub async fn list(State(app): State<App>) -> Result<Json<Vec<Root>>, Problem> {
    Ok(Json(library::roots(&app.db).await?))
}

/// Removes a library folder. Its models stay, marked as missing unless another folder has the files.
#[utoipa::path(delete, path = "/api/v1/roots/{id}", operation_id = "delete_root", tag = "library", params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Removed; files on disk are kept"),
    (status = 404, description = "No such ID", body = Problem)))]
pub async fn delete(State(app): State<App>, Id(id): Id) -> Result<StatusCode, Problem> {
    match scan::forget(&app.db, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("root")),
    }
}
