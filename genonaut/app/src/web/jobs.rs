//! Generate, cancel, try again.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::accounts::Viewer;
use genonaut_db::jobs;
use uuid::Uuid;

use super::answer::{CLOSED, Failure, Htmx};
use super::draft::Browser;
use super::notice::Notice;
use super::page::{Parts, Toast};
use super::query::{Asked, Body, Recipe};
use super::tags;
use crate::app::App;
use crate::problem::{Problem, ProblemType};
use crate::queue::enqueue;

/// Puts the form's recipe into the queue, and shows what comes of it.
pub async fn add(State(app): State<App>, htmx: Htmx, browser: Browser, Body(pairs): Body) -> Result<Response, Failure> {
    let mut asked = Asked::read(&pairs);
    tags::look(&app, &mut asked, true).await.map_err(|error| htmx.failure(error))?;
    let mut parts = Parts::load(&app.db, asked).await.map_err(|error| htmx.failure(error))?;
    browser.keep(&app.db, &parts.recipe).await.map_err(|error| htmx.failure(error))?;
    let Some(makes) = parts.makes.take().filter(|_| parts.notices.is_empty()) else {
        return refuse(htmx, parts.notices);
    };
    let images = parts.recipe.images();
    let waiting = jobs::open(&app.db, Viewer::EVERYTHING).await.map_err(|error| htmx.failure(error))?.len();
    let job = match enqueue(&app, htmx.viewer, makes, images).await {
        Ok(job) => job,
        Err(problem) if htmx.partial && problem.status == 422 => return tags::refuse(htmx, &problem),
        Err(problem) => return Err(htmx.refused(problem)),
    };
    parts.recipe.image = None;
    if !htmx.partial {
        return Ok(browser.remember(Redirect::to(&parts.recipe.url()).into_response()));
    }
    let toast = (waiting > 0).then(|| Toast::says(format!("Queued ({waiting} ahead).")));
    let mut answer = htmx.now(&app, &parts.recipe, StatusCode::ACCEPTED, toast).await?;
    answer.headers_mut().extend(job_header(job.id));
    if let Ok(url) = HeaderValue::from_str(&parts.recipe.place()) {
        answer.headers_mut().insert(HeaderName::from_static("hx-replace-url"), url);
    }
    Ok(browser.remember(answer))
}

/// Which job it has become, so that Esc can cancel it at once.
pub fn job_header(job: Uuid) -> Option<(HeaderName, HeaderValue)> {
    let value = HeaderValue::from_str(&job.to_string()).ok()?;
    Some((HeaderName::from_static("genonaut-job"), value))
}

fn refuse(htmx: Htmx, mut notices: Vec<Notice>) -> Result<Response, Failure> {
    if notices.is_empty() {
        notices.push("No checkpoint to generate with. Choose one, or import a folder of models.".into());
    }
    match htmx.partial {
        true => htmx.complain(StatusCode::UNPROCESSABLE_ENTITY, notices),
        false => {
            let texts: Vec<_> = notices.into_iter().map(|notice| notice.text).collect();
            Ok(Problem::new(ProblemType::InvalidField, texts.join(" ")).into_response())
        }
    }
}

/// The stream of events tells the rest.
pub async fn cancel(State(app): State<App>, htmx: Htmx, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    jobs::cancel(&app.db, htmx.viewer, id).await.map_err(|error| htmx.failure(error))?;
    Ok(then(htmx, StatusCode::NO_CONTENT))
}

/// All jobs that are not over.
pub async fn cancel_all(State(app): State<App>, htmx: Htmx) -> Result<Response, Failure> {
    jobs::cancel_all(&app.db, htmx.viewer).await.map_err(|error| htmx.failure(error))?;
    Ok(then(htmx, StatusCode::NO_CONTENT))
}

pub async fn retry(State(app): State<App>, htmx: Htmx, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let job = jobs::retry(&app.db, htmx.viewer, id).await.map_err(|error| htmx.failure(error))?;
    match job {
        Some(_) => Ok(then(htmx, StatusCode::NO_CONTENT)),
        None => {
            Ok(Problem::new(ProblemType::Conflict, "only a failed or cancelled job can be retried").into_response())
        }
    }
}

/// This browser shows the failed job no more; others do.
pub async fn close(State(app): State<App>, htmx: Htmx, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let cookie = format!("{CLOSED}={id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000");
    let mut answer = match htmx.partial {
        true => Htmx { closed: Some(id), ..htmx }.now(&app, &Recipe::default(), StatusCode::OK, None).await?,
        false => Redirect::to("/").into_response(),
    };
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}

/// The latest look at the image in work.
pub async fn preview(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    // Between two images there is nothing to look at, which is no mistake of whoever asks.
    let Some(jpeg) = jobs::preview(&app.db, viewer, id).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    Ok(([(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "no-store")], jpeg).into_response())
}

/// People without JavaScript go back to the page.
pub fn then(htmx: Htmx, code: StatusCode) -> Response {
    if htmx.partial { code.into_response() } else { Redirect::to("/").into_response() }
}
