//! What is being made and what was made: the stage, the history beside it, the engine's pill.

mod engines;
mod history;
mod image;
mod job;

use axum::extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::accounts::Viewer;
use genonaut_db::grids::{self, Grid};
use genonaut_db::images::{self, Image, Shown, Window};
use genonaut_db::jobs::{self, Job, State};

pub use engines::{EngineView, Engines};
pub use history::History;
pub use image::ImageView;
pub use job::JobView;

use super::answer::{Failure, Htmx};
use super::query::{Asked, Pairs, Recipe, ShownImages};
use crate::app::App;
use crate::waiting;

/// Images on the first page of the history.
const RECENT: u16 = 24;

pub struct Live {
    /// `empty`, `running`, `done` or `error`.
    pub state: &'static str,
    /// Jobs that are not over.
    pub open: usize,
    /// The one that is running, waiting, or has failed.
    pub job: Option<JobView>,
    pub image: Option<ImageView>,
    /// The images of the same job.
    pub strip: Vec<ImageView>,
    /// The set that what is shown belongs to.
    pub grid: Option<Grid>,
    pub history: History,
    pub engine: Engines,
    /// Seeds of the latest images.
    pub seeds: Vec<i64>,
    /// Prompts of the latest images, each with one that has it.
    pub prompts: Vec<ImageView>,
}

impl Live {
    /// What goes with the image that is looked at; without one, with what is being made or was made last.
    pub async fn load(app: &App, htmx: Htmx, recipe: &Recipe) -> anyhow::Result<Self> {
        let viewer = htmx.viewer;
        let open = jobs::open(&app.db, viewer).await?;
        let window = Window { before: None, since: recipe.since, limit: RECENT };
        let (recent, more) = images::list(&app.db, viewer, shown(recipe), window).await?;
        let latest =
            if recipe.shown == ShownImages::All { recent.first().cloned() } else { latest(app, viewer).await? };
        let running = open.iter().find(|job| job.state == State::Running).or(open.first());
        let mut live = Self {
            state: "empty",
            open: open.len(),
            job: None,
            image: None,
            strip: Vec::new(),
            grid: None,
            seeds: distinct(recent.iter().map(|image| image.seed), 3),
            prompts: prompts(&recent),
            history: History::new(recent, more, running, recipe),
            engine: Engines::load(app, viewer, &open).await?,
        };
        let asked = match recipe.image {
            Some(id) => images::find(&app.db, viewer, id).await?.filter(|image| image.deleted.is_none()),
            None => None,
        };
        match (asked, running) {
            (Some(image), _) => live.show(app, image).await?,
            (None, Some(job)) => live.work(app, job).await?,
            (None, None) => live.rest(app, htmx, latest).await?,
        }
        let shown = live.job.as_ref().map(|job| job.id).or(live.image.as_ref().map(|image| image.job));
        if let Some(job) = shown {
            live.grid = grids::of_job(&app.db, job).await?;
        }
        live.history.mark(live.image.as_ref().map(|image| image.id));
        Ok(live)
    }

    async fn show(&mut self, app: &App, image: Image) -> anyhow::Result<()> {
        let job = images::of_job(&app.db, image.job).await?;
        self.strip = if job.len() > 1 { job.iter().map(ImageView::from).collect() } else { Vec::new() };
        self.image = Some(ImageView::from(&image));
        self.state = "done";
        Ok(())
    }

    async fn work(&mut self, app: &App, job: &Job) -> anyhow::Result<()> {
        self.strip = images::of_job(&app.db, job.id).await?.iter().map(ImageView::from).collect();
        let why = waiting::reasons(&app.db, std::slice::from_ref(job)).await?.remove(&job.id);
        self.job = Some(JobView { why: why.unwrap_or_default(), ..JobView::from(job) });
        self.state = "running";
        Ok(())
    }

    /// A failure is shown until another job has ended, or it is closed.
    async fn rest(&mut self, app: &App, htmx: Htmx, latest: Option<Image>) -> anyhow::Result<()> {
        let failed = jobs::latest_failure(&app.db, htmx.viewer).await?;
        match (failed.filter(|job| Some(job.id) != htmx.closed), latest) {
            (Some(job), _) => {
                self.strip = images::of_job(&app.db, job.id).await?.iter().map(ImageView::from).collect();
                self.job = Some(JobView::from(&job));
                self.state = "error";
            }
            (None, Some(image)) => self.show(app, image).await?,
            (None, None) => {}
        }
        Ok(())
    }

    /// The image's place in the strip, counted from 1.
    pub fn place(&self) -> Option<usize> {
        let shown = self.image.as_ref()?;
        self.strip.iter().position(|image| image.id == shown.id).map(|at| at + 1)
    }
}

pub fn shown(recipe: &Recipe) -> Shown {
    match (recipe.shown, recipe.checkpoint) {
        (ShownImages::Liked, _) => Shown::Liked,
        (ShownImages::Checkpoint, Some(id)) => Shown::Checkpoint(id),
        _ => Shown::All,
    }
}

async fn latest(app: &App, viewer: Viewer) -> anyhow::Result<Option<Image>> {
    Ok(images::list(&app.db, viewer, Shown::All, Window { limit: 1, ..Window::default() }).await?.0.pop())
}

fn prompts(images: &[Image]) -> Vec<ImageView> {
    let mut found: Vec<ImageView> = Vec::new();
    for image in images.iter().map(ImageView::from) {
        if found.len() < 6 && !image.template.is_empty() && !found.iter().any(|other| other.template == image.template)
        {
            found.push(image.with_what_was_written());
        }
    }
    found
}

fn distinct<T: PartialEq>(all: impl Iterator<Item = T>, most: usize) -> Vec<T> {
    let mut found = Vec::new();
    for one in all {
        if found.len() < most && !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

/// What has changed since the page was made: the stage, the history and the engine's pill.
pub async fn live(
    extract::State(app): extract::State<App>,
    htmx: Htmx,
    Pairs(pairs): Pairs,
) -> Result<Response, Failure> {
    let recipe = Asked::read(&pairs).recipe;
    if !htmx.partial {
        return Ok(Redirect::to(&recipe.url()).into_response());
    }
    htmx.now(&app, &recipe, StatusCode::OK, None).await
}
