//! What is to vary: the form of a grid, beside the recipe or as a page of its own.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::architecture::Grade;
use genonaut_db::page::PageRequest;
use genonaut_db::{PgPool, Presence, checkpoint, examples, images, lora};
use genonaut_sources::picture::{SAMPLERS, SCHEDULERS};

use super::super::answer::{Failure, Htmx};
use super::super::draft::Browser;
use super::super::look::Look;
use super::super::notice::Notice;
use super::super::page::Parts;
use super::super::query::{Asked, Body, Pairs, Recipe};
use super::super::tags;
use crate::app::App;
use crate::grid::{self, Base, Kind, Plan};

/// Models that are offered; any other can be named.
const OFFERED: u16 = 40;
/// How the axes are called in the form, and to people.
const AXES: [(&str, &str); 3] = [("x", "Columns"), ("y", "Rows"), ("z", "One table each")];

/// The form as it is shown.
struct Form {
    /// The recipe that all cells have in common, as an address has it.
    recipe: String,
    /// It in a few words.
    about: String,
    axes: Vec<AxisForm>,
    choices: Vec<Choices>,
    problems: Vec<Notice>,
    count: Option<String>,
    /// Over the page of the recipe.
    dialog: bool,
}

struct AxisForm {
    name: &'static str,
    title: &'static str,
    kind: String,
    values: String,
}

/// Values that are offered for a kind.
struct Choices {
    label: &'static str,
    kind: &'static str,
    names: Vec<String>,
}

impl Form {
    fn kinds(&self) -> [Kind; 10] {
        Kind::ALL
    }
}

#[derive(Template)]
#[template(path = "grids/new.html")]
struct Page<'a> {
    form: &'a Form,
    look: Look,
}

#[derive(Template)]
#[template(path = "grids/dialog.html")]
struct Fragment<'a> {
    form: &'a Form,
}

#[derive(Template)]
#[template(path = "grids/told.html")]
struct Told {
    problems: Vec<Notice>,
    count: Option<String>,
}

/// For the recipe of the address, else for the browser's draft.
pub async fn show(
    State(app): State<App>,
    htmx: Htmx,
    look: Look,
    browser: Browser,
    Pairs(pairs): Pairs,
) -> Result<Response, Failure> {
    let loaded = async {
        let mut asked = browser.ask(&app.db, &pairs).await?;
        tags::look(&app, &mut asked, true).await?;
        let parts = Parts::load(&app.db, asked).await?;
        Form::new(&app.db, &parts, &pairs).await
    };
    let mut form = loaded.await.map_err(|error: anyhow::Error| htmx.failure(error))?;
    form.dialog = htmx.partial;
    form.answer(htmx, look, StatusCode::OK)
}

/// To the form as it begins.
pub async fn again() -> Redirect {
    Redirect::to("/grids/new")
}

/// How many images it comes to, or why it comes to none.
pub async fn count(State(app): State<App>, htmx: Htmx, look: Look, Body(pairs): Body) -> Result<Response, Failure> {
    let (planned, parts) = plan(&app, &pairs).await.map_err(|error| htmx.failure(error))?;
    let pace = images::pace(&app.db).await.map_err(|error| htmx.failure(error))?;
    let (count, mut problems) = match planned {
        Ok(plan) => (Some(counted(&plan, pace)), Vec::new()),
        Err(problems) => (None, problems),
    };
    if htmx.partial {
        // Somebody is still writing: what is missing is no mistake yet.
        problems.retain(|_| is_written(&pairs));
        return htmx.html(&Told { problems, count });
    }
    let form = Form::new(&app.db, &parts, &pairs).await.map_err(|error| htmx.failure(error))?;
    Form { count, problems, ..form }.answer(htmx, look, StatusCode::OK)
}

/// Puts it into the queue. With scripts the stage shows how far it is, without them its own page does.
pub async fn start(State(app): State<App>, htmx: Htmx, look: Look, Body(pairs): Body) -> Result<Response, Failure> {
    let (planned, parts) = plan(&app, &pairs).await.map_err(|error| htmx.failure(error))?;
    let problems = match planned {
        Ok(plan) => match grid::start(&app, htmx.viewer, plan).await {
            Ok(_) if htmx.partial => {
                let recipe = Recipe { image: None, ..parts.recipe };
                return htmx.now(&app, &recipe, StatusCode::ACCEPTED, None).await;
            }
            Ok(id) => return Ok(Redirect::to(&format!("/grids/{id}")).into_response()),
            Err(problem) if problem.status == 422 => vec![problem.detail.into()],
            Err(problem) => return Err(htmx.refused(problem)),
        },
        Err(problems) => problems,
    };
    if htmx.partial {
        let told = htmx.html(&Told { problems, count: None })?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, told).into_response());
    }
    let form = Form::new(&app.db, &parts, &pairs).await.map_err(|error| htmx.failure(error))?;
    Form { problems, ..form }.answer(htmx, look, StatusCode::UNPROCESSABLE_ENTITY)
}

/// What the form asks for, or what is wrong with it.
async fn plan(app: &App, pairs: &[(String, String)]) -> anyhow::Result<(Result<Plan, Vec<Notice>>, Parts)> {
    let recipe: Vec<_> = form_urlencoded::parse(value(pairs, "recipe").as_bytes()).into_owned().collect();
    let parts = Parts::load(&app.db, Asked::read(&recipe)).await?;
    if !parts.notices.is_empty() {
        return Ok((Err(parts.notices.clone()), parts));
    }
    let base = match parts.makes.clone() {
        Some(makes) => Base::load(&app.db, makes, parts.recipe.settings.clone()).await?,
        None => None,
    };
    let Some(base) = base else {
        let notice = "No checkpoint to generate with. Choose one, or import a folder of models.";
        return Ok((Err(vec![notice.into()]), parts));
    };
    let (mut axes, mut problems) = (Vec::new(), Vec::new());
    for (axis, _) in AXES {
        let Some(kind) = Kind::of(value(pairs, axis)) else { continue };
        let text = value(pairs, &format!("{axis}_values"));
        match grid::read(&app.db, kind, text, &base.checkpoint.target).await? {
            Ok(axis) => axes.push(axis),
            Err(problem) => {
                let text = format!("{problem}.");
                problems.push(Notice::at(format!("{axis}_values"), text));
            }
        }
    }
    let planned = match problems.is_empty() {
        true => Plan::new(&base, axes).map_err(|problem| vec![problem.into()]),
        false => Err(problems),
    };
    Ok((planned, parts))
}

/// `pace` is in seconds for a pixel at a step.
fn counted(plan: &Plan, pace: Option<f64>) -> String {
    let sides: Vec<_> = plan.axes.iter().map(|axis| axis.labels.len().to_string()).collect();
    let (images, cells, empty) = (plan.images(), plan.cells.len(), plan.empty());
    let all = if cells == images { String::new() } else { format!("{cells} cells, ") };
    let mut said = vec![if sides.len() > 1 {
        format!("{} = {all}{images} image{}", sides.join(" × "), plural(images))
    } else {
        format!("{all}{images} image{}", plural(images))
    }];
    said.extend(pace.map(|pace| long(pace * plan.work())));
    said.extend(plan.axes.iter().filter_map(|axis| axis.of.as_ref()).map(|of| format!("varies the weight of {of}")));
    if images + empty < cells {
        said.push("identical cells share one image".to_owned());
    }
    if let Some(Err(reason)) = plan.cells.iter().find(|cell| cell.is_err()) {
        said.push(format!("{empty} cell{} empty: {reason}", if empty == 1 { " stays" } else { "s stay" }));
    }
    said.join(", ")
}

fn long(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1.5 => "about 1 s".to_owned(),
        seconds if seconds < 90.0 => format!("about {seconds:.0} s"),
        seconds if seconds < 5400.0 => format!("about {:.0} min", seconds / 60.0),
        seconds => format!("about {:.0} h", seconds / 3600.0),
    }
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Whether some axis has both what it is of and values.
fn is_written(pairs: &[(String, String)]) -> bool {
    AXES.iter().any(|(axis, _)| {
        Kind::of(value(pairs, axis)).is_some() && !value(pairs, &format!("{axis}_values")).trim().is_empty()
    })
}

fn value<'a>(pairs: &'a [(String, String)], key: &str) -> &'a str {
    pairs.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str()).unwrap_or_default()
}

impl Form {
    async fn new(db: &PgPool, parts: &Parts, pairs: &[(String, String)]) -> anyhow::Result<Self> {
        let axis = |(name, title)| AxisForm {
            name,
            title,
            kind: value(pairs, name).to_owned(),
            values: value(pairs, &format!("{name}_values")).to_owned(),
        };
        Ok(Self {
            recipe: parts.recipe.draft(),
            about: about(parts),
            axes: AXES.map(axis).into(),
            choices: choices(db, parts).await?,
            problems: parts.notices.clone(),
            count: None,
            dialog: false,
        })
    }

    fn answer(&self, htmx: Htmx, look: Look, code: StatusCode) -> Result<Response, Failure> {
        let html = match self.dialog {
            true => htmx.html(&Fragment { form: self })?,
            false => htmx.html(&Page { form: self, look })?,
        };
        Ok((code, html).into_response())
    }
}

fn about(parts: &Parts) -> String {
    let checkpoint = parts.checkpoint.as_ref().map(|checkpoint| checkpoint.label.clone());
    let loras = parts.chosen.iter().filter(|row| !row.off).map(|row| format!("{} {}", row.lora.label, row.weight));
    checkpoint.into_iter().chain(loras).collect::<Vec<_>>().join(" · ")
}

/// The best rated checkpoints and LoRAs, those first that fit the recipe's checkpoint; all samplers and schedulers.
async fn choices(db: &PgPool, parts: &Parts) -> anyhow::Result<Vec<Choices>> {
    let examples = examples::standing(db).await?;
    let few = PageRequest { limit: OFFERED, examples_last: examples.step_back, ..PageRequest::default() };
    let without_examples = examples.hidden;
    let here = checkpoint::Filter { presence: Presence::Here, without_examples, ..checkpoint::Filter::default() };
    let checkpoints = checkpoint::list(db, &here, &few).await?.items;
    let fitting = loras(db, fit(db, parts).await?).await?;
    let other = loras(db, None).await?.into_iter().filter(|name| !fitting.contains(name)).collect();
    let choices = |kind: Kind, label, names| Choices { label, kind: kind.word(), names };
    let labels = |known: &[(&str, &str)]| known.iter().map(|(_, label)| (*label).to_owned()).collect();
    let all = [
        choices(Kind::Checkpoint, "Checkpoints", checkpoints.iter().map(|model| model.label().to_owned()).collect()),
        choices(Kind::Lora, "LoRAs", fitting),
        choices(Kind::Lora, "Other LoRAs", other),
        choices(Kind::Sampler, "Samplers", labels(SAMPLERS)),
        choices(Kind::Scheduler, "Schedulers", labels(SCHEDULERS)),
    ];
    Ok(all.into_iter().filter(|choices| !choices.names.is_empty()).collect())
}

async fn fit(db: &PgPool, parts: &Parts) -> anyhow::Result<Option<lora::FitFilter>> {
    let Some(id) = parts.recipe.checkpoint else { return Ok(None) };
    let grades = vec![Grade::Optimal, Grade::Compatible, Grade::Partial];
    let chosen = checkpoint::find(db, id).await?;
    Ok(chosen.map(|chosen| lora::FitFilter { checkpoint: chosen.target(), grades }))
}

async fn loras(db: &PgPool, fit: Option<lora::FitFilter>) -> anyhow::Result<Vec<String>> {
    let examples = examples::standing(db).await?;
    let few = PageRequest { limit: OFFERED, examples_last: examples.step_back, ..PageRequest::default() };
    let without_examples = examples.hidden;
    let filter = lora::Filter { presence: Presence::Here, without_examples, fit, ..lora::Filter::default() };
    Ok(lora::list(db, &filter, &few).await?.items.iter().map(|model| model.label().to_owned()).collect())
}
