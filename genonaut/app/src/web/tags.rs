//! What a prompt names and leaves open, looked at when somebody leaves it: LoRAs become rows of the recipe, another
//! program's parameters become the recipe, and what cannot be found is said.

mod syntax;

use std::collections::HashSet;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use genonaut_db::{DbError, PgPool, checkpoint};
use genonaut_sources::picture;
use genonaut_sources::picture::tags::{Kind, Order};

use super::answer::{Failure, Htmx};
use super::dropped::{self, Notes};
use super::page::Toast;
use super::query::{Asked, Picker, Recipe, Row};
use super::row::written;
use crate::app::App;
use crate::blocking;
use crate::problem::{Problem, sentence};
use crate::settings::MOST_LORAS;
use crate::tagged::{self, Found};
use crate::wildcards;

/// Unknown names of a prompt that are shown.
const MOST_TOLD: usize = 32;

/// What there is to say of a prompt.
#[derive(Default)]
pub struct Said {
    pub notes: Vec<Note>,
    /// The prompt before and after, when something was taken out of it.
    pub taken: Option<(String, String)>,
    /// Everything is another: the prompt held a whole recipe.
    pub replaced: bool,
    pub toast: Option<Toast>,
    /// Notes that only this answer can tell; the others follow from the prompt.
    told_once: bool,
}

pub struct Note {
    pub text: String,
    /// A label and an address.
    pub link: Option<(String, String)>,
}

impl Said {
    /// Whether the recipe's own address says the same.
    pub fn is_in_the_address(&self) -> bool {
        !self.told_once
    }

    fn note(&mut self, text: String) {
        self.notes.push(Note { text, link: None });
    }
}

/// Whether the prompt is finished: a script says so, and a form without one is sent as a whole.
pub fn is_finished(pairs: &[(String, String)], htmx: Htmx) -> bool {
    let has = |key: &str| pairs.iter().any(|(name, _)| name == key);
    has("tags") || (!htmx.partial && has("follows"))
}

/// Looks at the prompt, and takes out of it what belongs elsewhere when it is finished.
pub async fn look(app: &App, asked: &mut Asked, finished: bool) -> anyhow::Result<Said> {
    let mut said = Said::default();
    if finished {
        let before = (asked.recipe.prompt.clone(), asked.recipe.url());
        if !take_parameters(app, &mut asked.recipe, &mut said).await? {
            take_loras(&app.db, &mut asked.recipe, &mut said).await?;
        }
        if said.replaced || asked.recipe.prompt != before.0 {
            asked.acts = true;
            said.taken = (!said.replaced).then(|| (before.0, asked.recipe.prompt.clone()));
            said.toast.iter_mut().for_each(|toast| toast.back = Some(before.1.clone()));
        }
    }
    tell_unknown(app, &asked.recipe, &mut said).await?;
    Ok(said)
}

/// A whole recipe as A1111 and its kin write it below a picture.
async fn take_parameters(app: &App, recipe: &mut Recipe, said: &mut Said) -> anyhow::Result<bool> {
    let Some(made) = picture::read_text(&recipe.prompt).filter(|made| made.steps.is_some()) else { return Ok(false) };
    let mut notes = Notes::default();
    let found = dropped::theirs(&app.db, &made, recipe.checkpoint, &mut notes).await;
    let found = found.map_err(|problem| anyhow::anyhow!("{}", problem.detail))?;
    *recipe = Recipe {
        checkpoint: found.checkpoint.or(recipe.checkpoint),
        images: recipe.images,
        picker: recipe.picker.clone(),
        picking: recipe.picking,
        shown: recipe.shown,
        since: recipe.since,
        image: recipe.image,
        ..found
    };
    said.replaced = true;
    let notes = notes.all();
    said.told_once = !notes.is_empty();
    notes.into_iter().for_each(|note| said.note(note));
    said.toast = Some(Toast::says("Parameters loaded from the prompt.".to_owned()));
    Ok(true)
}

async fn take_loras(db: &PgPool, recipe: &mut Recipe, said: &mut Said) -> anyhow::Result<()> {
    let target = target(db, recipe).await?;
    let looked = tagged::look(db, &recipe.prompt, target.as_ref()).await?;
    let new = looked.found.iter().filter(|found| !recipe.has_lora(found.lora.id)).count();
    if recipe.loras.len() + new > MOST_LORAS || looked.too_many {
        said.told_once = true;
        said.note(format!("A recipe can use at most {MOST_LORAS} LoRAs. The prompt names too many."));
        return Ok(());
    }
    recipe.prompt = looked.prompt;
    for found in &looked.found {
        put(recipe, found, Order::default());
    }
    for found in &looked.found {
        tell_choice(recipe, found, said);
    }
    said.toast = taken(&looked.found);
    Ok(())
}

/// One that is there already is given the prompt's weight.
fn put(recipe: &mut Recipe, found: &Found, order: Order) {
    let (weight, clip_weight) = found.weights(order);
    let row = Row { weight, clip_weight, ..Row::new(found.lora.id) };
    recipe.separate_clip |= clip_weight.is_some();
    match recipe.loras.iter_mut().find(|known| known.id == row.id) {
        Some(known) => *known = row,
        None => recipe.loras.push(row),
    }
}

/// What could have been meant as well.
fn tell_choice(recipe: &Recipe, found: &Found, said: &mut Said) {
    let label = found.lora.label();
    let notes = tagged::namesakes(&found.tag.name, label, found.namesakes).into_iter().chain(found.weight_notes());
    for note in notes {
        said.told_once = true;
        said.note(note);
    }
    let (weight, clip) = found.weights(Order::default());
    if let (true, Some(weight), Some(clip)) = (found.tag.is_ambiguous(), weight, clip) {
        let mut other = recipe.clone();
        put(&mut other, found, Order::ModelFirst);
        let (weight, clip) = (written(weight), written(clip));
        said.told_once = true;
        said.notes.push(Note {
            text: format!("Weights for {label} follow A1111/Forge syntax: CLIP {clip}, model {weight}."),
            link: Some(("Use SwarmUI/LoRA Manager syntax".to_owned(), other.url())),
        });
    }
}

fn taken(found: &[Found]) -> Option<Toast> {
    match found {
        [] => None,
        [one] => Some(Toast::says(format!("{} moved from the prompt to the LoRA list.", one.lora.label()))),
        more => Some(Toast::says(format!("{} LoRAs moved from the prompt to the LoRA list.", more.len()))),
    }
}

/// What is left in the prompt and means nothing here.
async fn tell_unknown(app: &App, recipe: &Recipe, said: &mut Said) -> anyhow::Result<()> {
    let target = target(&app.db, recipe).await?;
    let mut told = HashSet::new();
    for tag in tagged::look(&app.db, &recipe.prompt, target.as_ref()).await?.unknown {
        let name = &tag.name;
        if told.len() == MOST_TOLD || !told.insert(name.clone()) {
            continue;
        }
        said.notes.push(match tag.kind {
            Kind::Hypernet => {
                Note { text: format!("Hypernetworks are not supported. “{name}” will be ignored."), link: None }
            }
            Kind::Lora => Note {
                text: format!("No LoRA named “{name}”. It will be ignored."),
                link: Some(("Search LoRAs".to_owned(), search(recipe, name))),
            },
        });
    }
    syntax::note(&app.db, recipe, said).await?;
    let (wildcards, prompts) = (app.wildcards.clone(), [recipe.prompt.clone(), recipe.negative_prompt.clone()]);
    let named: Vec<_> = prompts.iter().flat_map(|prompt| wildcards::names(prompt)).collect();
    if !named.is_empty() {
        let problems: Vec<String> = blocking::run(move |cancel| {
            let named = named.iter().take_while(|_| !cancel.is_cancelled());
            named.filter_map(|name| Some(wildcards.problem(name)?.to_string())).collect()
        })
        .await?;
        problems.into_iter().for_each(|problem| said.note(sentence(&problem)));
    }
    Ok(())
}

fn search(recipe: &Recipe, name: &str) -> String {
    let q = name.chars().filter(|c| !c.is_control()).take(100).collect();
    let picker = Picker { open: true, q, ..Picker::default() };
    Recipe { picker, ..recipe.clone() }.url()
}

/// The chosen checkpoint, else the one that the page will choose.
async fn target(db: &PgPool, recipe: &Recipe) -> Result<Option<genonaut_db::architecture::Target>, DbError> {
    // Most prompts name nothing that could fit.
    if !recipe.prompt.contains('<') {
        return Ok(None);
    }
    let chosen = match recipe.checkpoint {
        Some(id) => checkpoint::find(db, id).await?,
        None => None,
    };
    let chosen = if chosen.is_some() { chosen } else { checkpoint::best(db).await? };
    Ok(chosen.map(|checkpoint| checkpoint.target()))
}

#[derive(Template)]
#[template(path = "recipe/prompt_refused.html")]
struct Refused {
    text: String,
}

/// Says at the prompt why it comes to nothing, in the words that leaving it has for that.
pub fn refuse(htmx: Htmx, problem: &Problem) -> Result<Response, Failure> {
    let reason = problem.errors.first().map_or(&problem.detail, |error| &error.reason);
    let html = htmx.html(&Refused { text: sentence(reason) })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}
