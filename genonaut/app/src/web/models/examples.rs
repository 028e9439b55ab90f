//! Hides the examples, or shows them again.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::examples;

use crate::app::App;
use crate::web::answer::{Failure, Htmx};
use crate::web::look::back_into;
use crate::web::query::Body;

/// `hidden` is `1` or `0`; `back` is the page to go back to.
pub async fn hide(State(app): State<App>, htmx: Htmx, Body(pairs): Body) -> Result<Response, Failure> {
    let value = |key: &str| pairs.iter().find(|(given, _)| given == key).map(|(_, value)| value.as_str());
    examples::hide(&app.db, value("hidden") == Some("1")).await.map_err(|error| htmx.failure(error))?;
    Ok(Redirect::to(back_into(value("back").unwrap_or("/models"))).into_response())
}
