//! `/`: Image Generation.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use super::answer::{Failure, History, Htmx};
use super::checkpoints::Options;
use super::look::Look;
use super::page::{Parts, Whole};
use super::query::{Asked, Pairs};
use crate::app::App;

/// The page of the recipe in the address; only the parts that can change when htmx asks.
pub async fn show(State(app): State<App>, htmx: Htmx, look: Look, Pairs(pairs): Pairs) -> Result<Response, Failure> {
    let asked = Asked::read(&pairs);
    if asked.acts && asked.problems.is_empty() && !htmx.partial {
        return Ok(Redirect::to(&asked.recipe.url()).into_response());
    }
    let parts = Parts::load(&app.db, asked).await.map_err(|error| htmx.failure(error))?;
    if htmx.partial {
        return htmx.parts(&parts, History::Push);
    }
    let options = Options::load(&app.db, &parts.recipe, None).await.map_err(|error| htmx.failure(error))?;
    htmx.whole(&Whole { parts, options, look })
}
