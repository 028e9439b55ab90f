//! `/grids/{id}/sheet.png` and `sheet.webp`: all cells in one picture, drawn when it is asked for.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use genonaut_db::accounts::Viewer;
use genonaut_db::grids::{self, Cell, Grid};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::view::{axes, largest, note};
use crate::app::App;
use crate::grid::{Format, Layout, Sheet};
use crate::pictures::THUMBNAIL;
use crate::problem::{Problem, ProblemType};
use crate::recipe::Recipe;

/// One at a time: each takes up to 100 MB.
static DRAWING: Semaphore = Semaphore::const_new(1);

pub async fn file(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Path((id, file)): Path<(Uuid, String)>,
) -> Result<Response, Problem> {
    let (format, kind) = match file.as_str() {
        "sheet.png" => (Format::Png, "image/png"),
        "sheet.webp" => (Format::WebP, "image/webp"),
        _ => return Err(Problem::not_found("contact sheet")),
    };
    let grid = grids::find(&app.db, viewer, id).await?.ok_or_else(|| Problem::not_found("grid"))?;
    let cells = grids::cells(&app.db, id).await?;
    let name = format!("inline; filename=\"genonaut-grid-{}.{}\"", grid.number, file.trim_start_matches("sheet."));
    let drawn = draw(&app, grid, cells, format).await;
    let bytes = drawn
        .map_err(|error| Problem::new(ProblemType::Internal, "see the server log").because(format!("{error:#}")))?;
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        // Cells are made and binned.
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, bytes).into_response())
}

async fn draw(app: &App, grid: Grid, cells: Vec<Cell>, format: Format) -> anyhow::Result<Vec<u8>> {
    let turn = DRAWING.acquire().await?;
    let axes = axes(&grid);
    let layout = Layout::new(&axes, largest(&cells))?;
    let small = layout.is_small(THUMBNAIL);
    let mut sheet = Sheet::new(&axes, layout)?;
    for cell in cells {
        let found = content(app, &cell, small).await;
        sheet = tokio::task::spawn_blocking(move || with(sheet, &cell, found)).await?;
    }
    // The turn lasts as long as the work, whoever has stopped waiting for it.
    let (packed, _turn) = tokio::task::spawn_blocking(move || (sheet.pack(format), turn)).await?;
    let packed = packed?;
    sign(app, &grid, packed, format).await
}

/// The cell's image, or why there is none.
async fn content(app: &App, cell: &Cell, small: bool) -> Result<bytes::Bytes, String> {
    let file = if small { &cell.thumbnail } else { &cell.file };
    let Some(file) = file else { return Err(note(cell)) };
    app.pictures.read(file).await.map_err(|error| {
        tracing::warn!("failed to read an image for a contact sheet: {error:#}");
        "Image file not found.".to_owned()
    })
}

fn with(mut sheet: Sheet, cell: &Cell, found: Result<bytes::Bytes, String>) -> Sheet {
    let place = cell.place.unsigned_abs();
    match found {
        Ok(bytes) if sheet.image(place, &bytes).is_ok() => {}
        Ok(_) => sheet.note(place, "Image file cannot be read."),
        Err(note) => sheet.note(place, &note),
    }
    sheet
}

/// A PNG tells what its cells have in common: dropped on the page it is that recipe.
async fn sign(app: &App, grid: &Grid, packed: Vec<u8>, format: Format) -> anyhow::Result<Vec<u8>> {
    match serde_json::from_value::<Recipe>(grid.recipe.clone()) {
        Ok(recipe) if format == Format::Png => recipe.sign(&app.db, &packed, recipe.seed.unwrap_or_default()).await,
        _ => Ok(packed),
    }
}
