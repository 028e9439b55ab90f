//! A LoRA in the picker, looked at without leaving it: its preview, all words, sources, and the images made with it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::images::{self, Image};
use genonaut_db::{checkpoint, lora};
use uuid::Uuid;

use super::editor::Editor;
use super::{Kind, Which};
use crate::app::App;
use crate::problem::Problem;
use crate::web::answer::{Failure, Htmx};
use crate::web::query::{Asked, Pairs, Recipe};
use crate::web::stage::ImageView;
use crate::web::view::LoraView;

/// Images made with it that are shown.
const SHOWN: u16 = 12;

#[derive(Template)]
#[template(path = "picker/detail.html")]
struct Peek<'a> {
    editor: &'a Editor,
    lora: &'a LoraView,
    images: &'a [ImageView],
    added: bool,
}

pub async fn show(
    State(app): State<App>,
    htmx: Htmx,
    Path(id): Path<Uuid>,
    Pairs(pairs): Pairs,
) -> Result<Response, Failure> {
    let which = Which { kind: Kind::Lora, id };
    if !htmx.partial {
        return Ok(Redirect::to(&format!("/models/{}/{id}", which.kind.word())).into_response());
    }
    let recipe = Asked::read(&pairs).recipe;
    let editor = Editor::load(&app.db, which, &[], &[]).await.map_err(|error| htmx.failure(error))?;
    let lora = judged(&app, htmx, &recipe, id).await?;
    let (Some(editor), Some(lora)) = (editor, lora) else { return Err(htmx.refused(Problem::not_found("model"))) };
    let made = made(&app, htmx, &editor, id).await?;
    let images: Vec<_> = made.iter().map(ImageView::from).collect();
    htmx.fragment(&Peek { editor: &editor, lora: &lora, images: &images, added: recipe.has_lora(id) })
}

/// With how it fits the recipe's checkpoint.
async fn judged(app: &App, htmx: Htmx, recipe: &Recipe, id: Uuid) -> Result<Option<LoraView>, Failure> {
    let chosen = match recipe.checkpoint {
        Some(id) => checkpoint::find(&app.db, id).await.map_err(|error| htmx.failure(error))?,
        None => None,
    };
    let target = chosen.map(|chosen| chosen.target());
    let found = lora::find(&app.db, id).await.map_err(|error| htmx.failure(error))?;
    Ok(found.map(|found| LoraView::new(&found, target.as_ref(), &recipe.prompt)))
}

async fn made(app: &App, htmx: Htmx, editor: &Editor, id: Uuid) -> Result<Vec<Image>, Failure> {
    // Nobody has made any: they need not be looked for.
    if editor.card.model.pictures == 0 {
        return Ok(Vec::new());
    }
    images::made_with(&app.db, htmx.viewer, id, SHOWN).await.map_err(|error| htmx.failure(error))
}
