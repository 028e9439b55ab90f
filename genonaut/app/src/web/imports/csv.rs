//! `/models/import/csv`: a table is uploaded, what it would change is shown with a choice whose values win, and then it is
//! imported. The same with and without scripts.

mod receive;
mod view;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use genonaut_db::seed::{self, FileWins};
use uuid::Uuid;

use receive::Refused;
use view::{Choice, PreviewView, ResultView};

use crate::app::App;
use crate::problem::Problem;
use crate::uploads::Upload;
use crate::web::answer::{Failure, Htmx};
use crate::web::look::Look;
use crate::web::models::Kind;
use crate::web::notice::Notice;
use crate::web::query::Body;

/// Bytes of a request with a table, which has its own limit and a sentence about it (16 MiB). What comes in counts toward the
/// budget of all uploads.
const LARGEST: usize = 32 << 20;

pub fn routes() -> Router<App> {
    Router::new().route("/models/import/csv", get(show)).route("/models/import/csv/{id}", get(look_through).post(apply))
}

/// What takes a file.
pub fn uploads() -> Router<App> {
    Router::new().route("/ui/import-csv", post(upload)).layer(DefaultBodyLimit::max(LARGEST))
}

/// What the page is about.
enum Step<'a> {
    /// No file yet, or one that cannot be read at all.
    Choose(Option<&'a Notice>),
    Preview(&'a PreviewView),
    Done(&'a ResultView),
}

#[derive(Template)]
#[template(path = "imports/csv/page.html")]
struct Page<'a> {
    step: Step<'a>,
    look: Look,
}

#[derive(Template)]
#[template(path = "imports/csv/parts.html")]
struct PreviewParts<'a> {
    preview: &'a PreviewView,
}

#[derive(Template)]
#[template(path = "imports/csv/refused_part.html")]
struct RefusedPart<'a> {
    refused: &'a Notice,
}

async fn show(htmx: Htmx, look: Look) -> Result<Response, Failure> {
    htmx.html(&Page { step: Step::Choose(None), look })
}

async fn upload(
    State(app): State<App>,
    htmx: Htmx,
    look: Look,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Failure> {
    let upload = match receive::receive(&app.db, htmx.viewer, form).await {
        Ok(upload) => upload,
        Err(Refused::Failed(problem)) => return Err(htmx.refused(problem)),
        Err(Refused::Field(notice)) => return refuse(htmx, look, &notice),
    };
    let url = address(app.uploads.add(upload));
    Ok(if htmx.partial { [("hx-redirect", url)].into_response() } else { Redirect::to(&url).into_response() })
}

fn refuse(htmx: Htmx, look: Look, notice: &Notice) -> Result<Response, Failure> {
    let html = match htmx.partial {
        true => htmx.html(&RefusedPart { refused: notice })?,
        false => htmx.html(&Page { step: Step::Choose(Some(notice)), look })?,
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}

/// What the file would change; once it is imported, what it has changed.
async fn look_through(
    State(app): State<App>,
    htmx: Htmx,
    look: Look,
    Path(id): Path<Uuid>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let upload = find(&app, htmx, id)?;
    if let Some(imported) = &*upload.imported.lock().await {
        if htmx.partial {
            return Ok([("hx-redirect", address(id))].into_response());
        }
        return htmx.html(&Page { step: Step::Done(&ResultView::new(&upload, imported)), look });
    }
    let choice = Choice::parse(query.unwrap_or_default().as_bytes());
    let import = upload.import(FileWins::In(choice.file_wins.clone()));
    let preview = seed::preview(&app.db, &import, view::ROWS, choice.offset()).await;
    let preview = PreviewView::new(&upload, &choice, preview.map_err(|error| htmx.failure(error))?);
    match htmx.partial {
        true => htmx.html(&PreviewParts { preview: &preview }),
        false => htmx.html(&Page { step: Step::Preview(&preview), look }),
    }
}

/// Imports the file once, however often it is asked for.
async fn apply(
    State(app): State<App>,
    htmx: Htmx,
    Path(id): Path<Uuid>,
    Body(pairs): Body,
) -> Result<Response, Failure> {
    let upload = find(&app, htmx, id)?;
    let mut imported = upload.imported.lock().await;
    if imported.is_none() {
        let import = upload.import(FileWins::In(Choice::from(pairs).file_wins));
        let done = seed::import(&app.db, &import).await.map_err(|error| htmx.failure(error))?;
        // What could not be imported is shown as before, with the reasons.
        *imported = done.outcome.importable.then(|| Arc::new(done));
    }
    Ok(Redirect::to(&address(id)).into_response())
}

fn find(app: &App, htmx: Htmx, id: Uuid) -> Result<Arc<Upload>, Failure> {
    let found = app.uploads.find(id, htmx.viewer);
    found.ok_or_else(|| htmx.refused(Problem::not_found("upload: it is kept for an hour; choose the file again")))
}

fn address(id: Uuid) -> String {
    format!("/models/import/csv/{id}")
}
