//! A picture that is dropped on the page: its recipe becomes the page's, as far as its models are here.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use genonaut_db::PgPool;
use genonaut_db::checkpoint::{self, Checkpoint};
use genonaut_db::lora::{self, Lora};
use genonaut_sources::picture::{self, Made, Model};
use serde::Serialize;

use super::query::{Recipe, Row};
use crate::app::App;
use crate::problem::Problem;
use crate::recipe;
use crate::settings::{Settings, WEIGHTS};

/// Where the recipe is, and what of it could not be found.
#[derive(Serialize)]
pub struct Found {
    url: String,
    notices: Vec<String>,
}

/// The body is the picture's file.
pub async fn read(State(app): State<App>, bytes: Bytes) -> Result<Json<Found>, Problem> {
    let made = tokio::task::spawn_blocking(move || picture::read(&bytes)).await;
    let made = made.map_err(|error| Problem::new("internal", "it is in the log").because(error))?;
    let made = made.map_err(|error| Problem::new("invalid-field", error.to_string()))?;
    let mut notices = Vec::new();
    let own = made.recipe.clone().and_then(|own| serde_json::from_value::<recipe::Recipe>(own).ok());
    let recipe = match own {
        Some(own) => ours(&app.db, &own, &mut notices).await?,
        None => theirs(&app.db, &made, &mut notices).await?,
    };
    Ok(Json(Found { url: recipe.url(), notices }))
}

async fn ours(db: &PgPool, own: &recipe::Recipe, notices: &mut Vec<String>) -> Result<Recipe, Problem> {
    let mut recipe = Recipe {
        prompt: own.prompt.clone(),
        negative_prompt: own.negative_prompt.clone(),
        settings: Settings::from(&own.settings),
        seed: own.seed.filter(|seed| *seed >= 0),
        separate_clip: own.loras.iter().any(|lora| lora.clip_weight.is_some()),
        ..Recipe::default()
    };
    recipe.checkpoint = match checkpoint::find(db, own.checkpoint.id).await? {
        Some(known) => Some(known.id),
        None => find_checkpoint(db, &Model::named(&own.checkpoint.path), notices).await?,
    };
    for lora in &own.loras {
        let known = match lora::find(db, lora.model.id).await? {
            Some(known) => Some(known.id),
            None => find_lora(db, &Model::named(&lora.model.path), notices).await?,
        };
        recipe.loras.extend(known.map(|id| row(id, lora.weight, lora.clip_weight)));
    }
    Ok(recipe)
}

pub(super) async fn theirs(db: &PgPool, made: &Made, notices: &mut Vec<String>) -> Result<Recipe, Problem> {
    let mut recipe = Recipe {
        prompt: made.prompt.replace('\0', ""),
        negative_prompt: made.negative_prompt.replace('\0', ""),
        settings: settings(made, notices),
        separate_clip: made.loras.iter().any(|lora| lora.clip_weight.is_some()),
        ..Recipe::default()
    };
    if let Some(seed) = made.seed {
        recipe.seed = i64::try_from(seed).ok();
        if recipe.seed.is_none() {
            notices.push(format!("The seed {seed} is larger than seeds are here."));
        }
    }
    if let Some(model) = &made.checkpoint {
        recipe.checkpoint = find_checkpoint(db, model, notices).await?;
    }
    for lora in &made.loras {
        let known = find_lora(db, &lora.model, notices).await?;
        recipe.loras.extend(known.map(|id| row(id, lora.weight, lora.clip_weight)));
    }
    Ok(recipe)
}

fn row(id: uuid::Uuid, weight: f64, clip_weight: Option<f64>) -> Row {
    let within = |weight: f64| weight.clamp(*WEIGHTS.start(), *WEIGHTS.end());
    Row { weight: Some(within(weight)), clip_weight: clip_weight.map(within), ..Row::new(id) }
}

fn settings(made: &Made, notices: &mut Vec<String>) -> Settings {
    let mut settings = Settings::default();
    let text = |value: &dyn ToString| value.to_string();
    let given = [
        ("width", made.width.map(|value| text(&value))),
        ("height", made.height.map(|value| text(&value))),
        ("steps", made.steps.map(|value| text(&value))),
        ("cfg", made.cfg.map(|value| text(&value))),
        ("clip_skip", made.clip_skip.map(|value| text(&value))),
        ("sampler", made.sampler.clone()),
        ("scheduler", made.scheduler.clone()),
    ];
    for (key, value) in given {
        if let Some(Err(refused)) = value.and_then(|value| settings.take(key, &value)) {
            notices.push(refused.sentence());
        }
    }
    settings
}

async fn find_checkpoint(db: &PgPool, model: &Model, notices: &mut Vec<String>) -> Result<Option<uuid::Uuid>, Problem> {
    let mut found: Option<Checkpoint> = None;
    if let Some(hash) = &model.hash {
        found = checkpoint::find_by_hash(db, hash).await?;
    }
    for name in names(model) {
        if found.is_none() {
            found = checkpoint::find_by_name(db, name).await?;
        }
    }
    if found.is_none() {
        notices.push(format!("The checkpoint “{}” is not in the catalogue.", shown(model)));
    }
    Ok(found.map(|model| model.id))
}

async fn find_lora(db: &PgPool, model: &Model, notices: &mut Vec<String>) -> Result<Option<uuid::Uuid>, Problem> {
    let mut found: Option<Lora> = None;
    if let Some(hash) = &model.hash {
        found = lora::find_by_hash(db, hash).await?;
    }
    for name in names(model) {
        if found.is_none() {
            found = lora::find_by_name(db, name).await?;
        }
    }
    // Its name on another machine may be what the file is called here, or what its trainer called it.
    if found.is_none() && !model.name.contains('\0') {
        found = lora::called(db, &model.name).await?.into_iter().next();
    }
    if found.is_none() {
        notices.push(format!("The LoRA “{}” is not in the catalogue; it was left out.", shown(model)));
    }
    Ok(found.map(|model| model.id))
}

/// The whole file name says more than the name.
fn names(model: &Model) -> impl Iterator<Item = &str> {
    let filename = model.filename.as_deref();
    let last = filename.and_then(|filename| filename.rsplit(['/', '\\']).next());
    filename
        .into_iter()
        .chain(last)
        .chain([model.name.as_str()])
        .filter(|name| !name.is_empty() && !name.contains('\0'))
}

fn shown(model: &Model) -> String {
    model.name.chars().filter(|c| !c.is_control()).take(80).collect()
}
