//! The same change to every checked model.

use askama::Template;
use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::write::{Bulk, FieldProblem, WriteError};
use genonaut_sources::setting_limits::RATING;
use uuid::Uuid;

use super::cards::Card;
use super::editor::name;
use super::{Kind, Which, fields, pairs, record};
use crate::app::App;
use crate::problem::{Problem, ProblemType};
use crate::web::answer::{Failure, Htmx};
use crate::web::look::is_address;
use crate::web::notice::Notice;

#[derive(Template)]
#[template(path = "models/bulk_said.html")]
struct Said {
    said: String,
    problems: Vec<Notice>,
    cards: Vec<Card>,
}

/// What the form asks for.
struct Asked {
    kind: Kind,
    ids: Vec<Uuid>,
    change: Bulk,
    back: String,
}

/// All of the change or nothing. Answers how many models are different now.
pub async fn apply(State(app): State<App>, htmx: Htmx, RawForm(body): RawForm) -> Result<Response, Failure> {
    let written = match Asked::read(&pairs(&body)) {
        Ok(asked) => record::bulk(&app.db, asked.kind, &asked.ids, &asked.change).await.map(|ids| (asked, ids)),
        Err(problems) => Err(WriteError::Invalid(problems)),
    };
    match written {
        Ok((asked, changed)) if htmx.partial => said(&app, htmx, &asked, &changed).await,
        Ok((asked, changed)) => {
            let mark = if asked.back.contains('?') { '&' } else { '?' };
            Ok(Redirect::to(&format!("{}{mark}changed={}", asked.back, changed.len())).into_response())
        }
        Err(WriteError::Invalid(problems)) => refused(htmx, &problems),
        Err(error) => Err(htmx.refused(error.into())),
    }
}

async fn said(app: &App, htmx: Htmx, asked: &Asked, changed: &[Uuid]) -> Result<Response, Failure> {
    let mut cards = Vec::new();
    for &id in changed {
        let which = Which { kind: asked.kind, id };
        let found = record::find(&app.db, which).await.map_err(|error| htmx.failure(error))?;
        cards.extend(found.map(|model| Card { checked: true, ..Card::new(model) }));
    }
    let said = format!("{} of {} updated", changed.len(), asked.ids.len());
    htmx.html(&Said { said, problems: Vec::new(), cards })
}

fn refused(htmx: Htmx, problems: &[FieldProblem]) -> Result<Response, Failure> {
    let problem = |problem: &FieldProblem| match problem.field.as_str() {
        "id" | "change" => Notice::from(sentence(&problem.reason)),
        // Tags are refused as the whole list that comes of adding them.
        "tags" => Notice::at("add_tags", format!("Tags: {}", problem.reason)),
        field => Notice::at(field, format!("{}: {}", name(field), problem.reason)),
    };
    let problems: Vec<_> = problems.iter().map(problem).collect();
    if !htmx.partial {
        let texts: Vec<_> = problems.into_iter().map(|problem| problem.text).collect();
        return Err(htmx.refused(Problem::new(ProblemType::InvalidField, texts.join("; "))));
    }
    let html = htmx.html(&Said { said: String::new(), problems, cards: Vec::new() })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}

fn sentence(text: &str) -> String {
    format!("{}.", name(text))
}

impl Asked {
    fn read(given: &[(String, String)]) -> Result<Self, Vec<FieldProblem>> {
        let all = |name: &'static str| given.iter().filter(move |(given, _)| given == name).map(|(_, value)| value);
        let ids: Result<Vec<Uuid>, _> = all("id").map(|id| id.parse()).collect();
        let kind = all("type").next().and_then(|word| Kind::of(word));
        let rating = all("rating").map(|text| text.trim()).find(|text| !text.is_empty());
        let rating = rating.map(|text| RATING.number(text).map_err(|refused| problem("rating", &refused.reason)));
        // Only ever back into the page.
        let back = all("back").next().filter(|back| back.starts_with("/models") && is_address(back));
        Ok(Self {
            kind: kind.ok_or_else(|| vec![problem("type", "must be checkpoint or lora")])?,
            ids: ids.map_err(|_| vec![problem("id", "a selected model has an invalid ID")])?,
            change: Bulk {
                add_tags: all("add_tags").flat_map(|text| fields::split(text)).collect(),
                remove_tags: all("remove_tags").flat_map(|text| fields::split(text)).collect(),
                rating: rating.transpose().map_err(|problem| vec![problem])?,
            },
            back: back.cloned().unwrap_or_else(|| "/models".to_owned()),
        })
    }
}

fn problem(field: &str, reason: &str) -> FieldProblem {
    FieldProblem { field: field.to_owned(), code: "wrong_type", reason: reason.to_owned(), hint: None }
}
