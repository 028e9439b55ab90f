//! Why a job waits, where that is more than its turn: no engine can take it as things are.

use std::collections::HashMap;
use std::iter;

use genonaut_db::engines::{self, Engine, Holders};
use genonaut_db::jobs::{Job, State};
use genonaut_db::{DbError, PgPool};
use serde_json::Value;
use uuid::Uuid;

/// For jobs that wait for more than their turn what they wait for, in words; also for those that their engine has paused.
pub async fn reasons(db: &PgPool, jobs: &[Job]) -> Result<HashMap<Uuid, String>, DbError> {
    if !jobs.iter().any(Job::is_open) {
        return Ok(HashMap::new());
    }
    let engines = engines::list(db).await?;
    let pause =
        |job: &Job| engines.iter().find(|engine| engine.is_paused() && Some(&engine.name) == job.engine.as_ref());
    let running = jobs.iter().filter(|job| job.state == State::Running);
    let paused = running.filter_map(|job| Some((job.id, away(pause(job)?))));
    let waiting: Vec<&Job> = jobs.iter().filter(|job| job.state == State::Waiting).collect();
    let ids: Vec<Uuid> = waiting.iter().map(|job| job.id).collect();
    let holders = engines::holders(db, &ids).await?;
    let why = |job: &&Job| Some((job.id, reason(job, &engines, &of(&holders, job.id))?));
    Ok(waiting.iter().filter_map(why).chain(paused).collect())
}

fn of(holders: &[Holders], job: Uuid) -> Vec<&Holders> {
    holders.iter().filter(|holder| holder.job == job).collect()
}

fn reason(job: &Job, engines: &[Engine], models: &[&Holders]) -> Option<String> {
    if engines.is_empty() {
        return Some(
            "No engine connected. Start one with `genonaut worker --engine …`; the job then starts by itself."
                .to_owned(),
        );
    }
    let has_all =
        |engine: &&Engine| !engine.lists_models || models.iter().all(|model| model.engines.contains(&engine.id));
    let able: Vec<&Engine> = engines.iter().filter(has_all).collect();
    let left: Vec<&Engine> = able.iter().filter(|engine| !job.tried.contains(&engine.id)).copied().collect();
    if left.iter().any(|engine| engine.reachable != Some(false) && !engine.is_paused()) {
        return None;
    }
    if let Some(engine) = left.first() {
        return Some(format!("Waiting for {}: {}", engine.name, away(engine)));
    }
    if !able.is_empty() {
        let problem = job.problem.as_deref().unwrap_or("The engines with its models failed");
        return Some(format!(
            "{problem}, and no other engine has its models. Start another engine, or cancel and retry."
        ));
    }
    // One that has just started has not said yet what it has.
    if engines.iter().any(|engine| engine.reachable.is_none()) {
        return None;
    }
    Some(lacking(job, engines, models))
}

fn away(engine: &Engine) -> String {
    let said = [&engine.problem, &engine.hint].into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
    format!("{} The job continues when the engine is back.", said.join(". "))
}

/// Which model nobody has, or which ones nobody has together.
fn lacking(job: &Job, engines: &[Engine], models: &[&Holders]) -> String {
    let nobody = |model: &&&Holders| model.engines.is_empty();
    let missing: Vec<String> = models.iter().filter(nobody).map(|model| name(&job.recipe, model.model)).collect();
    let names = |names: &[String]| names.join(", ");
    let asked: Vec<String> = engines.iter().map(|engine| engine.name.clone()).collect();
    let away = engines.iter().find(|engine| engine.reachable == Some(false));
    let away = away.map(|engine| format!(" {} may have it, but is not reachable.", engine.name)).unwrap_or_default();
    if missing.is_empty() {
        let all: Vec<String> = models.iter().map(|model| name(&job.recipe, model.model)).collect();
        return format!("No engine has all of {}.{away} Add them to a model folder of {}.", names(&all), names(&asked));
    }
    format!(
        "No engine has {}.{away} Add the file to a model folder of {}, or cancel and choose another model.",
        names(&missing),
        names(&asked)
    )
}

/// As the recipe calls the model, with its file.
fn name(recipe: &Value, id: Uuid) -> String {
    let id = id.to_string();
    let drawn = recipe["resolved"].as_array().into_iter().flatten();
    let loras = iter::once(recipe).chain(drawn).filter_map(|made| made["loras"].as_array()).flatten();
    let model = iter::once(&recipe["checkpoint"]).chain(loras).find(|model| model["id"] == id.as_str());
    let text = |key: &str| model.and_then(|model| model[key].as_str());
    let file = text("path").and_then(|path| path.rsplit(['/', '\\']).next());
    match (text("name"), file) {
        (Some(name), Some(file)) if !file.starts_with(name) => format!("{name} ({file})"),
        (_, Some(file)) => file.to_owned(),
        (name, None) => name.unwrap_or("a model that is no longer in the catalogue").to_owned(),
    }
}
