//! `/api/v1/engines`: what makes images just now.

use axum::Json;
use axum::extract::State;
use genonaut_db::engines::{self, Engine};

use crate::app::App;
use crate::problem::Problem;

/// All engines of this queue, by name: reachability, load and models.
#[utoipa::path(get, path = "/api/v1/engines", operation_id = "list_engines", tag = "engines", responses(
    (status = 200, description = "Engines seen in the last 20 seconds", body = Vec<Engine>)))]
pub async fn list(State(app): State<App>) -> Result<Json<Vec<Engine>>, Problem> {
    Ok(Json(engines::list(&app.db).await?))
}
