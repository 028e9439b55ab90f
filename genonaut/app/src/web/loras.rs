//! The LoRA browser: search, fit with the checkpoint, one page of cards.

mod ranked;

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use genonaut_db::architecture::Target;
use genonaut_db::examples::Standing;
use genonaut_db::lora::{self, Filter, FitFilter};
use genonaut_db::page::{Cursor, Facet, PageRequest, Sort};
use genonaut_db::{PgPool, Presence, checkpoint, examples};

use ranked::{Lists, Ranked};

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
    let tag = pairs.iter().find(|(key, _)| key == "tag_q").map(|(_, part)| part.trim()).unwrap_or_default();
    let facets = Facets::load(&app.db, &recipe, tag).await.map_err(|error| htmx.failure(error))?;
    Ok(Html(facets.render().map_err(|error| htmx.failure(error))?))
}

/// Choices of the filters.
#[derive(Template)]
#[template(path = "picker/facets.html")]
struct Facets {
    tags: Vec<Choice>,
    /// No tag has what is searched for.
    no_tags: bool,
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
/// The same of tags that are searched for.
const FOUND: usize = 60;
/// Characters of a tag that are searched for.
const LONGEST_TAG: usize = 200;

impl Facets {
    /// `tag` is a part of the tags that are wanted; empty for the most common ones.
    async fn load(db: &PgPool, recipe: &Recipe, tag: &str) -> anyhow::Result<Self> {
        let target = target(db, recipe).await?;
        let tag: String = tag.chars().filter(|letter| *letter != '\0').take(LONGEST_TAG).collect();
        let without_examples = examples::standing(db).await?.hidden;
        let filter = |recipe: &Recipe| Filter { without_examples, ..filter(recipe, target.clone()) };
        let found = lora::facets(db, &filter(recipe)).await?;
        let mut fits = Vec::new();
        for fit in FitChoice::ALL.into_iter().filter(|_| target.is_some()) {
            let picker = super::query::Picker { fit, ..recipe.picker.clone() };
            let count = lora::count(db, &filter(&Recipe { picker, ..recipe.clone() })).await?;
            fits.push((fit.word(), grouped(count)));
        }
        let (tags, most) = match tag.is_empty() {
            true => (found.tags, CHOICES),
            false => (lora::tags(db, &filter(recipe), &tag).await?, FOUND),
        };
        Ok(Self {
            no_tags: tags.is_empty() && !tag.is_empty(),
            tags: choices(tags, &recipe.picker.tags, most),
            bases: choices(found.architectures, &recipe.picker.bases, CHOICES),
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

fn choices(found: Vec<Facet>, chosen: &[String], most: usize) -> Vec<Choice> {
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
        if choice.chosen || listed.len() < most {
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
    let without_examples = examples::standing(db).await?.hidden;
    Ok(lora::count(db, &Filter { without_examples, ..filter(recipe, target(db, recipe).await?) }).await?)
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
        let examples = examples::standing(db).await?;
        if let Some(target) = target.as_ref().filter(|_| recipe.picker.fit == FitChoice::Unset) {
            recipe.picker.fit = opening(db, recipe, target, examples).await?;
        }
        let list = recipe.picker.list(recipe.checkpoint);
        let here = |place: &Place| place.list == list && place.cursor.sort() == recipe.picker.sort;
        recipe.picker.cursor = recipe.picker.cursor.take().filter(here);
        let page = listed(db, recipe, target.as_ref(), examples).await?;
        let card = |lora| LoraView::new(lora, target.as_ref(), &recipe.prompt);
        let mut cards: Vec<_> = page.items.iter().map(card).collect();
        for card in &mut cards {
            card.added = recipe.has_lora(card.id);
        }
        let place = |start: Option<(usize, Cursor)>| start.map(|(grade, cursor)| Place { list, grade, cursor });
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

/// One page of what is asked for. What fits is ordered by how well it does, before its rating.
async fn listed(db: &PgPool, recipe: &Recipe, target: Option<&Target>, examples: Standing) -> anyhow::Result<Ranked> {
    let picker = &recipe.picker;
    let start = picker.cursor.as_ref().map_or((0, None), |place| (place.grade, Some(place.cursor.clone())));
    let filter = |target| Filter { without_examples: examples.hidden, ..filter(recipe, target) };
    let request = PageRequest {
        limit: CARDS,
        cursor: start.1,
        sort: picker.sort,
        total: false,
        examples_last: examples.step_back,
    };
    if let (Some(target), FitChoice::Compatible, Sort::Rating) = (target, picker.fit, picker.sort) {
        let lists = Lists { db, filter: filter(None), target: target.clone(), request };
        return Ok(lists.page(start.0).await?);
    }
    let page = lora::list(db, &filter(target.cloned()), &request).await?;
    let plain = |cursor: Option<Cursor>| cursor.map(|cursor| (0, cursor));
    Ok(Ranked { items: page.items.into(), prev: plain(page.prev), next: plain(page.next) })
}

/// What is shown until somebody chooses: what fits, if anything that is asked for does.
async fn opening(db: &PgPool, recipe: &Recipe, target: &Target, examples: Standing) -> anyhow::Result<FitChoice> {
    let picker = super::query::Picker { fit: FitChoice::Compatible, ..recipe.picker.clone() };
    let fitting = filter(&Recipe { picker, ..recipe.clone() }, Some(target.clone()));
    let fitting = Filter { without_examples: examples.hidden, ..fitting };
    let one = PageRequest { limit: 1, ..PageRequest::default() };
    let found = lora::list(db, &fitting, &one).await?;
    Ok(if found.items.is_empty() { FitChoice::Unset } else { FitChoice::Compatible })
}

/// Whether no search would find any.
async fn is_empty(db: &PgPool) -> anyhow::Result<bool> {
    let one = PageRequest { limit: 1, ..PageRequest::default() };
    let all = Filter { without_examples: examples::standing(db).await?.hidden, ..Filter::default() };
    Ok(lora::list(db, &all, &one).await?.items.is_empty())
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
