//! The page itself, and the parts of it that a filter changes.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{Html, IntoResponse, Redirect, Response};
use genonaut_db::page::Facet;
use genonaut_db::{DbError, PgPool};

use super::asked::{self, Asked};
use super::cards::Results;
use super::{Kind, grouped, record};
use crate::app::App;
use crate::web::answer::{Failure, History, Htmx};
use crate::web::imports::Imports;
use crate::web::look::Look;
use crate::web::view::fingerprint;

#[derive(Template)]
#[template(path = "models/page.html")]
struct Whole<'a> {
    asked: &'a Asked,
    results: &'a Results,
    /// Only where a page without scripts asks for them: they cost more than the page.
    facets: Option<Choices>,
    /// Asked for when the dialog is opened.
    imports: Imports,
    look: Look,
}

#[derive(Template)]
#[template(path = "models/parts.html")]
struct Changed<'a> {
    asked: &'a Asked,
    results: &'a Results,
}

#[derive(Template)]
#[template(path = "models/again.html")]
struct Again<'a> {
    asked: &'a Asked,
    results: &'a Results,
}

#[derive(Template)]
#[template(path = "models/choices.html")]
struct FacetsPart<'a> {
    asked: &'a Asked,
    facets: Option<Choices>,
}

/// What the list can be narrowed by.
pub struct Choices {
    bases: Vec<Facet>,
    tags: Vec<Facet>,
    /// In the order of the states.
    states: Vec<i64>,
}

/// Tags beside the list; the search finds the others.
const TAGS: usize = 24;

pub async fn show(
    State(app): State<App>,
    htmx: Htmx,
    look: Look,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let asked = Asked::parse(query.as_deref()).map_err(|problem| htmx.refused(problem))?;
    if htmx.partial {
        return changed(&app.db, htmx, &asked, History::Push).await;
    }
    whole(&app.db, htmx, look, &asked, None).await
}

/// What is typed replaces the address without a new entry in the history.
pub async fn search(State(app): State<App>, htmx: Htmx, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Asked::parse(query.as_deref()).map_err(|problem| htmx.refused(problem))?;
    if !htmx.partial {
        return Ok(Redirect::to(&asked.url()).into_response());
    }
    changed(&app.db, htmx, &asked, History::Replace).await
}

/// The list once more, because models have changed; what is said above it stays.
pub async fn again(State(app): State<App>, htmx: Htmx, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Asked::parse(query.as_deref()).map_err(|problem| htmx.refused(problem))?;
    if !htmx.partial {
        return Ok(Redirect::to(&asked.url()).into_response());
    }
    let results = Results::load(&app.db, &asked).await.map_err(|error| htmx.failure(error))?;
    htmx.html(&Again { asked: &asked, results: &results })
}

/// The choices with their counts; without htmx the page that has them.
pub async fn facets(
    State(app): State<App>,
    htmx: Htmx,
    look: Look,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let asked = Asked::parse(query.as_deref()).map_err(|problem| htmx.refused(problem))?;
    let facets = Some(Choices::load(&app.db, &asked).await.map_err(|error| htmx.failure(error))?);
    if !htmx.partial {
        return whole(&app.db, htmx, look, &asked, facets).await;
    }
    htmx.html(&FacetsPart { asked: &asked, facets })
}

/// A number: asked for after the page is there, because counting costs more than a page.
pub async fn count(State(app): State<App>, htmx: Htmx, RawQuery(query): RawQuery) -> Result<Html<String>, Failure> {
    let asked = Asked::parse(query.as_deref()).map_err(|problem| htmx.refused(problem))?;
    Ok(Html(grouped(record::count(&app.db, &asked).await.map_err(|error| htmx.failure(error))?)))
}

async fn whole(
    db: &PgPool,
    htmx: Htmx,
    look: Look,
    asked: &Asked,
    facets: Option<Choices>,
) -> Result<Response, Failure> {
    let results = Results::load(db, asked).await.map_err(|error| htmx.failure(error))?;
    htmx.html(&Whole { asked, results: &results, facets, imports: Imports::default(), look })
}

async fn changed(db: &PgPool, htmx: Htmx, asked: &Asked, history: History) -> Result<Response, Failure> {
    let results = Results::load(db, asked).await.map_err(|error| htmx.failure(error))?;
    let mut answer = htmx.html(&Changed { asked, results: &results })?;
    let name = match history {
        History::Push => "hx-push-url",
        History::Replace => "hx-replace-url",
    };
    if let Ok(url) = HeaderValue::from_str(&asked.url()) {
        answer.headers_mut().insert(HeaderName::from_static(name), url);
    }
    Ok(answer)
}

impl Choices {
    /// A list shows any of the chosen bases, so each base is counted as if none were chosen.
    async fn load(db: &PgPool, asked: &Asked) -> Result<Self, DbError> {
        let found = record::facets(db, asked).await?;
        let bases = match asked.bases.is_empty() {
            true => found.architectures,
            false => record::facets(db, &Asked { bases: Vec::new(), ..asked.clone() }).await?.architectures,
        };
        let mut states = Vec::new();
        for state in asked::State::ALL {
            states.push(record::count(db, &Asked { states: vec![state], ..asked.clone() }).await?);
        }
        Ok(Self { bases, tags: found.tags, states })
    }
}

/// A choice of a filter: a facet, or one that is on without being among the facets.
struct Choice {
    value: String,
    label: String,
    count: Option<String>,
    on: bool,
}

impl Choice {
    /// Names it in the page, whatever letters its value has.
    fn id(&self) -> u32 {
        fingerprint(&self.value)
    }
}

impl FacetsPart<'_> {
    fn bases(&self) -> Vec<Choice> {
        bases(self.asked, self.facets.as_ref())
    }

    fn tags(&self) -> Vec<Choice> {
        tags(self.asked, self.facets.as_ref())
    }

    fn states(&self) -> Vec<Choice> {
        states(self.asked, self.facets.as_ref())
    }
}

impl Whole<'_> {
    fn bases(&self) -> Vec<Choice> {
        bases(self.asked, self.facets.as_ref())
    }

    fn tags(&self) -> Vec<Choice> {
        tags(self.asked, self.facets.as_ref())
    }

    fn states(&self) -> Vec<Choice> {
        states(self.asked, self.facets.as_ref())
    }
}

fn bases(asked: &Asked, facets: Option<&Choices>) -> Vec<Choice> {
    let label = genonaut_db::architecture::label;
    choices(&asked.bases, facets.map(|facets| facets.bases.as_slice()).unwrap_or_default(), |base| {
        label(base).to_owned()
    })
}

fn tags(asked: &Asked, facets: Option<&Choices>) -> Vec<Choice> {
    let found = facets.map(|facets| facets.tags.as_slice()).unwrap_or_default();
    choices(&asked.tags, &found[..found.len().min(TAGS)], str::to_owned)
}

fn states(asked: &Asked, facets: Option<&Choices>) -> Vec<Choice> {
    let counts = facets.map(|facets| facets.states.as_slice()).unwrap_or_default();
    let choice = |(at, state): (usize, asked::State)| Choice {
        value: state.word().to_owned(),
        label: state.label().to_owned(),
        count: counts.get(at).map(|count| grouped(*count)),
        on: asked.is_in(state),
    };
    asked::State::ALL.into_iter().enumerate().map(choice).collect()
}

/// Those that are on but not among the facets come first.
fn choices(on: &[String], facets: &[Facet], label: impl Fn(&str) -> String) -> Vec<Choice> {
    let alone = on.iter().filter(|value| !facets.iter().any(|facet| facet.value == **value));
    let alone = alone.map(|value| Choice { value: value.clone(), label: label(value), count: None, on: true });
    let facets = facets.iter().map(|facet| Choice {
        value: facet.value.clone(),
        label: facet.label.clone(),
        count: Some(grouped(facet.count)),
        on: on.contains(&facet.value),
    });
    alone.chain(facets).collect()
}
