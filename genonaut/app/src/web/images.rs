//! What can be done with an image, and its file.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::accounts::Viewer;
use genonaut_db::images::{self, Image, Window};
use uuid::Uuid;

use super::answer::{Failure, Htmx};
use super::grids;
use super::jobs::job_header;
use super::page::Toast;
use super::query::{Asked, Pairs, Recipe};
use super::stage;
use super::stage::History;
use super::viewer::Asking;
use crate::app::App;
use crate::problem::{Problem, ProblemType};
use crate::queue::enqueue;
use crate::recipe;

/// Images of one more page of the history.
const OLDER: u16 = 48;

#[derive(Template)]
#[template(path = "history/older.html")]
struct Older {
    history: History,
}

/// Those made before the image of number `before`.
pub async fn older(State(app): State<App>, htmx: Htmx, Pairs(pairs): Pairs) -> Result<Response, Failure> {
    let recipe = Asked::read(&pairs).recipe;
    let before = pairs.iter().find(|(key, _)| key == "before").and_then(|(_, number)| number.parse().ok());
    let listed =
        images::list(&app.db, htmx.viewer, stage::shown(&recipe), Window { before, since: None, limit: OLDER }).await;
    let (found, more) = listed.map_err(|error| htmx.failure(error))?;
    htmx.fragment(&Older { history: History::new(found, more, None, &recipe) })
}

/// The image on the stage.
pub async fn show(State(app): State<App>, htmx: Htmx, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    if !htmx.partial {
        return Ok(Redirect::to(&looking(id).url()).into_response());
    }
    match images::find(&app.db, htmx.viewer, id).await.map_err(|error| htmx.failure(error))? {
        Some(_) => htmx.now(&app, &looking(id), StatusCode::OK, None).await,
        None => htmx.complain(StatusCode::NOT_FOUND, vec!["This image no longer exists.".into()]),
    }
}

/// `stars`: 1 to 5, and 0 for none; `grid`: the grid on whose page it is rated.
pub async fn rate(
    State(app): State<App>,
    htmx: Htmx,
    Path(id): Path<Uuid>,
    Pairs(pairs): Pairs,
) -> Result<Response, Failure> {
    let stars = pairs.iter().rev().find(|(key, _)| key == "stars").and_then(|(_, stars)| stars.parse::<i16>().ok());
    let Some(stars) = stars.filter(|stars| (0..=5).contains(stars)) else {
        return htmx
            .complain(StatusCode::UNPROCESSABLE_ENTITY, vec!["Rating must be 1 to 5 stars, or 0 to clear it.".into()]);
    };
    let stars = (stars > 0).then_some(stars);
    let rated = images::rate(&app.db, htmx.viewer, id, stars).await.map_err(|error| htmx.failure(error))?;
    if !rated {
        return Ok(Problem::not_found("image").into_response());
    }
    let grid = pairs.iter().find(|(key, _)| key == "grid").and_then(|(_, grid)| grid.parse().ok());
    if let Some(grid) = grid {
        return grids::rated(&app, htmx, grid).await;
    }
    if !htmx.partial {
        return Ok(back(id));
    }
    let view = Asking::new(htmx, &pairs).open(&app.db, id).await.map_err(|error| htmx.failure(error))?;
    htmx.done(&app, &among(&pairs, Some(id)), None, view).await
}

/// Into the bin, from where it can be brought back.
pub async fn delete(
    State(app): State<App>,
    htmx: Htmx,
    Path(id): Path<Uuid>,
    Pairs(pairs): Pairs,
) -> Result<Response, Failure> {
    let binned = images::bin(&app.db, htmx.viewer, id, true).await.map_err(|error| htmx.failure(error))?;
    if !binned {
        return Ok(Problem::not_found("image").into_response());
    }
    if !htmx.partial {
        return Ok(Redirect::to("/").into_response());
    }
    let toast = Toast { restore: Some(id), ..Toast::says("Image moved to the trash.".to_owned()) };
    let view = Asking::new(htmx, &pairs).after(&app.db, id).await.map_err(|error| htmx.failure(error))?;
    let next = view.as_ref().and_then(|view| view.image.as_ref()).map(|image| image.id);
    htmx.done(&app, &among(&pairs, next), Some(toast), view).await
}

pub async fn restore(State(app): State<App>, htmx: Htmx, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let restored = images::bin(&app.db, htmx.viewer, id, false).await.map_err(|error| htmx.failure(error))?;
    if !restored {
        return Err(htmx.refused(Problem::not_found("image")));
    }
    if htmx.partial { htmx.now(&app, &looking(id), StatusCode::OK, None).await } else { Ok(back(id)) }
}

/// The same once more with another seed.
pub async fn vary(State(app): State<App>, htmx: Htmx, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let image = images::find(&app.db, htmx.viewer, id).await.map_err(|error| htmx.failure(error))?;
    let made = image.and_then(|image| recipe::Recipe::of_image(&image));
    let Some(made) = made else { return Ok(Problem::not_found("image").into_response()) };
    // What it came to stays as it is; only what is drawn from the seed by the engine is another.
    let recipe = recipe::Recipe { seed: None, ..made.plain() };
    let job = enqueue(&app, htmx.viewer, recipe, 1).await.map_err(|problem| htmx.refused(problem))?;
    if !htmx.partial {
        return Ok(Redirect::to("/").into_response());
    }
    let mut answer = htmx.now(&app, &Recipe::default(), StatusCode::ACCEPTED, None).await?;
    answer.headers_mut().extend(job_header(job.id));
    Ok(answer)
}

/// A browser that shows an image by itself styles its own page of it, inline.
const VIEWER: &str = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'";

pub async fn file(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let image = found(&app, viewer, id).await?;
    let name = format!("inline; filename=\"genonaut-{}-{}.png\"", image.number, image.seed);
    let bytes = recipe::Recipe::without_folders(&app.db, read(&app, &image.file).await?).await;
    let bytes = bytes
        .map_err(|error| Problem::new(ProblemType::Internal, "see the server log").because(format!("{error:#}")))?;
    Ok((
        [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, FOREVER)],
        [(header::CONTENT_DISPOSITION, name), (header::CONTENT_SECURITY_POLICY, VIEWER.to_owned())],
        bytes,
    )
        .into_response())
}

pub async fn thumbnail(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let image = found(&app, viewer, id).await?;
    let bytes = read(&app, &image.thumbnail).await?;
    Ok(([(header::CONTENT_TYPE, "image/webp"), (header::CACHE_CONTROL, FOREVER)], bytes).into_response())
}

/// An image never changes; whoever may see it may keep it.
pub const FOREVER: &str = "private, max-age=31536000, immutable";

async fn found(app: &App, viewer: Viewer, id: Uuid) -> Result<Image, Problem> {
    images::find(&app.db, viewer, id).await?.ok_or_else(|| Problem::not_found("image"))
}

async fn read(app: &App, file: &str) -> Result<axum::body::Bytes, Problem> {
    let missing = |error: anyhow::Error| {
        Problem::new(ProblemType::NotFound, "the image file no longer exists").because(format!("{error:#}"))
    };
    app.pictures.read(file).await.map_err(missing)
}

fn looking(id: Uuid) -> Recipe {
    Recipe { image: Some(id), ..Recipe::default() }
}

/// An image among those that the history lists.
fn among(pairs: &[(String, String)], image: Option<Uuid>) -> Recipe {
    let asked = Asked::read(pairs).recipe;
    Recipe { image, shown: asked.shown, checkpoint: asked.checkpoint, since: asked.since, ..Recipe::default() }
}

fn back(id: Uuid) -> Response {
    Redirect::to(&looking(id).url()).into_response()
}
