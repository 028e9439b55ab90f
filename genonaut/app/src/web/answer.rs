//! How pages are answered: whole or in parts, and what is said when something fails.

use askama::Template;
use axum::Extension;
use axum::extract::FromRequestParts;
use axum::extract::rejection::ExtensionRejection;
use axum::http::{HeaderName, HeaderValue, StatusCode, header, request};
use axum::response::{Html, IntoResponse, Response};

use genonaut_db::accounts::Viewer;
use uuid::Uuid;

use super::look::{self, Look};
use super::notice::Notice;
use super::page::{Parts, Toast, Whole};
use super::query::Recipe;
use super::stage::Live;
use super::viewer::View;
use crate::app::App;
use crate::problem::{Problem, ProblemType};

const REQUEST_TYPE: HeaderName = HeaderName::from_static("hx-request-type");
const RESTORE: HeaderName = HeaderName::from_static("hx-history-restore-request");

/// The cookie that names the failed job that a browser shows no more.
pub const CLOSED: &str = "genonaut_closed";

/// What htmx said about the request.
#[derive(Debug, Clone, Copy)]
pub struct Htmx {
    /// It wants parts; everyone else gets whole pages.
    pub partial: bool,
    /// The person went back or forward: the address is there already.
    pub restoring: bool,
    /// Whose images and jobs the page shows.
    pub viewer: Viewer,
    /// A failed job that this browser shows no more.
    pub closed: Option<Uuid>,
}

/// What a change of the recipe does to the browser's history.
#[derive(Debug, Clone, Copy)]
pub enum History {
    Push,
    Replace,
}

/// Our fault; said without its inside, which is in the log.
#[derive(Debug)]
pub struct Failure {
    partial: bool,
    problem: Problem,
}

impl Htmx {
    pub fn whole(self, page: &Whole) -> Result<Response, Failure> {
        let html = WholePage { page: &page.parts, options: &page.options, live: &page.live, look: page.look };
        let html = html.render().map_err(|error| self.failure(error))?;
        Ok((status(page.parts.status), varied(), Html(html)).into_response())
    }

    pub fn parts(self, page: &Parts, history: History) -> Result<Response, Failure> {
        self.some(page, history, false)
    }

    /// The prompts too, which are left alone otherwise: someone may be typing.
    pub fn parts_with_prompts(self, page: &Parts) -> Result<Response, Failure> {
        self.some(page, History::Push, true)
    }

    /// What is being made and what was made, as it is now.
    pub async fn now(
        self,
        app: &App,
        recipe: &Recipe,
        code: StatusCode,
        toast: Option<Toast>,
    ) -> Result<Response, Failure> {
        let live = Live::load(app, self, recipe).await.map_err(|error| self.failure(error))?;
        let html = LiveParts { live: &live, toast: &toast, view: &None };
        let html = html.render().map_err(|error| self.failure(error))?;
        Ok((code, varied(), Html(html)).into_response())
    }

    /// The same after something was done to an image, and what the viewer shows where it is open.
    pub async fn done(
        self,
        app: &App,
        recipe: &Recipe,
        toast: Option<Toast>,
        view: Option<View>,
    ) -> Result<Response, Failure> {
        let live = Live::load(app, self, recipe).await.map_err(|error| self.failure(error))?;
        let html = LiveParts { live: &live, toast: &toast, view: &view };
        self.html(&html)
    }

    /// One part alone.
    pub fn fragment(self, html: &impl Template) -> Result<Response, Failure> {
        let html = html.render().map_err(|error| self.failure(error))?;
        Ok((varied(), Html(html)).into_response())
    }

    /// Notices in place of an answer.
    pub fn complain(self, code: StatusCode, notices: Vec<Notice>) -> Result<Response, Failure> {
        let html = Notices { notices }.render().map_err(|error| self.failure(error))?;
        Ok((code, varied(), Html(html)).into_response())
    }

    fn some(self, page: &Parts, history: History, prompts: bool) -> Result<Response, Failure> {
        let html = PageParts { page, toast: &page.toast, prompts }.render().map_err(|error| self.failure(error))?;
        let mut answer = (status(page.status), varied(), Html(html)).into_response();
        let name = match history {
            History::Push if !self.restoring => "hx-push-url",
            _ => "hx-replace-url",
        };
        if let Ok(url) = HeaderValue::from_str(&page.recipe.place()) {
            answer.headers_mut().insert(HeaderName::from_static(name), url);
        }
        Ok(answer)
    }

    /// A page or a part of one, whichever the template is.
    pub fn html(self, template: &impl Template) -> Result<Response, Failure> {
        let html = template.render().map_err(|error| self.failure(error))?;
        Ok((varied(), Html(html)).into_response())
    }

    /// What was asked for cannot be done.
    pub fn refused(self, problem: Problem) -> Failure {
        Failure { partial: self.partial, problem }
    }

    /// The request makes no sense, and there is nothing to show instead.
    pub fn refusal(self, reason: String) -> Response {
        Failure { partial: self.partial, problem: Problem::new(ProblemType::BadRequest, reason) }.into_response()
    }

    pub fn failure(self, error: impl Into<anyhow::Error>) -> Failure {
        let problem = match error.into().downcast::<genonaut_db::DbError>() {
            Ok(error) => error.into(),
            Err(error) => Problem::new(ProblemType::Internal, "see the server log").because(format!("{error:#}")),
        };
        Failure { partial: self.partial, problem }
    }
}

/// htmx gets the place of the page that speaks of such things, everyone else what the API's clients get or a page.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if !self.partial {
            return self.problem.into_response();
        }
        let text = match self.problem.kind {
            ProblemType::NotFound => self.problem.sentence(),
            _ => [self.problem.title, &self.problem.detail].join(": "),
        };
        let notice = Notices { notices: vec![text.into()] }.render().unwrap_or_default();
        (self.problem.code(), varied(), Extension(self.problem.cause), Html(notice)).into_response()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Htmx {
    type Rejection = ExtensionRejection;

    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, ExtensionRejection> {
        let Extension(viewer) = Extension::from_request_parts(parts, state).await?;
        let partial = parts.headers.get(REQUEST_TYPE).is_some_and(|kind| kind == "partial");
        let closed = look::cookie(&parts.headers, CLOSED).and_then(|id| id.parse().ok());
        Ok(Self { partial, restoring: parts.headers.contains_key(RESTORE), viewer, closed })
    }
}

#[derive(Template)]
#[template(path = "home.html")]
struct WholePage<'a> {
    page: &'a Parts,
    options: &'a super::checkpoints::Options,
    live: &'a Live,
    look: Look,
}

#[derive(Template)]
#[template(path = "parts.html")]
struct PageParts<'a> {
    page: &'a Parts,
    toast: &'a Option<Toast>,
    prompts: bool,
}

#[derive(Template)]
#[template(path = "live.html")]
struct LiveParts<'a> {
    live: &'a Live,
    toast: &'a Option<Toast>,
    view: &'a Option<View>,
}

#[derive(Template)]
#[template(path = "notice_part.html")]
struct Notices {
    notices: Vec<Notice>,
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::OK)
}

/// One address has two answers: caches must not mix them up.
fn varied() -> [(HeaderName, &'static str); 2] {
    [(header::VARY, "HX-Request-Type, Cookie"), (header::CACHE_CONTROL, "no-cache")]
}
