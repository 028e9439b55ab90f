//! The list of checkpoints to choose from.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use genonaut_db::checkpoint::{self, Filter};
use genonaut_db::page::{Cursor, PageRequest};
use genonaut_db::{PgPool, Presence, examples};
use uuid::Uuid;

use super::answer::{Failure, Htmx};
use super::query::{Asked, Pairs, Recipe};
use super::view::CheckpointView;
use crate::app::App;

/// As many as are in sight when the list opens; they are in every page.
const FIRST: u16 = 12;
const OPTIONS: u16 = 30;

/// Some of the checkpoints, in the order that is asked for.
#[derive(Template)]
#[template(path = "checkpoints/options.html")]
pub struct Options {
    pub list: Vec<CheckpointView>,
    pub chosen: Option<Uuid>,
    /// Where those behind are asked for.
    pub more: Option<String>,
    /// Not the beginning: these go behind others.
    pub behind: bool,
}

/// `?q=` (or `checkpoint_q`, as the field in the recipe's form is called), `?checkpoint_sort=` and `?cursor=`.
pub async fn options(State(app): State<App>, htmx: Htmx, Pairs(pairs): Pairs) -> Result<Response, Failure> {
    let (cursors, mut pairs): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(key, _)| key == "cursor");
    for (key, _) in pairs.iter_mut().filter(|(key, _)| key == "q") {
        "checkpoint_q".clone_into(key);
    }
    let asked = Asked::read(&pairs);
    if !htmx.partial {
        return Ok(Redirect::to(&asked.recipe.url()).into_response());
    }
    let cursor = cursors.last().map(|(_, cursor)| cursor.parse::<Cursor>());
    let cursor = match cursor.transpose() {
        Ok(cursor) => cursor.filter(|cursor| cursor.sort() == asked.recipe.checkpoint_sort),
        Err(error) => return Ok(htmx.refusal(error.to_string())),
    };
    if let Some(problem) = asked.problems.first() {
        return Ok(htmx.refusal(problem.text.clone()));
    }
    let options = Options::load(&app.db, &asked.recipe, cursor).await.map_err(|error| htmx.failure(error))?;
    Ok(Html(options.render().map_err(|error| htmx.failure(error))?).into_response())
}

impl Options {
    pub async fn load(db: &PgPool, recipe: &Recipe, cursor: Option<Cursor>) -> anyhow::Result<Self> {
        let q = (!recipe.checkpoint_q.is_empty()).then(|| recipe.checkpoint_q.clone());
        let behind = cursor.is_some();
        let limit = if behind { OPTIONS } else { FIRST };
        let examples = examples::standing(db).await?;
        let order =
            PageRequest { sort: recipe.checkpoint_sort, examples_last: examples.step_back, ..PageRequest::default() };
        let request = PageRequest { limit, cursor, ..order };
        let presence = Presence::Here;
        let filter = Filter { q, presence, without_examples: examples.hidden, ..Filter::default() };
        let page = checkpoint::list(db, &filter, &request).await?;
        Ok(Self {
            list: page.items.iter().map(CheckpointView::from).collect(),
            chosen: recipe.checkpoint,
            more: page.next.map(|cursor| more(recipe, &cursor)),
            behind,
        })
    }
}

fn more(recipe: &Recipe, cursor: &Cursor) -> String {
    let mut pairs = form_urlencoded::Serializer::new("/ui/checkpoints?".to_owned());
    pairs.append_pair("q", &recipe.checkpoint_q).append_pair("cursor", &cursor.to_string());
    pairs.append_pair("checkpoint_sort", &recipe.checkpoint_sort.to_string());
    pairs.extend_pairs(recipe.checkpoint.map(|id| ("checkpoint", id.to_string())));
    pairs.finish()
}
