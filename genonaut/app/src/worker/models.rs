//! What an engine must know of the recipe's models: where their files are now, what they are, and what belongs to them.

use genonaut_db::checkpoint::Checkpoint;
use genonaut_db::{DbError, PgPool, architecture, checkpoint, library};
use genonaut_engines::comfyui::Inventory;
use genonaut_engines::{Engine, Failure, Request};
use uuid::Uuid;

use crate::parts::{self, Asked};
use crate::recipe::Recipe;

/// Fills in the request of one image. A model without a known file is asked for by the path that the recipe has; of
/// several files of a model one that the engine has is taken, whatever it is called there.
///
/// # Errors
/// The inner one when the engine cannot make it of what there is; nothing was asked of the engine then.
pub(super) async fn locate(
    db: &PgPool,
    recipe: &Recipe,
    request: &mut Request,
    engine: &Engine,
    held: Option<&Inventory>,
) -> anyhow::Result<Result<(), Failure>> {
    let checkpoint = checkpoint::find_or_trashed(db, recipe.checkpoint.id).await?;
    if let Some(checkpoint) = &checkpoint {
        request.architecture = checkpoint.base.as_deref().map(|base| architecture::architecture_of(base).to_owned());
        request.kind = parts::kind(checkpoint);
    }
    let kind = request.kind;
    let offered = |path: &str| held.is_none_or(|held| held.has_main(kind, path));
    place(db, recipe.checkpoint.id, &mut request.checkpoint, offered).await?;
    for (used, lora) in recipe.loras.iter().zip(&mut request.loras) {
        let offered = |path: &str| held.is_none_or(|held| held.has_lora(path));
        place(db, used.model.id, &mut lora.path, offered).await?;
    }
    match checkpoint {
        Some(checkpoint) if engine.uses_models() => companions(db, &checkpoint, recipe, request, engine, held).await,
        _ => Ok(Ok(())),
    }
}

/// The files beside the checkpoint.
async fn companions(
    db: &PgPool,
    checkpoint: &Checkpoint,
    recipe: &Recipe,
    request: &mut Request,
    engine: &Engine,
    held: Option<&Inventory>,
) -> anyhow::Result<Result<(), Failure>> {
    if let Err(failure) = engine.check(request) {
        return Ok(Err(failure));
    }
    let path = request.checkpoint.clone();
    let asked = Asked { checkpoint, path: &path, vae: recipe.vae.as_deref() };
    let offered = |role, path: &str| held.is_some_and(|held| held.has_component(role, path));
    let needs = parts::needs(db, asked, offered).await?;
    if let Some(failure) = parts::missing(asked, &needs) {
        return Ok(Err(failure));
    }
    request.components = parts::components(&needs);
    Ok(Ok(()))
}

async fn place(db: &PgPool, model: Uuid, path: &mut String, offered: impl Fn(&str) -> bool) -> Result<(), DbError> {
    let there = library::locations(db, model).await?.into_iter().filter(|location| !location.missing);
    let paths: Vec<String> = there.map(|location| format!("{}/{}", location.root, location.path)).collect();
    if let Some(found) = paths.iter().find(|path| offered(path)).or(paths.first()) {
        path.clone_from(found);
    }
    Ok(())
}
