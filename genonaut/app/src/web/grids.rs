//! Grids: a dialog beside the recipe that starts them, `/grids/new`, which is the same without scripts, a page for each,
//! and a list of all.

mod form;
mod list;
mod sheet;
mod view;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use genonaut_db::grids;
use uuid::Uuid;

use view::GridView;

use super::answer::{Failure, Htmx};
use super::look::Look;
use crate::app::App;
use crate::problem::Problem;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/grids", get(list::show))
        .route("/grids/new", get(form::show).post(form::show))
        // A form that was refused has these addresses; a reload or a link leads back to it.
        .route("/ui/grids", post(form::start).get(form::again))
        .route("/ui/grids/count", post(form::count).get(form::again))
        .route("/grids/{id}", get(show))
        .route("/grids/{id}/{file}", get(sheet::file))
        .route("/ui/grids/{id}/cancel", post(cancel))
        .route("/ui/grids/{id}/retry", post(retry))
        .route("/ui/grids/{id}/delete", post(delete))
}

#[derive(Template)]
#[template(path = "grids/page.html")]
struct Page<'a> {
    view: &'a GridView,
    look: Look,
}

#[derive(Template)]
#[template(path = "grids/parts.html")]
struct Parts<'a> {
    view: &'a GridView,
}

/// The grid's page, or what in it can change.
async fn show(State(app): State<App>, htmx: Htmx, look: Look, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let Some(view) = GridView::load(&app.db, htmx.viewer, id).await.map_err(|error| htmx.failure(error))? else {
        return Err(htmx.refused(Problem::not_found("grid")));
    };
    if htmx.partial { htmx.html(&Parts { view: &view }) } else { htmx.html(&Page { view: &view, look }) }
}

/// After one of its images was rated there.
pub async fn rated(app: &App, htmx: Htmx, id: Uuid) -> Result<Response, Failure> {
    if !htmx.partial {
        return Ok(then(htmx, id));
    }
    match GridView::load(&app.db, htmx.viewer, id).await.map_err(|error| htmx.failure(error))? {
        Some(view) => htmx.html(&Parts { view: &view }),
        None => Err(htmx.refused(Problem::not_found("grid"))),
    }
}

/// The stream of events tells the rest.
async fn cancel(State(app): State<App>, htmx: Htmx, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    grids::cancel(&app.db, htmx.viewer, id).await.map_err(|error| htmx.failure(error))?;
    Ok(then(htmx, id))
}

async fn retry(State(app): State<App>, htmx: Htmx, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    grids::retry(&app.db, htmx.viewer, id).await.map_err(|error| htmx.failure(error))?;
    Ok(then(htmx, id))
}

/// The images stay in the history.
async fn delete(State(app): State<App>, htmx: Htmx, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let there = grids::delete(&app.db, htmx.viewer, id).await.map_err(|error| htmx.failure(error))?;
    if there { Ok(Redirect::to("/grids").into_response()) } else { Err(htmx.refused(Problem::not_found("grid"))) }
}

fn then(htmx: Htmx, id: Uuid) -> Response {
    match htmx.partial {
        true => StatusCode::NO_CONTENT.into_response(),
        false => Redirect::to(&format!("/grids/{id}")).into_response(),
    }
}
