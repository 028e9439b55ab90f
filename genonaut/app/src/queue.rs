//! Puts recipes into the queue.

use genonaut_db::jobs::{self, Job};

use crate::app::App;
use crate::recipe::{Recipe, random_seed};

/// A seed of its own is drawn now, so that a job that is taken up again makes the same images.
pub async fn enqueue(app: &App, recipe: Recipe, images: u32) -> anyhow::Result<Job> {
    let recipe = Recipe { seed: Some(recipe.seed.unwrap_or_else(random_seed)), ..recipe };
    let images = i32::try_from(images)?;
    Ok(jobs::add(&app.db, &serde_json::to_value(&recipe)?, images, Some(recipe.checkpoint.id)).await?)
}
