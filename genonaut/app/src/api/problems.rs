//! What the `type` of a problem means: a page for people, the problem itself for programs.

use askama::Template;
use axum::Json;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};

use super::document::Named;
use crate::problem::{KINDS, Problem};
use crate::serve::is_person;
use crate::web::Look;

#[derive(Template)]
#[template(path = "problems.html")]
struct Page {
    rows: Vec<Named>,
    look: Look,
}

pub async fn list(look: Look) -> Result<Html<String>, Problem> {
    page(&KINDS, look)
}

pub async fn show(Path(slug): Path<String>, look: Look, headers: HeaderMap) -> Result<Response, Problem> {
    let known = KINDS.iter().find(|kind| kind.0 == slug).ok_or_else(|| Problem::not_found("problem type"))?;
    match is_person(&headers) {
        true => Ok(page(std::slice::from_ref(known), look)?.into_response()),
        false => Ok(Json(Problem::new(known.0, "")).into_response()),
    }
}

fn page(kinds: &[(&str, u16, &str)], look: Look) -> Result<Html<String>, Problem> {
    let row = |&(slug, status, title): &(&str, u16, &str)| Named {
        name: format!("/problems/{slug}"),
        kind: status.to_string(),
        description: title.to_owned(),
    };
    let page = Page { rows: kinds.iter().map(row).collect(), look };
    page.render().map(Html).map_err(|error| Problem::new("internal", "it is in the log").because(error))
}
