//! What the `type` of a problem means: a page for people, the problem itself for programs.

use askama::Template;
use axum::Json;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};

use super::document::Named;
use crate::problem::{Problem, ProblemType};
use crate::serve::is_person;
use crate::web::Look;

#[derive(Template)]
#[template(path = "problems.html")]
struct Page {
    rows: Vec<Named>,
    look: Look,
}

pub async fn list(look: Look) -> Result<Html<String>, Problem> {
    page(ProblemType::ALL, look)
}

pub async fn show(Path(slug): Path<String>, look: Look, headers: HeaderMap) -> Result<Response, Problem> {
    let known = *ProblemType::ALL
        .iter()
        .find(|known| known.slug() == slug)
        .ok_or_else(|| Problem::not_found("problem type"))?;
    match is_person(&headers) {
        true => Ok(page(&[known], look)?.into_response()),
        false => Ok(Json(Problem::new(known, "")).into_response()),
    }
}

fn page(types: &[ProblemType], look: Look) -> Result<Html<String>, Problem> {
    let row = |known: &ProblemType| Named {
        name: format!("/problems/{}", known.slug()),
        kind: known.status().to_string(),
        description: known.title().to_owned(),
    };
    let page = Page { rows: types.iter().map(row).collect(), look };
    page.render().map(Html).map_err(|error| Problem::new(ProblemType::Internal, "see the server log").because(error))
}
