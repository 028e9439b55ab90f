//! Puts a plan into the queue.

use genonaut_db::accounts::Viewer;
use genonaut_db::grids::{self, NewCell, NewGrid};
use serde_json::Value;
use uuid::Uuid;

use super::plan::Plan;
use crate::app::App;
use crate::problem::{Problem, ProblemType};
use crate::queue::resolve;
use crate::recipe::{Recipe, Resolved};

/// All of it or nothing; returns the id of the grid, which belongs to the viewer.
///
/// # Errors
/// When a wildcard of the prompts cannot be used.
pub async fn start(app: &App, viewer: Viewer, plan: Plan) -> Result<Uuid, Problem> {
    let mut drawn = Drawn::default();
    let mut jobs = Vec::new();
    for recipe in plan.jobs {
        let recipe = drawn.resolve(app, recipe).await?;
        jobs.push((json(&recipe)?, recipe.checkpoint.id));
    }
    let cell = |cell: Result<usize, String>| cell.map_or_else(NewCell::Empty, NewCell::Job);
    let cells = plan.cells.into_iter().map(cell).collect();
    let new = NewGrid { owner: viewer.account(), axes: json(&plan.axes)?, recipe: json(&plan.recipe)?, jobs, cells };
    Ok(grids::add(&app.db, &new).await?)
}

fn json(value: &impl serde::Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value)
        .map_err(|error| Problem::new(ProblemType::Internal, "see the server log").because(error))
}

/// What prompts came to. Cells mostly have the same, and looking it up for each would take longest.
#[derive(Default)]
struct Drawn(Vec<(Recipe, Vec<Resolved>)>);

impl Drawn {
    async fn resolve(&mut self, app: &App, recipe: Recipe) -> Result<Recipe, Problem> {
        let same = |known: &Recipe| {
            known.prompt == recipe.prompt
                && known.negative_prompt == recipe.negative_prompt
                && known.seed == recipe.seed
                && known.checkpoint.id == recipe.checkpoint.id
        };
        if let Some((_, resolved)) = self.0.iter().find(|(known, _)| same(known)) {
            return Ok(Recipe { resolved: resolved.clone(), ..recipe });
        }
        let recipe = resolve(app, recipe, 1).await?;
        self.0.push((recipe.clone(), recipe.resolved.clone()));
        Ok(recipe)
    }
}
