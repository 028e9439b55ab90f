//! `/models/{kind}/{id}/preview`: a model's preview, from any image of the history or from a file.

use std::io::Write;

use anyhow::Context;
use askama::Template;
use axum::extract::multipart::{Field, Multipart, MultipartRejection};
use axum::extract::{Path, RawForm, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::images::{self, Shown, Window};
use genonaut_db::{library, trash};
use genonaut_sources::meaning::preview::LARGEST;
use tempfile::NamedTempFile;
use uuid::Uuid;

use super::cards::Card;
use super::{Kind, Which, pairs, record};
use crate::app::App;
use crate::previews;
use crate::problem::{Problem, ProblemType};
use crate::web::answer::{Failure, Htmx};
use crate::web::look::Look;

/// Images of one page.
const LISTED: u16 = 48;
const UNREADABLE: &str = "This file is not an image that can be read. Choose a PNG, JPEG or WebP file.";

#[derive(Template)]
#[template(path = "models/preview.html")]
struct Page {
    card: Card,
    images: Vec<Choice>,
    older: Option<String>,
    /// It was chosen here, and can be given back.
    is_own: bool,
    problem: Option<&'static str>,
    look: Look,
}

struct Choice {
    id: Uuid,
    number: i64,
}

type Named = Path<(String, Uuid)>;

/// `?before=` is the number of the last image of the page before.
pub async fn show(
    State(app): State<App>,
    htmx: Htmx,
    look: Look,
    path: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let given = pairs(query.unwrap_or_default().as_bytes());
    let before = given.iter().find(|(name, _)| name == "before").and_then(|(_, number)| number.parse().ok());
    page(&app, htmx, look, which(htmx, path)?, before, None).await
}

/// `image` is one of the history; `reset` gives the preview beside the file back.
pub async fn choose(
    State(app): State<App>,
    htmx: Htmx,
    path: Named,
    RawForm(body): RawForm,
) -> Result<Response, Failure> {
    let (which, given) = (which(htmx, path)?, pairs(&body));
    let value = |name: &str| given.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    if value("reset").is_some() {
        return set(&app, htmx, which, None).await;
    }
    let Some(id) = value("image").and_then(|id| id.parse().ok()) else {
        return Err(htmx.refused(Problem::new(ProblemType::BadRequest, "image names the image")));
    };
    let image = images::find(&app.db, htmx.viewer, id).await.map_err(|error| htmx.failure(error))?;
    let image = image.ok_or_else(|| htmx.refused(Problem::not_found("image")))?;
    let bytes = app.pictures.read(&image.file).await.map_err(|error| htmx.failure(error))?;
    let name = previews::keep(&app, bytes.to_vec()).await.map_err(|error| htmx.failure(error))?;
    set(&app, htmx, which, Some(name)).await
}

pub async fn upload(
    State(app): State<App>,
    htmx: Htmx,
    look: Look,
    path: Named,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Failure> {
    let which = which(htmx, path)?;
    let cut = |reason: String| htmx.refused(Problem::new(ProblemType::BadRequest, reason));
    let mut form = form.map_err(|error| cut(error.body_text()))?;
    while let Some(field) = form.next_field().await.map_err(|error| cut(error.body_text()))? {
        if field.name() == Some("file") {
            return match kept(&app, field).await {
                Ok(name) => set(&app, htmx, which, Some(name)).await,
                Err(error) => {
                    tracing::debug!("failed to read an uploaded preview: {error:#}");
                    page(&app, htmx, look, which, None, Some(UNREADABLE)).await
                }
            };
        }
    }
    page(&app, htmx, look, which, None, Some("Choose a file.")).await
}

/// Through a file, since many at once would fill the memory.
async fn kept(app: &App, mut field: Field<'_>) -> anyhow::Result<String> {
    let mut file = NamedTempFile::with_prefix("genonaut-")?;
    let mut size = 0;
    while let Some(bytes) = field.chunk().await? {
        size += bytes.len() as u64;
        anyhow::ensure!(size <= LARGEST, "it is larger than {LARGEST} bytes");
        file.write_all(&bytes).context("it could not be written")?;
    }
    previews::keep_file(app, file.into_temp_path()).await
}

async fn set(app: &App, htmx: Htmx, which: Which, name: Option<String>) -> Result<Response, Failure> {
    let kind = match which.kind {
        Kind::Checkpoint => trash::Kind::Checkpoint,
        Kind::Lora => trash::Kind::Lora,
    };
    let chosen = library::choose_preview(&app.db, kind, which.id, name.as_deref()).await;
    match chosen.map_err(|error| htmx.failure(error))? {
        true => Ok(Redirect::to(&format!("/models/{}/{}?saved", which.kind.word(), which.id)).into_response()),
        false => Err(htmx.refused(Problem::not_found("model"))),
    }
}

fn which(htmx: Htmx, Path((kind, id)): Named) -> Result<Which, Failure> {
    let kind = Kind::of(&kind).ok_or_else(|| htmx.refused(Problem::not_found("model")))?;
    Ok(Which { kind, id })
}

async fn page(
    app: &App,
    htmx: Htmx,
    look: Look,
    which: Which,
    before: Option<i64>,
    problem: Option<&'static str>,
) -> Result<Response, Failure> {
    let model = record::find(&app.db, which).await.map_err(|error| htmx.failure(error))?;
    let model = model.ok_or_else(|| htmx.refused(Problem::not_found("model")))?;
    let window = Window { before, since: None, limit: LISTED };
    let listed = images::list(&app.db, htmx.viewer, Shown::All, window).await;
    let (found, more) = listed.map_err(|error| htmx.failure(error))?;
    let is_own = model.preview.as_deref().is_some_and(library::is_own_preview);
    let card = Card::new(model);
    let older = found.last().filter(|_| more).map(|last| format!("{}/preview?before={}", card.url(), last.number));
    let images = found.iter().map(|image| Choice { id: image.id, number: image.number }).collect();
    let html = htmx.html(&Page { card, images, older, is_own, problem, look })?;
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, html).into_response())
}
