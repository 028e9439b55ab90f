//! An image that is dropped on the page: its recipe becomes the page's, as far as its models are here.

use axum::Json;
use axum::extract::State;
use genonaut_db::architecture::Target;
use genonaut_db::checkpoint::{self, Checkpoint};
use genonaut_db::lora::{self, Lora};
use genonaut_db::{PgPool, library};
use genonaut_sources::picture::{self, Item, Made, Model, Reason, Report};
use serde::Serialize;
use uuid::Uuid;

use super::query::{Recipe, Row};
use super::upload::Upload;
use crate::app::App;
use crate::blocking;
use crate::lookup::{self, ModelMatch};
use crate::parts::BUILT_IN;
use crate::problem::{Problem, ProblemType};
use crate::recipe::{self, LONGEST_PATH, LoraUse};
use crate::settings::{self, LONGEST_PROMPT, MOST_LORAS, Settings};
use crate::tagged;

/// Where the recipe is, and what of it is another one here or missing.
#[derive(Serialize)]
pub struct Found {
    url: String,
    #[serde(flatten)]
    notes: Notes,
    /// What was changed and left out.
    notices: Vec<String>,
}

/// What became of the values that are not as the image has them. Sentences, for a person.
#[derive(Debug, Default, Serialize)]
pub(super) struct Notes {
    changed: Vec<String>,
    left_out: Vec<String>,
    /// Values that the image does not have, and its program uses then.
    assumed: Vec<String>,
}

impl Notes {
    pub fn all(&self) -> Vec<String> {
        self.changed.iter().chain(&self.left_out).cloned().collect()
    }

    fn take(&mut self, report: &Report) {
        let is_default = |item: &&Item| matches!(item.reason, Some(Reason::WriterDefault(_)));
        let (assumed, changed): (Vec<_>, Vec<_>) = report.changed.iter().partition(is_default);
        self.assumed.extend(assumed.into_iter().map(Item::sentence));
        self.changed.extend(changed.into_iter().map(Item::sentence));
        self.left_out.extend(report.left_out.iter().map(Item::sentence));
    }
}

/// The body is the image's file.
pub async fn read(State(app): State<App>, upload: Upload) -> Result<Json<Found>, Problem> {
    let file = upload.turn().await?;
    let made = blocking::run(move |cancel| picture::read_until(file.bytes(), cancel)).await;
    let made = made.map_err(|error| Problem::new(ProblemType::Internal, "see the server log").because(error))?;
    let made = made.map_err(|error| Problem::new(ProblemType::InvalidField, error.to_string()))?;
    let mut notes = Notes::default();
    let own = made.recipe.clone().and_then(|own| serde_json::from_value::<recipe::Recipe>(own).ok());
    let recipe = match own {
        Some(own) => ours(&app.db, &own, &mut notes).await?,
        None => theirs(&app.db, &made, None, &mut notes).await?,
    };
    Ok(Json(Found { url: recipe.url(), notices: notes.all(), notes }))
}

async fn ours(db: &PgPool, own: &recipe::Recipe, notes: &mut Notes) -> Result<Recipe, Problem> {
    let mut recipe = Recipe {
        prompt: prompt("prompt", &own.prompt, notes),
        negative_prompt: prompt("negative prompt", &own.negative_prompt, notes),
        settings: Settings::from(&own.settings),
        seed: own.seed.filter(|seed| *seed >= 0),
        separate_clip: own.loras.iter().any(|lora| lora.clip_weight.is_some()),
        ..Recipe::default()
    };
    if own.loras.len() > MOST_LORAS {
        notes.left_out.push(format!("A recipe can use at most {MOST_LORAS} LoRAs. The others were left out."));
    }
    recipe.checkpoint = match checkpoint::find(db, own.checkpoint.id).await? {
        Some(known) => Some(known.id),
        None => find_checkpoint(db, &own.checkpoint.named(), notes).await?.map(|found| found.id),
    };
    if let Some(vae) = own.vae.as_ref().filter(|vae| vae.chars().count() <= LONGEST_PATH) {
        recipe.vae = Some(find_vae(db, vae, notes).await?);
    }
    let target = target(db, recipe.checkpoint).await?;
    let used: Vec<_> = own.loras.iter().take(MOST_LORAS).collect();
    let known = lora::find_all(db, &used.iter().map(|lora| lora.model.id).collect::<Vec<_>>()).await?;
    let by_id = |lora: &LoraUse| known.iter().find(|known| known.id == lora.model.id);
    let named: Vec<_> = used.iter().filter(|lora| by_id(lora).is_none()).map(|lora| lora.model.named()).collect();
    let mut named = find_loras(db, &named, target.as_ref(), notes).await?.into_iter();
    for lora in used {
        let found = by_id(lora).cloned().or_else(|| named.next().flatten());
        recipe.loras.extend(found.map(|found| row(&found, lora.weight, lora.clip_weight, notes)));
    }
    Ok(recipe)
}

/// As long as prompts are here, without what no database keeps.
fn prompt(name: &str, text: &str, notes: &mut Notes) -> String {
    let text = text.replace('\0', "");
    let Some((end, _)) = text.char_indices().nth(LONGEST_PROMPT) else { return text };
    notes.left_out.push(format!("The {name} is longer than {LONGEST_PROMPT} characters; the rest was left out."));
    text[..end].to_owned()
}

/// `otherwise` is the checkpoint that the recipe is used with where it names none that is here.
pub(super) async fn theirs(
    db: &PgPool,
    made: &Made,
    otherwise: Option<Uuid>,
    notes: &mut Notes,
) -> Result<Recipe, Problem> {
    let mut recipe = Recipe {
        prompt: prompt("prompt", &made.prompt, notes),
        negative_prompt: prompt("negative prompt", &made.negative_prompt, notes),
        settings: settings(made, notes),
        separate_clip: made.loras.iter().any(|lora| lora.clip_weight.is_some()),
        ..Recipe::default()
    };
    notes.take(&made.report);
    if let Some(seed) = made.seed {
        recipe.seed = i64::try_from(seed).ok();
        if recipe.seed.is_none() {
            notes.left_out.push(format!("Seed {seed} is too large and was ignored."));
        }
    }
    if let Some(model) = &made.checkpoint {
        recipe.checkpoint = find_checkpoint(db, model, notes).await?.map(|found| found.id);
    }
    if let Some(vae) = &made.vae {
        recipe.vae = scanned_vae(db, vae).await?;
        if recipe.vae.is_none() {
            notes.left_out.push(format!("VAE “{}” not found in the library folders.", shown(vae)));
        }
    }
    let target = target(db, recipe.checkpoint.or(otherwise)).await?;
    let wanted: Vec<_> = made.loras.iter().map(|lora| lora.model.clone()).collect();
    let found = find_loras(db, &wanted, target.as_ref(), notes).await?;
    for (lora, known) in made.loras.iter().zip(found) {
        recipe.loras.extend(known.map(|known| row(&known, lora.weight, lora.clip_weight, notes)));
    }
    Ok(recipe)
}

fn row(lora: &Lora, weight: f64, clip_weight: Option<f64>, notes: &mut Notes) -> Row {
    let weights = [Some(weight), clip_weight].into_iter().flatten();
    notes.changed.extend(weights.filter_map(|weight| tagged::outside(lora.label(), weight)));
    Row { weight: Some(tagged::within(weight)), clip_weight: clip_weight.map(tagged::within), ..Row::new(lora.id) }
}

fn settings(made: &Made, notes: &mut Notes) -> Settings {
    let mut settings = Settings::default();
    let text = |value: &dyn ToString| value.to_string();
    let given = [
        ("width", side("width", made.width, notes)),
        ("height", side("height", made.height, notes)),
        ("steps", made.steps.map(|value| text(&value))),
        ("cfg", made.cfg.map(|value| text(&value))),
        ("clip_skip", made.clip_skip.map(|value| text(&value))),
        ("sampler", made.sampler.clone()),
        ("scheduler", made.scheduler.clone()),
    ];
    for (key, value) in given {
        if let Some(Err(refused)) = value.and_then(|value| settings.take(key, &value)) {
            notes.left_out.push(refused.sentence());
        }
    }
    settings
}

/// In whole steps; other programs cut or scale images to any size.
fn side(name: &str, pixels: Option<u32>, notes: &mut Notes) -> Option<String> {
    let pixels = pixels?;
    let near = settings::near_side(pixels);
    if near != pixels {
        notes.changed.push(format!("The {name} was changed from {pixels} to {near}: sizes are multiples of 8."));
    }
    Some(near.to_string())
}

/// The chosen one, else the one that the page will choose.
async fn target(db: &PgPool, chosen: Option<Uuid>) -> Result<Option<Target>, Problem> {
    let chosen = match chosen {
        Some(id) => checkpoint::find(db, id).await?,
        None => None,
    };
    let chosen = if chosen.is_some() { chosen } else { checkpoint::best(db).await? };
    Ok(chosen.map(|checkpoint| checkpoint.target()))
}

async fn find_checkpoint(db: &PgPool, model: &Model, notes: &mut Notes) -> Result<Option<Checkpoint>, Problem> {
    let Some(ModelMatch { model: found, namesakes }) = lookup::checkpoint(db, model).await? else {
        notes.left_out.push(format!("Checkpoint “{}” not found in the catalogue.", shown(model)));
        return Ok(None);
    };
    if namesakes > 0 {
        let (count, name, label) = (namesakes + 1, shown(model), found.label());
        notes.changed.push(format!("{count} checkpoints are named “{name}”. Using {label}."));
    }
    Ok(Some(found))
}

async fn find_loras(
    db: &PgPool,
    wanted: &[Model],
    target: Option<&Target>,
    notes: &mut Notes,
) -> Result<Vec<Option<Lora>>, Problem> {
    let found = lookup::loras(db, wanted, target).await?;
    for (model, found) in wanted.iter().zip(&found) {
        match found {
            None => notes.left_out.push(format!("LoRA “{}” not found in the catalogue. It was ignored.", shown(model))),
            Some(found) => notes.changed.extend(tagged::namesakes(&shown(model), found.model.label(), found.namesakes)),
        }
    }
    Ok(found.into_iter().map(|found| found.map(|found| found.model)).collect())
}

/// An image has the name of its VAE's file, not its folder.
async fn find_vae(db: &PgPool, vae: &str, notes: &mut Notes) -> Result<String, Problem> {
    if vae == BUILT_IN {
        return Ok(vae.to_owned());
    }
    let named = Model::named(vae);
    let found = scanned_vae(db, &named).await?;
    if found.is_none() {
        notes.changed.push(format!("VAE “{}” not found in the library folders.", shown(&named)));
    }
    Ok(found.unwrap_or_else(|| vae.to_owned()))
}

async fn scanned_vae(db: &PgPool, named: &Model) -> Result<Option<String>, Problem> {
    let files = library::parts(db, &["vae"]).await?;
    let found = files.into_iter().find(|file| Model::named(&file.name).name.eq_ignore_ascii_case(&named.name));
    Ok(found.map(|file| file.path))
}

fn shown(model: &Model) -> String {
    model.name.chars().filter(|c| !c.is_control()).take(80).collect()
}
