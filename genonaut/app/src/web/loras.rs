//! The LoRA browser: search, fit with the checkpoint, one page of cards.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use genonaut_db::architecture::Target;
use genonaut_db::lora::{self, Filter, FitFilter};
use genonaut_db::page::{Cursor, PageRequest};
use genonaut_db::{PgPool, checkpoint};

use super::answer::{Failure, History, Htmx};
use super::page::Parts;
use super::query::{Asked, Pairs, Place, Recipe};
use super::view::LoraView;
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
    pub list: u32,
    pub catalogue_is_empty: bool,
}

/// The parts that a search changes; what was typed replaces the address without a new entry in the history.
pub async fn results(State(app): State<App>, htmx: Htmx, Pairs(pairs): Pairs) -> Result<Response, Failure> {
    let asked = Asked::read(&pairs);
    if !htmx.partial {
        return Ok(Redirect::to(&asked.recipe.url()).into_response());
    }
    let parts = Parts::load(&app.db, asked).await.map_err(|error| htmx.failure(error))?;
    htmx.parts(&parts, History::Replace)
}

/// How many LoRAs the whole list has: asked for after the page is there, because counting costs more than a page.
pub async fn count(State(app): State<App>, htmx: Htmx, Pairs(pairs): Pairs) -> Result<Html<String>, Failure> {
    let recipe = Asked::read(&pairs).recipe;
    let count = counted(&app.db, &recipe).await.map_err(|error| htmx.failure(error))?;
    Ok(Html(Count { count: grouped(count) }.render().map_err(|error| htmx.failure(error))?))
}

async fn counted(db: &PgPool, recipe: &Recipe) -> anyhow::Result<i64> {
    let checkpoint = match recipe.checkpoint {
        Some(id) => checkpoint::find(db, id).await?,
        None => None,
    };
    Ok(lora::count(db, &filter(recipe, checkpoint.map(|checkpoint| checkpoint.target()))).await?)
}

impl Results {
    pub async fn load(db: &PgPool, recipe: &mut Recipe, target: Option<Target>) -> anyhow::Result<Self> {
        let list = recipe.list(recipe.checkpoint);
        recipe.cursor = recipe.cursor.take().filter(|place| place.list == list);
        let cursor = recipe.cursor.as_ref().map(|place| place.cursor.clone());
        let request = PageRequest { limit: CARDS, cursor, ..PageRequest::default() };
        let page = lora::list(db, &filter(recipe, target.clone()), &request).await?;
        let card = |lora| LoraView::new(lora, target.as_ref(), &recipe.prompt);
        let mut cards: Vec<_> = page.items.iter().map(card).collect();
        for card in &mut cards {
            card.added = recipe.loras.contains(&card.id);
        }
        let place = |cursor: Option<Cursor>| cursor.map(|cursor| Place { list, cursor });
        let part = page.prev.is_some() || page.next.is_some();
        Ok(Self {
            catalogue_is_empty: cards.is_empty() && is_empty(db).await?,
            count_url: part.then(|| count_url(recipe)),
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
    let grades = recipe.fit.grades();
    let fit = target.filter(|_| !grades.is_empty()).map(|checkpoint| FitFilter { checkpoint, grades });
    Filter { q: (!recipe.q.is_empty()).then(|| recipe.q.clone()), fit, ..Filter::default() }
}

fn count_url(recipe: &Recipe) -> String {
    let asked = Recipe { checkpoint: recipe.checkpoint, q: recipe.q.clone(), fit: recipe.fit, ..Recipe::default() };
    format!("/ui/loras/count{}", &asked.url()[1..])
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
