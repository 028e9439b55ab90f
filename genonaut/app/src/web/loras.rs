//! The LoRA browser: search, fit with the checkpoint, one page of cards.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use genonaut_db::architecture::Target;
use genonaut_db::lora::{self, Filter, FitFilter};
use genonaut_db::page::{Cursor, Facet, PageRequest};
use genonaut_db::{PgPool, Presence, checkpoint};

use super::answer::{Failure, History, Htmx};
use super::page::Parts;
use super::query::{Asked, FitChoice, Pairs, Place, Recipe};
use super::view::{LoraView, fingerprint};
use crate::app::App;

const CARDS: u16 = 24;

/// One page of the list.
#[derive(Default)]
pub struct Results {
    pub cards: Vec<LoraView>,
    pub prev: Option<Place>,
    pub next: Option<Place>,
    /// Where its count is asked for, when the page is not all of it.
    pub count_url: Option<String>,
    /// Where the filters' choices are asked for.
    pub facets_url: String,
    /// It is asked for when somebody looks.
    pub lazy: bool,
    pub list: u32,
    pub catalogue_is_empty: bool,
}

/// The parts that a search changes; what was typed replaces the address without a new entry in the history.
pub async fn results(State(app): State<App>, htmx: Htmx, Pairs(pairs): Pairs) -> Result<Response, Failure> {
    let mut asked = Asked::read(&pairs);
    if !htmx.partial {
        return Ok(Redirect::to(&asked.recipe.url()).into_response());
    }
    asked.recipe.picking = true;
    let parts = Parts::load(&app.db, asked).await.map_err(|error| htmx.failure(error))?;
    htmx.parts(&parts, History::Replace)
}

/// What the list can be narrowed by, with counts: asked for after the page is there, as each costs a count.
pub async fn facets(State(app): State<App>, htmx: Htmx, Pairs(pairs): Pairs) -> Result<Html<String>, Failure> {
    let recipe = Asked::read(&pairs).recipe;
    let facets = Facets::load(&app.db, &recipe).await.map_err(|error| htmx.failure(error))?;
    Ok(Html(facets.render().map_err(|error| htmx.failure(error))?))
}

/// Choices of the filters.
#[derive(Template)]
#[template(path = "picker/facets.html")]
struct Facets {
    tags: Vec<Choice>,
    bases: Vec<Choice>,
    fits: Vec<(&'static str, String)>,
}

struct Choice {
    value: String,
    label: String,
    count: String,
    chosen: bool,
}

/// Choices of one filter that are offered; those chosen are always among them.
const CHOICES: usize = 12;

impl Facets {
    async fn load(db: &PgPool, recipe: &Recipe) -> anyhow::Result<Self> {
        let target = target(db, recipe).await?;
        let found = lora::facets(db, &filter(recipe, target.clone())).await?;
        let mut fits = Vec::new();
        for fit in FitChoice::ALL.into_iter().filter(|_| target.is_some()) {
            let picker = super::query::Picker { fit, ..recipe.picker.clone() };
            let count = lora::count(db, &filter(&Recipe { picker, ..recipe.clone() }, target.clone())).await?;
            fits.push((fit.word(), grouped(count)));
        }
        Ok(Self {
            tags: choices(found.tags, &recipe.picker.tags),
            bases: choices(found.architectures, &recipe.picker.bases),
            fits,
        })
    }
}

impl Choice {
    /// Part of an element's id: a box keeps its tick however the list changes around it.
    fn id(&self) -> u32 {
        fingerprint(&self.value)
    }
}

fn choices(found: Vec<Facet>, chosen: &[String]) -> Vec<Choice> {
    let gone = chosen.iter().filter(|value| !found.iter().any(|facet| facet.value == **value));
    let gone: Vec<_> = gone.map(|value| Facet { value: value.clone(), label: value.clone(), count: 0 }).collect();
    let choices = gone.into_iter().chain(found).map(|facet| Choice {
        chosen: chosen.contains(&facet.value),
        count: grouped(facet.count),
        value: facet.value,
        label: facet.label,
    });
    let mut listed: Vec<Choice> = Vec::new();
    for choice in choices {
        if choice.chosen || listed.len() < CHOICES {
            listed.push(choice);
        }
    }
    listed
}

/// How many LoRAs the whole list has: asked for after the page is there, because counting costs more than a page.
pub async fn count(State(app): State<App>, htmx: Htmx, Pairs(pairs): Pairs) -> Result<Html<String>, Failure> {
    let recipe = Asked::read(&pairs).recipe;
    let count = counted(&app.db, &recipe).await.map_err(|error| htmx.failure(error))?;
    Ok(Html(Count { count: grouped(count) }.render().map_err(|error| htmx.failure(error))?))
}

async fn counted(db: &PgPool, recipe: &Recipe) -> anyhow::Result<i64> {
    Ok(lora::count(db, &filter(recipe, target(db, recipe).await?)).await?)
}

async fn target(db: &PgPool, recipe: &Recipe) -> anyhow::Result<Option<Target>> {
    let checkpoint = match recipe.checkpoint {
        Some(id) => checkpoint::find(db, id).await?,
        None => None,
    };
    Ok(checkpoint.map(|checkpoint| checkpoint.target()))
}

impl Results {
    /// Nothing but whether there are any while nobody looks at them.
    pub async fn load(db: &PgPool, recipe: &mut Recipe, target: Option<Target>) -> anyhow::Result<Self> {
        if !(recipe.picking || recipe.picker.open) {
            return Ok(Self { lazy: true, catalogue_is_empty: is_empty(db).await?, ..Self::default() });
        }
        let list = recipe.picker.list(recipe.checkpoint);
        let here = |place: &Place| place.list == list && place.cursor.sort() == recipe.picker.sort;
        recipe.picker.cursor = recipe.picker.cursor.take().filter(here);
        let cursor = recipe.picker.cursor.as_ref().map(|place| place.cursor.clone());
        let request = PageRequest { limit: CARDS, cursor, sort: recipe.picker.sort, total: false };
        let page = lora::list(db, &filter(recipe, target.clone()), &request).await?;
        let card = |lora| LoraView::new(lora, target.as_ref(), &recipe.prompt);
        let mut cards: Vec<_> = page.items.iter().map(card).collect();
        for card in &mut cards {
            card.added = recipe.has_lora(card.id);
        }
        let place = |cursor: Option<Cursor>| cursor.map(|cursor| Place { list, cursor });
        let part = page.prev.is_some() || page.next.is_some();
        Ok(Self {
            catalogue_is_empty: cards.is_empty() && is_empty(db).await?,
            count_url: part.then(|| lazy("/ui/loras/count", recipe)),
            lazy: false,
            facets_url: lazy("/ui/loras/facets", recipe),
            prev: place(page.prev),
            next: place(page.next),
            cards,
            list,
        })
    }
}

async fn is_empty(db: &PgPool) -> anyhow::Result<bool> {
    let one = PageRequest { limit: 1, ..PageRequest::default() };
    Ok(lora::list(db, &Filter::default(), &one).await?.items.is_empty())
}

fn filter(recipe: &Recipe, target: Option<Target>) -> Filter {
    let picker = &recipe.picker;
    let grades = picker.fit.grades();
    Filter {
        q: (!picker.q.is_empty()).then(|| picker.q.clone()),
        architecture: picker.bases.clone(),
        tags_all: picker.tags.clone(),
        min_rating: picker.min_rating,
        presence: Presence::Here,
        fit: target.filter(|_| !grades.is_empty()).map(|checkpoint| FitFilter { checkpoint, grades }),
        ..Filter::default()
    }
}

/// The filters and the checkpoint they judge by, without the rest of the recipe.
fn lazy(path: &str, recipe: &Recipe) -> String {
    let picker = super::query::Picker { cursor: None, open: false, ..recipe.picker.clone() };
    let asked = Recipe { checkpoint: recipe.checkpoint, picker, ..Recipe::default() };
    format!("{path}{}", &asked.url()[1..])
}

#[derive(Template)]
#[template(path = "picker/count.html")]
struct Count {
    count: String,
}

/// `1204` as `1,204`.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let commas = |(at, digit): (usize, char)| {
        let comma = at > 0 && (digits.len() - at).is_multiple_of(3);
        comma.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(commas).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1204, "1,204"), (1_000_000, "1,000,000")] {
            assert_eq!(super::grouped(number), text);
        }
    }
}
