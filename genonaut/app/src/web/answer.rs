//! How pages are answered: whole or in parts, and what is said when something fails.

use std::convert::Infallible;
use std::fmt::Display;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header, request};
use axum::response::{Html, IntoResponse, Response};

use super::assets;
use super::page::{Parts, Whole};

const REQUEST_TYPE: HeaderName = HeaderName::from_static("hx-request-type");
const RESTORE: HeaderName = HeaderName::from_static("hx-history-restore-request");

/// What htmx said about the request.
#[derive(Debug, Clone, Copy)]
pub struct Htmx {
    /// It wants parts; everyone else gets whole pages.
    pub partial: bool,
    /// The person went back or forward: the address is there already.
    pub restoring: bool,
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
    htmx: Htmx,
}

impl Htmx {
    pub fn whole(self, page: &Whole) -> Result<Response, Failure> {
        let html = WholePage { page: &page.parts, options: &page.options, look: page.look };
        let html = html.render().map_err(|error| self.failure(error))?;
        Ok((status(page.parts.status), varied(), Html(html)).into_response())
    }

    pub fn parts(self, page: &Parts, history: History) -> Result<Response, Failure> {
        let html = PageParts { page }.render().map_err(|error| self.failure(error))?;
        let mut answer = (status(page.status), varied(), Html(html)).into_response();
        let name = match history {
            History::Push if !self.restoring => "hx-push-url",
            _ => "hx-replace-url",
        };
        if let Ok(url) = HeaderValue::from_str(&page.recipe.url()) {
            answer.headers_mut().insert(HeaderName::from_static(name), url);
        }
        Ok(answer)
    }

    /// The request makes no sense, and there is nothing to show instead.
    pub fn refusal(self, reason: &str) -> Response {
        let notice = Notice { notices: vec![reason.to_owned()] };
        self.notice(StatusCode::BAD_REQUEST, &notice)
    }

    pub fn failure(self, error: impl Display) -> Failure {
        tracing::error!(%error, "a page failed");
        Failure { htmx: self }
    }

    fn notice(self, status: StatusCode, notice: &Notice) -> Response {
        let html = match self.partial {
            true => notice.render(),
            false => Failed { notice, look: super::look::Look::default() }.render(),
        };
        (status, varied(), Html(html.unwrap_or_default())).into_response()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let text = "The catalogue does not answer right now. Try again in a moment; the log says why.";
        self.htmx.notice(StatusCode::SERVICE_UNAVAILABLE, &Notice { notices: vec![text.to_owned()] })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Htmx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Infallible> {
        let partial = parts.headers.get(REQUEST_TYPE).is_some_and(|kind| kind == "partial");
        Ok(Self { partial, restoring: parts.headers.contains_key(RESTORE) })
    }
}

#[derive(Template)]
#[template(path = "home.html")]
struct WholePage<'a> {
    page: &'a Parts,
    options: &'a super::checkpoints::Options,
    look: super::look::Look,
}

#[derive(Template)]
#[template(path = "parts.html")]
struct PageParts<'a> {
    page: &'a Parts,
}

#[derive(Template)]
#[template(path = "failed.html")]
struct Failed<'a> {
    notice: &'a Notice,
    look: super::look::Look,
}

impl WholePage<'_> {
    /// Where the theme menu leads when there is no JavaScript.
    fn back(&self) -> String {
        self.page.recipe.url()
    }
}

impl Failed<'_> {
    fn back(&self) -> &'static str {
        "/"
    }
}

#[derive(Template)]
#[template(path = "notice_part.html")]
struct Notice {
    notices: Vec<String>,
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::OK)
}

/// One address has two answers: caches must not mix them up.
fn varied() -> [(HeaderName, &'static str); 2] {
    [(header::VARY, "HX-Request-Type, Cookie"), (header::CACHE_CONTROL, "no-cache")]
}

/// For the templates.
pub fn asset(name: &str) -> &'static str {
    assets::url(name)
}
