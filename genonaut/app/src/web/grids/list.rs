//! `/grids`: all of them, the newest first.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use genonaut_db::grids::{self, Grid};
use uuid::Uuid;

use super::view::GridView;
use crate::app::App;
use crate::web::answer::{Failure, Htmx};
use crate::web::look::Look;
use crate::web::query::Pairs;

/// Grids of one page.
const LISTED: u16 = 24;
/// Images of each that are shown.
const SHOWN: i64 = 6;

#[derive(Template)]
#[template(path = "grids/list.html")]
struct List {
    listed: Vec<Listed>,
    /// Where older ones are.
    older: Option<String>,
    look: Look,
}

struct Listed {
    view: GridView,
    images: Vec<Uuid>,
}

/// `before` is the number of the last grid of the page before.
pub async fn show(State(app): State<App>, htmx: Htmx, look: Look, Pairs(pairs): Pairs) -> Result<Response, Failure> {
    let before = pairs.iter().find(|(key, _)| key == "before").and_then(|(_, number)| number.parse().ok());
    let (found, more) = grids::list(&app.db, htmx.viewer, before, LISTED).await.map_err(|error| htmx.failure(error))?;
    let ids: Vec<_> = found.iter().map(|grid| grid.id).collect();
    let images = grids::first_images(&app.db, &ids, SHOWN).await.map_err(|error| htmx.failure(error))?;
    let older = found.last().filter(|_| more).map(|grid| format!("/grids?before={}", grid.number));
    let listed = found.into_iter().map(|grid| listed(grid, &images)).collect();
    htmx.html(&List { listed, older, look })
}

fn listed(grid: Grid, images: &[(Uuid, Uuid)]) -> Listed {
    let images = images.iter().filter(|(of, _)| *of == grid.id).map(|(_, image)| *image).collect();
    Listed { view: GridView::new(grid, &[]), images }
}
