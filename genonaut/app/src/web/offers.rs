//! What is rated highest for the recipe at hand, once more, because stars came.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::answer::{Failure, Htmx};
use super::page::Parts;
use super::query::{Asked, Pairs};
use crate::app::App;

#[derive(Template)]
#[template(path = "recipe/offers.html")]
struct Offers<'a> {
    page: &'a Parts,
}

pub async fn show(State(app): State<App>, htmx: Htmx, Pairs(pairs): Pairs) -> Result<Response, Failure> {
    let mut asked = Asked::read(&pairs);
    // Nobody looks at the list of LoRAs here.
    asked.recipe.picking = false;
    asked.recipe.picker.open = false;
    let page = Parts::load(&app.db, asked).await.map_err(|error| htmx.failure(error))?;
    htmx.fragment(&Offers { page: &page })
}
