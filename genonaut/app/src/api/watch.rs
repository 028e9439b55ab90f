//! For programs that watch over us.

use std::time::Duration;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use genonaut_db::schema;

use crate::app::App;
use crate::problem::{Problem, ProblemType};
use crate::serve::metrics as counted;

/// The process is running.
#[utoipa::path(get, path = "/healthz", tag = "watch", responses((status = 200, description = "The process is running", body = String)))]
pub async fn healthz() -> &'static str {
    "ok"
}

/// The database is available and current.
#[utoipa::path(get, path = "/readyz", tag = "watch", responses(
    (status = 200, description = "Ready for requests", body = String),
    (status = 503, description = "The database is not available, or has pending migrations", body = Problem)))]
pub async fn readyz(State(app): State<App>) -> Result<&'static str, Problem> {
    let unanswered = || Problem::new(ProblemType::Unavailable, app.database.unanswered());
    match tokio::time::timeout(Duration::from_secs(1), schema::standing(&app.db)).await {
        Ok(Ok(standing)) => match standing.advice() {
            None => Ok("ready"),
            Some(advice) => Err(Problem::new(ProblemType::Unavailable, advice)),
        },
        Ok(Err(error)) => Err(unanswered().because(error)),
        Err(late) => Err(unanswered().because(late)),
    }
}

/// Counts in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "watch", responses((status = 200, description = "Prometheus text format", body = String)))]
pub async fn metrics(State(app): State<App>) -> Response {
    metrics::gauge!("db_connections").set(f64::from(app.db.size()));
    let text = counted().map(|handle| handle.render()).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
