//! What people and programs see of failures that no handler words itself.

use std::any::Any;

use askama::Template;
use axum::Extension;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use crate::problem::{Problem, ProblemType};
use crate::web::Look;

/// What a refusal says in its headers, however its body is worded.
const KEPT: [HeaderName; 4] =
    [header::WWW_AUTHENTICATE, header::ALLOW, header::RETRY_AFTER, HeaderName::from_static("hx-redirect")];

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    problem: &'a Problem,
    look: Look,
}

/// Gives people a page where a program gets problem+json, and gives a problem to refusals that have none.
pub async fn readable(request: Request, next: Next) -> Response {
    let person = is_person(request.headers()) && !request.uri().path().starts_with("/api/");
    let look = Look::of(request.headers());
    let can_reload = person && request.method() == Method::GET;
    let response = next.run(request).await;
    let problem = match (response.extensions().get::<Problem>(), response.status()) {
        (Some(problem), _) => problem.clone(),
        (None, StatusCode::PAYLOAD_TOO_LARGE) => Problem::new(ProblemType::TooLarge, "the limit is 1 MiB"),
        (None, StatusCode::REQUEST_TIMEOUT) => Problem::new(ProblemType::Timeout, "try again"),
        _ => return response,
    };
    let mut answer = match person.then(|| ProblemPage { problem: &problem, look }.render()) {
        Some(Ok(page)) => (problem.code(), Extension(problem.cause.clone()), Html(page)).into_response(),
        _ => problem.clone().into_response(),
    };
    for name in KEPT {
        if let Some(value) = response.headers().get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    // Whoever has opened a page while the database is away sees it as soon as it is back.
    if let (true, Some(seconds)) =
        (can_reload && problem.kind == ProblemType::Unavailable, response.headers().get(header::RETRY_AFTER))
    {
        answer.headers_mut().insert(header::REFRESH, seconds.clone());
    }
    answer
}

/// Browsers ask for pages; programs take what they get.
pub fn is_person(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepts.contains("text/html")
}

pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text =
        panic.downcast_ref::<&str>().map(|text| (*text).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    let cause = format!("a handler panicked: {}", text.unwrap_or_default());
    Problem::new(ProblemType::Internal, "see the server log").because(cause).into_response()
}
