//! Puts recipes into the queue.

mod resolve;

use genonaut_db::accounts::Viewer;
use genonaut_db::jobs::{self, Job};

pub use resolve::resolve;

use crate::app::App;
use crate::problem::{Problem, ProblemType};
use crate::recipe::{Recipe, random_seed};

/// A seed of its own is drawn now, so that a job that is taken up again makes the same images.
///
/// # Errors
/// When a wildcard of the prompts cannot be used; nothing is queued.
pub async fn enqueue(app: &App, viewer: Viewer, recipe: Recipe, images: u32) -> Result<Job, Problem> {
    let recipe = Recipe { seed: Some(recipe.seed.unwrap_or_else(random_seed)), ..recipe };
    let recipe = resolve(app, recipe, images).await?;
    let internal =
        |error: anyhow::Error| Problem::new(ProblemType::Internal, "see the server log").because(format!("{error:#}"));
    let images = i32::try_from(images).map_err(|error| internal(error.into()))?;
    let json = serde_json::to_value(&recipe).map_err(|error| internal(error.into()))?;
    Ok(jobs::add(&app.db, viewer.account(), &json, images, Some(recipe.checkpoint.id)).await?)
}
