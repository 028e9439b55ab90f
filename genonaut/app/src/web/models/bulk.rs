//! The same change to every selected model, or to all that the filters leave; and its undo.

use askama::Template;
use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::write::{Applied, Bulk, FieldProblem, Refusal, Replacement, WriteError};
use genonaut_sources::setting_limits::{RECOMMENDED_WEIGHT, SettingLimit};
use uuid::Uuid;

use super::asked::Asked;
use super::cards::Results;
use super::editor::name;
use super::record::Chosen;
use super::{Kind, fields, grouped, pairs, rating, record};
use crate::app::App;
use crate::problem::{Problem, ProblemType};
use crate::web::answer::{Failure, Htmx};
use crate::web::look::is_address;
use crate::web::notice::Notice;

/// What comes of a bulk change, and the list as it is now.
#[derive(Template, Default)]
#[template(path = "models/bulk_said.html")]
struct Said {
    said: String,
    problems: Vec<Notice>,
    undo: Option<Undo>,
    /// Which models keep their names, and why.
    refused: Vec<String>,
    list: Option<(Asked, Results)>,
}

/// A change that can be undone.
pub struct Undo {
    pub kind: Kind,
    pub change: Uuid,
    pub said: String,
    /// The page that it leads back to without scripts.
    pub back: String,
}

/// What the form asks for.
struct Sent {
    chosen: Chosen,
    change: Bulk,
    back: String,
}

/// All of the change or nothing. Answers how many models are different now.
pub async fn apply(State(app): State<App>, htmx: Htmx, RawForm(body): RawForm) -> Result<Response, Failure> {
    let written = match Sent::read(&pairs(&body)) {
        Ok(sent) => record::bulk(&app.db, &sent.chosen, &sent.change, htmx.viewer).await.map(|applied| (sent, applied)),
        Err(problems) => Err(WriteError::Invalid(problems)),
    };
    match written {
        Ok((sent, applied)) if htmx.partial => applied_to(&app, htmx, sent, &applied).await,
        Ok((sent, applied)) => {
            let answer = format!("{}&undo={}", numbers(&applied.changed, &applied.refused), applied.change);
            Ok(Redirect::to(&with(&sent.back, &answer)).into_response())
        }
        Err(WriteError::Invalid(problems)) => refused(htmx, &problems),
        Err(error) => Err(htmx.refused(error.into())),
    }
}

/// Gives all of them back what the change has taken.
pub async fn undo(State(app): State<App>, htmx: Htmx, RawForm(body): RawForm) -> Result<Response, Failure> {
    let given = pairs(&body);
    let value = |name: &str| given.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let kind = value("type").and_then(Kind::of);
    let (Some(kind), Some(change)) = (kind, value("change").and_then(|change| change.parse().ok())) else {
        return Err(htmx.refused(Problem::new(ProblemType::BadRequest, "type and change name what is undone")));
    };
    let undone = record::undo(&app.db, kind, change, htmx.viewer).await.map_err(|error| htmx.refused(error.into()))?;
    let Some(undone) = undone else {
        let reason = "this change can no longer be undone: an hour is over, or there was another one";
        return Err(htmx.refused(Problem::new(ProblemType::Conflict, reason)));
    };
    let back = back(value("back"));
    if !htmx.partial {
        return Ok(Redirect::to(&with(&back, &numbers(&undone.restored, &undone.refused))).into_response());
    }
    let said = format!("{} of {} restored", count(undone.restored.len()), count(undone.reached));
    let list = Some(list(&app, htmx, &back, None).await?);
    htmx.html(&Said { said, refused: sentences(&undone.refused), list, ..Said::default() })
}

async fn applied_to(app: &App, htmx: Htmx, sent: Sent, applied: &Applied) -> Result<Response, Failure> {
    let said = format!("{} of {} updated", count(applied.changed.len()), count(applied.reached));
    let undo = Undo { kind: sent.chosen.kind(), change: applied.change, said: said.clone(), back: sent.back.clone() };
    let list = list(app, htmx, &sent.back, Some(&sent.chosen)).await?;
    let refused = sentences(&applied.refused);
    htmx.html(&Said { said, undo: Some(undo), refused, list: Some(list), ..Said::default() })
}

/// Nobody reads more of them; the others are counted.
const LISTED: usize = 100;

fn sentences(refused: &[Refusal]) -> Vec<String> {
    let listed = refused.iter().take(LISTED).map(|refusal| format!("{}: {}", refusal.name, refusal.reason));
    let others = refused.len().saturating_sub(LISTED);
    listed.chain((others > 0).then(|| format!("and {} more", count(others)))).collect()
}

/// What came of a change, in the address that it leads to.
fn numbers(changed: &[Uuid], refused: &[Refusal]) -> String {
    let refused = Some(refused.len()).filter(|count| *count > 0).map(|count| format!("&refused={count}"));
    format!("changed={}{}", changed.len(), refused.unwrap_or_default())
}

/// The list that the form was beside, with what is selected in it.
async fn list(app: &App, htmx: Htmx, back: &str, chosen: Option<&Chosen>) -> Result<(Asked, Results), Failure> {
    let query = back.split_once('?').map(|(_, query)| query);
    let asked = Asked::parse(query).map_err(|problem| htmx.refused(problem))?;
    let mut results = Results::load(&app.db, &asked).await.map_err(|error| htmx.failure(error))?;
    if let Some(Chosen::These(_, ids)) = chosen {
        results.cards.iter_mut().for_each(|card| card.checked = ids.contains(&card.model.id));
    }
    Ok((asked, results))
}

fn refused(htmx: Htmx, problems: &[FieldProblem]) -> Result<Response, Failure> {
    let problem = |problem: &FieldProblem| match problem.field.as_str() {
        "id" | "change" => Notice::from(sentence(&problem.reason)),
        "name" => Notice::at("name_find", format!("Names: {}", problem.reason)),
        // Lists are refused as the whole list that comes of adding to them.
        "tags" => Notice::at("add_tags", format!("Tags: {}", problem.reason)),
        "trigger_words" => Notice::at("add_words", format!("Trigger words: {}", problem.reason)),
        "architecture" | "compatible_architectures" => Notice::at("base", format!("Base model: {}", problem.reason)),
        "metadata.recommended_weight" => Notice::at("weight", format!("Weight: {}", problem.reason)),
        field => Notice::at(field, format!("{}: {}", name(field), problem.reason)),
    };
    let problems: Vec<_> = problems.iter().map(problem).collect();
    if !htmx.partial {
        let texts: Vec<_> = problems.into_iter().map(|problem| problem.text).collect();
        return Err(htmx.refused(Problem::new(ProblemType::InvalidField, texts.join("; "))));
    }
    let html = htmx.html(&Said { problems, ..Said::default() })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}

fn sentence(text: &str) -> String {
    format!("{}.", name(text))
}

fn count(number: usize) -> String {
    grouped(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Only ever back into the page.
fn back(given: Option<&str>) -> String {
    given.filter(|back| back.starts_with("/models") && is_address(back)).unwrap_or("/models").to_owned()
}

fn with(address: &str, parameters: &str) -> String {
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}{parameters}")
}

impl Sent {
    fn read(given: &[(String, String)]) -> Result<Self, Vec<FieldProblem>> {
        let all =
            |name: &'static str| given.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str());
        let text = |name: &'static str| all(name).map(str::trim).find(|text| !text.is_empty());
        let words = |name: &'static str| all(name).flat_map(fields::split).collect::<Vec<_>>();
        let number = |name: &'static str, limit: SettingLimit| {
            let number = text(name).map(|text| limit.number(text).map_err(|refused| problem(name, &refused.reason)));
            number.transpose().map_err(|problem| vec![problem])
        };
        Ok(Self {
            chosen: chosen(text("all"), text("type"), all("id"))?,
            change: Bulk {
                add_tags: words("add_tags"),
                remove_tags: words("remove_tags"),
                rating: number("rating", rating::STARS)?.map(rating::of_stars),
                base: text("base").map(str::to_owned),
                family: text("family").map(str::to_owned),
                add_words: words("add_words"),
                remove_words: words("remove_words"),
                weight: number("weight", RECOMMENDED_WEIGHT)?,
                name: replacement(all("name_find").next(), all("name_replace").next()),
            },
            back: back(all("back").next()),
        })
    }
}

/// Blanks are a part of both texts.
fn replacement(find: Option<&str>, replace: Option<&str>) -> Option<Replacement> {
    let (find, replace) = (find.unwrap_or_default().to_owned(), replace.unwrap_or_default().to_owned());
    (!find.is_empty() || !replace.is_empty()).then_some(Replacement { find, replace })
}

/// `all` is the query of a list: whatever it leaves when the change is made.
fn chosen<'a>(
    all: Option<&str>,
    kind: Option<&str>,
    ids: impl Iterator<Item = &'a str>,
) -> Result<Chosen, Vec<FieldProblem>> {
    if let Some(query) = all {
        let asked = Asked::parse(Some(query)).map_err(|wrong| vec![problem("all", &wrong.detail)])?;
        return Ok(Chosen::All(Box::new(asked)));
    }
    let kind = kind.and_then(Kind::of).ok_or_else(|| vec![problem("type", "must be checkpoint or lora")])?;
    let ids: Result<Vec<Uuid>, _> = ids.map(str::parse).collect();
    Ok(Chosen::These(kind, ids.map_err(|_| vec![problem("id", "a selected model has an invalid ID")])?))
}

fn problem(field: &str, reason: &str) -> FieldProblem {
    FieldProblem { field: field.to_owned(), code: "wrong_type", reason: reason.to_owned(), hint: None }
}
