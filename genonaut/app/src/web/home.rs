//! `/`: Image Generation.

use axum::extract::State;
use axum::http::Method;
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::lora;
use uuid::Uuid;

use super::answer::{Failure, History, Htmx};
use super::checkpoints::Options;
use super::draft::Browser;
use super::look::Look;
use super::page::{Parts, Toast, Whole};
use super::query::{Asked, Pairs};
use super::reuse;
use super::stage::Live;
use super::tags;
use super::words;
use crate::app::App;

/// The page of the recipe in the address, else of the browser's draft; only the parts that can change when htmx asks.
pub async fn show(
    State(app): State<App>,
    htmx: Htmx,
    look: Look,
    browser: Browser,
    method: Method,
    Pairs(pairs): Pairs,
) -> Result<Response, Failure> {
    let asked = AskedFor { look, posted: method == Method::POST };
    let gathered = gather(&app, htmx, asked, browser, &pairs).await.map_err(|error| htmx.failure(error))?;
    let answer = match gathered {
        Gathered::Elsewhere(url) => Redirect::to(&url).into_response(),
        // Only taking over another recipe changes what is typed.
        Gathered::Parts(parts) if taken_over(&pairs) || parts.said.as_ref().is_some_and(|said| said.replaced) => {
            htmx.parts_with_prompts(&parts)?
        }
        Gathered::Parts(parts) if only_looked(&pairs, &parts) => htmx.parts(&parts, History::Replace)?,
        Gathered::Parts(parts) => htmx.parts(&parts, History::Push)?,
        Gathered::Whole(whole) => htmx.whole(&whole)?,
    };
    Ok(browser.remember(answer))
}

enum Gathered {
    Elsewhere(String),
    Parts(Box<Parts>),
    Whole(Box<Whole>),
}

/// How the page was asked for.
#[derive(Clone, Copy)]
struct AskedFor {
    look: Look,
    /// By a form, without scripts: what it names gets an address of its own.
    posted: bool,
}

async fn gather(
    app: &App,
    htmx: Htmx,
    AskedFor { look, posted }: AskedFor,
    browser: Browser,
    pairs: &[(String, String)],
) -> anyhow::Result<Gathered> {
    let mut asked = browser.ask(&app.db, pairs).await?;
    let taken = reuse::apply(&app.db, htmx.viewer, &mut asked).await?;
    take_words_along(app, &mut asked, pairs).await?;
    let mut said = tags::look(app, &mut asked, tags::is_finished(pairs, htmx)).await?;
    if (asked.acts || posted) && asked.problems.is_empty() && said.is_in_the_address() && !htmx.partial {
        browser.keep_opened(&app.db, &asked.recipe).await?;
        return Ok(Gathered::Elsewhere(asked.recipe.url()));
    }
    let names_recipe = asked.names_recipe;
    let before = match htmx.partial && pressed_checkpoint(pairs) {
        true => browser.checkpoint(&app.db).await?,
        false => None,
    };
    let mut parts = Parts::load(&app.db, asked).await?;
    if names_recipe {
        browser.keep_opened(&app.db, &parts.recipe).await?;
    }
    if htmx.partial {
        parts.toast = taken.or_else(|| said.toast.take()).or_else(|| toast(&parts, pairs, before?));
        parts.said = Some(said);
        return Ok(Gathered::Parts(Box::new(parts)));
    }
    parts.said = Some(said);
    let options = Options::load(&app.db, &parts.recipe, None).await?;
    let live = Live::load(app, htmx, &parts.recipe).await?;
    Ok(Gathered::Whole(Box::new(Whole { parts, options, live, look })))
}

/// A LoRA that leaves takes its trigger words along; with JavaScript it has done so already.
async fn take_words_along(
    app: &App,
    asked: &mut Asked,
    pairs: &[(String, String)],
) -> Result<(), genonaut_db::DbError> {
    for (_, id) in pairs.iter().filter(|(key, _)| key == "remove") {
        let gone = match id.parse() {
            Ok(id) => lora::find(&app.db, id).await?,
            Err(_) => None,
        };
        let its = gone.iter().flat_map(|lora| lora.trigger_words.iter().cloned().chain(words::suggested(lora)));
        for word in its {
            if words::has(&asked.recipe.prompt, &word) {
                asked.recipe.prompt = words::toggled(&asked.recipe.prompt, &word);
            }
        }
    }
    Ok(())
}

/// The form sends the chosen one, and the option that was pressed the same again.
fn pressed_checkpoint(pairs: &[(String, String)]) -> bool {
    pairs.iter().filter(|(key, _)| key == "checkpoint").count() > 1
}

/// Says what another checkpoint than `before` has changed, with the way back to it.
fn toast(parts: &Parts, pairs: &[(String, String)], before: Uuid) -> Option<Toast> {
    let checkpoint = parts.checkpoint.as_ref().filter(|checkpoint| checkpoint.id != before)?;
    let mut back = Asked::read(pairs).recipe;
    back.checkpoint = Some(before);
    let kept = if parts.sampling.changed { " Your changes are kept." } else { "" };
    let text = format!("Defaults of {} applied.{kept}", checkpoint.label);
    Some(Toast { back: Some(back.url()), ..Toast::says(text) })
}

/// The prompt was looked at, and nothing was taken out of it.
fn only_looked(pairs: &[(String, String)], parts: &Parts) -> bool {
    let looked = pairs.iter().any(|(key, _)| key == "tags");
    looked && parts.said.as_ref().is_none_or(|said| said.taken.is_none())
}

fn taken_over(pairs: &[(String, String)]) -> bool {
    pairs.iter().any(|(key, _)| key == "from" || key == "replace")
}
