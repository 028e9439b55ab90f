//! What an engine must know of the recipe's models: where their files are now, and what they are.

use genonaut_db::{PgPool, architecture, checkpoint, library};
use genonaut_engines::{ModelKind, Request};
use uuid::Uuid;

use crate::recipe::Recipe;

/// Fills in the request of one image. A model without a known file is asked for by the path that the recipe has.
pub(super) async fn locate(db: &PgPool, recipe: &Recipe, request: &mut Request) -> anyhow::Result<()> {
    place(db, recipe.checkpoint.id, &mut request.checkpoint).await?;
    for (used, lora) in recipe.loras.iter().zip(&mut request.loras) {
        place(db, used.model.id, &mut lora.path).await?;
    }
    if let Some(checkpoint) = checkpoint::find(db, recipe.checkpoint.id).await? {
        request.architecture = checkpoint.base.as_deref().map(|base| architecture::architecture_of(base).to_owned());
        if checkpoint.metadata.get::<String>(&["kind"]).as_deref() == Some("diffusion_model") {
            request.kind = ModelKind::DiffusionModel;
        }
    }
    Ok(())
}

async fn place(db: &PgPool, model: Uuid, path: &mut String) -> Result<(), genonaut_db::DbError> {
    let there = library::locations(db, model).await?.into_iter().find(|location| !location.missing);
    if let Some(location) = there {
        *path = format!("{}/{}", location.root, location.path);
    }
    Ok(())
}
