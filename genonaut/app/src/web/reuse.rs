//! Takes over the recipe of an image, or a part of it.

use genonaut_db::accounts::Viewer;
use genonaut_db::{PgPool, images};

use super::page::Toast;
use super::query::{Asked, Recipe, Row};
use crate::recipe;
use crate::settings::Settings;

/// Does what `from` and `use` ask for. The toast leads back.
pub async fn apply(db: &PgPool, viewer: Viewer, asked: &mut Asked) -> Result<Option<Toast>, genonaut_db::DbError> {
    let Some((id, part)) = asked.from.take() else { return Ok(None) };
    let Some(image) = images::find(db, viewer, id).await? else {
        asked.problems.push("This image no longer exists.".into());
        return Ok(None);
    };
    let Ok(made) = serde_json::from_value::<recipe::Recipe>(image.recipe) else {
        asked.problems.push("The recipe of this image cannot be read.".into());
        return Ok(None);
    };
    let back = asked.recipe.url();
    let text = take(&mut asked.recipe, &made, image.seed, &part);
    Ok(Some(Toast { text: text.to_owned(), back: Some(back), restore: None }))
}

fn take(recipe: &mut Recipe, made: &recipe::Recipe, seed: i64, part: &str) -> &'static str {
    match part {
        "prompt" => {
            prompts(recipe, made);
            "Prompts loaded."
        }
        "seed" => {
            recipe.seed = Some(seed);
            "Seed set."
        }
        "size" => {
            recipe.settings.width = Some(made.settings.width);
            recipe.settings.height = Some(made.settings.height);
            "Size set."
        }
        "remix" => {
            whole(recipe, made);
            recipe.seed = None;
            "All parameters except the seed loaded."
        }
        _ => {
            whole(recipe, made);
            recipe.seed = Some(seed);
            "All parameters loaded."
        }
    }
}

fn prompts(recipe: &mut Recipe, made: &recipe::Recipe) {
    recipe.prompt.clone_from(&made.prompt);
    recipe.negative_prompt.clone_from(&made.negative_prompt);
}

fn whole(recipe: &mut Recipe, made: &recipe::Recipe) {
    prompts(recipe, made);
    recipe.checkpoint = Some(made.checkpoint.id);
    recipe.settings = Settings::from(&made.settings);
    recipe.vae.clone_from(&made.vae);
    recipe.separate_clip = made.loras.iter().any(|lora| lora.clip_weight.is_some());
    let row = |lora: &recipe::LoraUse| Row {
        weight: Some(lora.weight),
        clip_weight: lora.clip_weight,
        ..Row::new(lora.model.id)
    };
    recipe.loras = made.loras.iter().map(row).collect();
}
