//! `/models/{kind}/{id}`: one model, shown and edited.

use askama::Template;
use axum::extract::{Path, RawForm, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::write::{FieldProblem, WriteError};
use uuid::Uuid;

use super::editor::{Editor, Saved};
use super::{Kind, Which, fields, pairs, record};
use crate::app::App;
use crate::problem::Problem;
use crate::web::answer::{Failure, Htmx};
use crate::web::look::Look;

#[derive(Template)]
#[template(path = "models/detail_page.html")]
struct Page<'a> {
    editor: &'a Editor,
    look: Look,
}

#[derive(Template)]
#[template(path = "models/detail.html")]
struct Panel<'a> {
    editor: &'a Editor,
}

#[derive(Template)]
#[template(path = "models/read_only.html")]
struct ReadOnly<'a> {
    editor: &'a Editor,
}

pub async fn show(
    State(app): State<App>,
    htmx: Htmx,
    look: Look,
    which: Which,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let mut editor = load(&app, htmx, which, &[], &[]).await?;
    editor.panel = htmx.partial;
    editor.saved = query.as_deref() == Some("saved");
    match htmx.partial {
        true => htmx.html(&Panel { editor: &editor }),
        false => htmx.html(&Page { editor: &editor, look }),
    }
}

/// What is only shown of a model, for a page that has been open while stars came or folders were scanned.
pub async fn read_only(State(app): State<App>, htmx: Htmx, which: Which) -> Result<Response, Failure> {
    let editor = load(&app, htmx, which, &[], &[]).await?;
    match htmx.partial {
        true => htmx.html(&ReadOnly { editor: &editor }),
        false => Ok(Redirect::to(&editor.card.url()).into_response()),
    }
}

/// One field, as soon as it is changed. `?field=` names its column; `&panel` that its card is on the page too.
pub async fn save(
    State(app): State<App>,
    htmx: Htmx,
    which: Which,
    RawQuery(query): RawQuery,
    RawForm(body): RawForm,
) -> Result<Response, Failure> {
    let asked = pairs(query.unwrap_or_default().as_bytes());
    let column = asked.iter().find(|(name, _)| name == "field").map(|(_, field)| field.as_str());
    let Some(column) = column else {
        return Err(htmx.refused(Problem::parameter("field", "is missing")));
    };
    let form = Sent { which, given: pairs(&body), only: Some(column), seen: None };
    let problems = refusals(form.write(&app).await, htmx)?;
    let mut editor = load(&app, htmx, which, &[], &problems).await?;
    editor.panel = asked.iter().any(|(name, _)| name == "panel");
    // A base model can clear the family. What is typed into other fields meanwhile stays.
    let anew = problems.is_empty() && ["architecture", "compatible_architectures"].contains(&column);
    let anew = anew.then_some("outerMorph");
    parts(htmx, &editor, vec![column.to_owned()], anew, problems.is_empty())
}

/// The whole form: without scripts the only way, with them what Enter and "back to the source's value" do.
pub async fn submit(
    State(app): State<App>,
    htmx: Htmx,
    look: Look,
    which: Which,
    RawForm(body): RawForm,
) -> Result<Response, Failure> {
    let given = pairs(&body);
    let value = |name: &str| given.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let back = value("back");
    // With scripts the form is as old as the page, but every field was saved when it was changed.
    let seen = value("revision").and_then(|revision| revision.parse().ok()).filter(|_| !htmx.partial);
    let written = match back {
        Some(field) => record::give_back(&app.db, which, field).await.map(drop),
        None => Sent { which, given: given.clone(), only: None, seen }.write(&app).await,
    };
    let problems = refusals(written, htmx)?;
    let typed: &[_] = if problems.is_empty() || back.is_some() { &[] } else { &given };
    if problems.is_empty() && !htmx.partial {
        let place = format!("/models/{}/{}?saved", which.kind.word(), which.id);
        return Ok(Redirect::to(&place).into_response());
    }
    let mut editor = load(&app, htmx, which, typed, &problems).await?;
    editor.panel = given.iter().any(|(name, _)| name == "panel");
    if htmx.partial {
        let columns = match back {
            Some(field) => vec![field.to_owned()],
            None => fields::lists(which.kind).iter().map(|&list| list.to_owned()).collect(),
        };
        let anew = (problems.is_empty() && back.is_some()).then_some("outerHTML");
        return parts(htmx, &editor, columns, anew, problems.is_empty());
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, htmx.html(&Page { editor: &editor, look })?).into_response())
}

/// Into the trash; the file stays.
pub async fn delete(
    State(app): State<App>,
    htmx: Htmx,
    Path((kind, id)): Path<(String, Uuid)>,
) -> Result<Response, Failure> {
    let kind = Kind::of(&kind).ok_or_else(|| htmx.refused(Problem::not_found("model")))?;
    record::delete(&app.db, Which { kind, id }).await.map_err(|error| htmx.refused(error.into()))?;
    Ok(Redirect::to(&format!("/models?type={}&trashed=1", kind.word())).into_response())
}

/// A form on its way into the catalogue.
struct Sent<'a> {
    which: Which,
    given: Vec<(String, String)>,
    only: Option<&'a str>,
    /// The revision that the form was made from.
    seen: Option<i64>,
}

impl Sent<'_> {
    async fn write(&self, app: &App) -> Result<(), WriteError> {
        let model = record::find(&app.db, self.which).await?.ok_or(WriteError::NotFound)?;
        let fields = fields::changes(&model, &self.given, self.only).map_err(WriteError::Invalid)?;
        if fields.is_empty() {
            return Ok(());
        }
        record::patch(&app.db, self.which, &fields, self.seen).await.map(drop)
    }
}

/// What the person can mend; everything else is a failure.
fn refusals(written: Result<(), WriteError>, htmx: Htmx) -> Result<Vec<FieldProblem>, Failure> {
    match written {
        Ok(()) => Ok(Vec::new()),
        Err(WriteError::Invalid(problems)) => Ok(problems),
        Err(error) => Err(htmx.refused(error.into())),
    }
}

async fn load(
    app: &App,
    htmx: Htmx,
    which: Which,
    typed: &[(String, String)],
    problems: &[FieldProblem],
) -> Result<Editor, Failure> {
    let editor = Editor::load(&app.db, which, typed, problems).await.map_err(|error| htmx.failure(error))?;
    editor.ok_or_else(|| htmx.refused(Problem::not_found("model")))
}

fn parts(
    htmx: Htmx,
    editor: &Editor,
    columns: Vec<String>,
    anew: Option<&'static str>,
    fine: bool,
) -> Result<Response, Failure> {
    let html = htmx.html(&Saved { editor, columns, anew, fine })?;
    let status = if fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, html).into_response())
}
