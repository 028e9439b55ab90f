//! `/start`: the three ways to a first real image, and the engines that are set on the page. The same without scripts.

mod built_in;
mod view;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::answer::{Failure, Htmx};
use super::engines;
use super::look::Look;
use crate::app::App;
use crate::discovery::Refusal;
pub use view::{Start, Typed};

/// Where the engines are that are set.
pub const ENGINES: &str = "/start#engines";

pub fn routes() -> Router<App> {
    Router::new()
        .route("/start", get(show))
        .route("/ui/engines/add", post(engines::add))
        .route("/ui/engines/built-in", post(engines::built_in))
        .route("/ui/engines/{id}/name", post(engines::rename))
        .route("/ui/engines/{id}/remove", post(engines::remove))
}

#[derive(Template)]
#[template(path = "start/page.html")]
struct Page<'a> {
    page: &'a Start,
    look: Look,
}

pub async fn show(State(app): State<App>, htmx: Htmx, look: Look) -> Result<Response, Failure> {
    let start = Start::load(&app, htmx.viewer).await.map_err(|error| htmx.failure(error))?;
    htmx.html(&Page { page: &start, look })
}

/// The page once more, with what was typed and what is wrong with it.
pub async fn refuse(app: &App, htmx: Htmx, look: Look, typed: Typed, refusal: Refusal) -> Result<Response, Failure> {
    let mut start = Start::load(app, htmx.viewer).await.map_err(|error| htmx.failure(error))?;
    start.refuse(typed, refusal);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, htmx.html(&Page { page: &start, look })?).into_response())
}
