//! Import a folder: the dialog of the Models page, and `/models/import`, which is the same without scripts.

mod csv;
mod folders;
mod hashing;
mod roots;
mod view;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use genonaut_db::{DbError, PgPool, library, scans};
use uuid::Uuid;

pub use csv::uploads;
pub use hashing::HashingView;
pub use view::ScanView;

use super::answer::{Failure, Htmx};
use super::look::Look;
use super::query::{Body, Pairs};
use crate::app::App;
use crate::problem::{self, Problem, ProblemType};
use crate::scan;
use folders::Folders;
pub use roots::RootView;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/models/import", get(show))
        .route("/ui/imports", get(now).post(start))
        .route("/ui/imports/{id}/cancel", post(cancel))
        .route("/ui/roots/{id}/remove", post(remove))
        .route("/ui/hashing", post(hash))
        .route("/ui/folders", get(folders::show))
        .merge(csv::routes())
}

/// The latest scan, the folders that are known, and what there is to say.
#[derive(Default)]
pub struct Imports {
    pub scan: Option<ScanView>,
    pub roots: Vec<RootView>,
    /// Files that are still to be read whole; nothing where there are none.
    pub hashing: Option<HashingView>,
    /// Folders to choose from; asked for when somebody looks.
    pub folders: Option<Folders>,
    /// What is wrong with what was asked for.
    pub problem: Option<String>,
    /// What was typed, when it was wrong.
    pub path: String,
}

#[derive(Template)]
#[template(path = "imports/page.html")]
struct Page<'a> {
    imports: &'a Imports,
    look: Look,
}

#[derive(Template)]
#[template(path = "imports/parts.html")]
struct Parts<'a> {
    imports: &'a Imports,
}

const PLACE: &str = "/models/import";

/// With `at` the folders below that one are listed.
pub async fn show(State(app): State<App>, htmx: Htmx, look: Look, Pairs(pairs): Pairs) -> Result<Response, Failure> {
    let mut imports = Imports::load(&app.db).await.map_err(|error| htmx.failure(error))?;
    let folders = Folders::load(&app.db, htmx.viewer, folders::at(&pairs)).await;
    imports.folders = Some(folders.map_err(|error| htmx.failure(error))?);
    htmx.html(&Page { imports: &imports, look })
}

/// How it stands.
pub async fn now(State(app): State<App>, htmx: Htmx) -> Result<Response, Failure> {
    answer(&app, htmx, StatusCode::OK).await
}

/// `path` names a folder; `all` means every known one.
pub async fn start(State(app): State<App>, htmx: Htmx, look: Look, Body(pairs): Body) -> Result<Response, Failure> {
    let value = |name: &str| pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.trim());
    let path = value("path").unwrap_or_default();
    let begun = match (value("all"), path) {
        (Some(_), _) => scan::start(&app, Vec::new()).await,
        (None, "") => Err(Problem::new(ProblemType::InvalidField, "enter the full path, such as /home/me/models")),
        (None, path) => scan::start(&app, vec![folders::entered(path)]).await,
    };
    match begun {
        Ok(_) => answer(&app, htmx, StatusCode::ACCEPTED).await,
        Err(problem) if problem.code() == StatusCode::UNPROCESSABLE_ENTITY => {
            refuse(&app, htmx, look, path, problem.detail).await
        }
        Err(problem) => Err(htmx.refused(problem)),
    }
}

/// The stream of events tells the rest.
pub async fn cancel(State(app): State<App>, htmx: Htmx, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    scans::cancel(&app.db, id).await.map_err(|error| htmx.failure(error))?;
    Ok(if htmx.partial { StatusCode::NO_CONTENT.into_response() } else { Redirect::to(PLACE).into_response() })
}

/// Scans a folder no more; its models stay.
pub async fn remove(State(app): State<App>, htmx: Htmx, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    scan::forget(&app.db, id).await.map_err(|error| htmx.failure(error))?;
    answer(&app, htmx, StatusCode::OK).await
}

/// Files are read whole later, with `later`, or now.
pub async fn hash(State(app): State<App>, htmx: Htmx, Body(pairs): Body) -> Result<Response, Failure> {
    let later = pairs.iter().any(|(name, _)| name == "later");
    library::read_later(&app.db, later).await.map_err(|error| htmx.failure(error))?;
    answer(&app, htmx, StatusCode::OK).await
}

async fn answer(app: &App, htmx: Htmx, code: StatusCode) -> Result<Response, Failure> {
    if !htmx.partial {
        return Ok(Redirect::to(PLACE).into_response());
    }
    let imports = Imports::load(&app.db).await.map_err(|error| htmx.failure(error))?;
    Ok((code, htmx.html(&Parts { imports: &imports })?).into_response())
}

/// At the field, with what was typed still in it.
async fn refuse(app: &App, htmx: Htmx, look: Look, path: &str, reason: String) -> Result<Response, Failure> {
    let mut imports = Imports::load(&app.db).await.map_err(|error| htmx.failure(error))?;
    path.clone_into(&mut imports.path);
    let reason = reason.split(" (os error").next().unwrap_or_default();
    imports.problem = Some(problem::sentence(reason));
    let html = match htmx.partial {
        true => htmx.html(&Parts { imports: &imports })?,
        false => htmx.html(&Page { imports: &imports, look })?,
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}

impl Imports {
    async fn load(db: &PgPool) -> Result<Self, DbError> {
        let scan = scans::latest(db, 1).await?.pop().map(ScanView::from);
        let roots = library::roots(db).await?.into_iter().map(RootView::from).collect();
        let hashing = Some(library::hashing(db).await?.into()).filter(HashingView::is_open);
        Ok(Self { scan, roots, hashing, ..Self::default() })
    }

    /// Whether to look again soon.
    pub fn is_running(&self) -> bool {
        self.scan.as_ref().is_some_and(|scan| scan.running)
    }
}
