//! What prompts that leave something open come to, for each image of a job, by the image's seed.

use std::collections::HashMap;

use genonaut_db::write::FieldProblem;
use genonaut_db::{PgPool, checkpoint};
use genonaut_sources::cancel::Cancel;

use crate::app::App;
use crate::blocking;
use crate::problem::{Problem, ProblemType};
use crate::recipe::{LoraUse, Recipe, Resolved};
use crate::tagged;
use crate::wildcards::{self, Refused};

/// The recipe with what it comes to. Its seed must be known.
///
/// # Errors
/// When a wildcard of the prompts cannot be used, named with the prompt that it is in.
pub async fn resolve(app: &App, recipe: Recipe, images: u32) -> Result<Recipe, Problem> {
    let drawn = draw(app, &recipe, images).await?;
    let target = checkpoint::find(&app.db, recipe.checkpoint.id).await?.map(|checkpoint| checkpoint.target());
    let mut resolved: Vec<Resolved> = Vec::new();
    // Most prompts come to the same for each image.
    let mut known: HashMap<String, (String, Vec<LoraUse>)> = HashMap::new();
    for (drawn, negative_prompt) in drawn {
        if !known.contains_key(&drawn) {
            let found = applied(&app.db, &drawn, target.as_ref()).await?;
            known.insert(drawn.clone(), found);
        }
        let (prompt, loras) = known.get(&drawn).cloned().unwrap_or_default();
        resolved.push(Resolved { prompt, negative_prompt, loras });
    }
    let same = |one: &Resolved| one.prompt == recipe.prompt && one.negative_prompt == recipe.negative_prompt;
    let open = !resolved.iter().all(same);
    Ok(Recipe { resolved: if open { resolved } else { Vec::new() }, ..recipe })
}

/// Both prompts of each image. They are drawn apart, so that a change of the one leaves the other as it was.
async fn draw(app: &App, recipe: &Recipe, images: u32) -> Result<Vec<(String, String)>, Problem> {
    let (wildcards, recipe) = (app.wildcards.clone(), recipe.clone());
    let first = recipe.seed.unwrap_or_default();
    let all = move |cancel: &Cancel| {
        for (field, text) in [("prompt", &recipe.prompt), ("negative_prompt", &recipe.negative_prompt)] {
            let mut named = wildcards::names(text).into_iter();
            let wrong = named.find_map(|name| wildcards.problem(&name));
            wrong.map_or(Ok(()), |refused| Err(problem(field, &refused)))?;
        }
        let one = |seed: u64| {
            let text =
                wildcards::draw(&wildcards, &recipe.prompt, seed).map_err(|refused| problem("prompt", &refused))?;
            let negative = wildcards::draw(&wildcards, &recipe.negative_prompt, !seed);
            Ok((text, negative.map_err(|refused| problem("negative_prompt", &refused))?))
        };
        let places = (0..images).take_while(|_| !cancel.is_cancelled());
        places.map(|place| one((first.wrapping_add(place.into()) & i64::MAX).unsigned_abs())).collect()
    };
    let drawn = blocking::run(all).await;
    drawn.map_err(|error| Problem::new(ProblemType::Internal, "see the server log").because(error))?
}

/// What a choice names is applied as if it stood in the recipe. Names that nothing is called by are left out of the
/// image's prompt: no engine reads them.
async fn applied(
    db: &PgPool,
    prompt: &str,
    target: Option<&genonaut_db::architecture::Target>,
) -> Result<(String, Vec<LoraUse>), Problem> {
    let looked = tagged::look(db, prompt, target).await?;
    Ok((tagged::bare(&looked.prompt), looked.found.iter().map(tagged::Found::used).collect()))
}

fn problem(field: &'static str, refused: &Refused) -> Problem {
    let reason = refused.to_string();
    let code = if matches!(refused, Refused::Unknown { .. }) { "not_found" } else { "bad_wildcard" };
    let error = FieldProblem { field: field.to_owned(), code, reason: reason.clone(), hint: None };
    Problem::new(ProblemType::InvalidField, format!("{}: {reason}", field.replace('_', " "))).with(vec![error])
}
