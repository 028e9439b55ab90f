//! Choosing what makes the images, where none was named on the command line.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use super::answer::{Failure, Htmx};
use super::query::Body;
use crate::app::App;
use crate::discovery::Discovery;
use crate::problem::{Problem, ProblemType};

/// Uses a server that was found on this machine. Only such a one: an address alone is not trusted.
pub async fn choose(State(app): State<App>, htmx: Htmx, Body(pairs): Body) -> Result<Response, Failure> {
    let discovery = discovery(&app, htmx)?;
    let url = pairs.iter().find(|(key, _)| key == "url").map(|(_, url)| url.as_str()).unwrap_or_default();
    match discovery.choose(&app.db, url).await {
        Ok(true) => Ok(done()),
        Ok(false) => Err(htmx
            .refused(Problem::new(ProblemType::Conflict, "no ComfyUI found at this address; start it and try again"))),
        Err(error) => Err(htmx.failure(error)),
    }
}

/// Back to the demo engine.
pub async fn demo(State(app): State<App>, htmx: Htmx) -> Result<Response, Failure> {
    discovery(&app, htmx)?.demo(&app.db).await.map_err(|error| htmx.failure(error))?;
    Ok(done())
}

fn discovery(app: &App, htmx: Htmx) -> Result<&Discovery, Failure> {
    let named = || {
        htmx.refused(Problem::new(ProblemType::Conflict, "the engines are set on the command line; change them there"))
    };
    app.discovery.as_ref().ok_or_else(named)
}

/// The page tells by itself how it goes on.
fn done() -> Response {
    Redirect::to("/").into_response()
}
