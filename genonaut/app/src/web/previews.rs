//! `/previews/{name}`: the image beside a model's file, small.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::images::FOREVER;
use crate::app::App;
use crate::previews;
use crate::problem::Problem;

/// Whatever keeps it from being shown, the page has something that stands in for it.
pub async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    match previews::thumbnail(&app, &name).await {
        Ok(shown) => Ok(([(header::CONTENT_TYPE, shown.content_type), (header::CACHE_CONTROL, FOREVER)], shown.bytes)
            .into_response()),
        Err(error) => {
            tracing::debug!("failed to read preview {name}: {error:#}");
            Err(Problem::not_found("preview"))
        }
    }
}
