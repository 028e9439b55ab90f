//! The engine's pill, and what it opens: every engine, how it is, and what to do.

use chrono::Utc;
use genonaut_db::accounts::Viewer;
use genonaut_db::engines::{self, Engine};
use genonaut_db::jobs::{self, Job, State};

use crate::app::App;
use crate::discovery::Found;

pub struct Engines {
    /// What people call what makes the images.
    pub name: String,
    /// `busy`, `bad` where nothing can be made, else nothing.
    pub state: &'static str,
    pub words: &'static str,
    /// Jobs that wait.
    pub queued: usize,
    pub all: Vec<EngineView>,
    /// Servers of this machine that may be used.
    pub found: Vec<Found>,
    /// A person has chosen one on the page, and may go back.
    pub chosen: bool,
    /// Where a ComfyUI is looked for, while the demo engine stands in for one.
    pub looks_at: Option<String>,
}

/// An engine in words.
pub struct EngineView {
    pub name: String,
    /// Its kind, version and machine, as far as they say more than the name.
    pub about: String,
    pub url: String,
    pub state: &'static str,
    pub words: String,
    pub facts: Vec<String>,
    /// What is wrong, and what to do.
    pub problem: Option<String>,
}

impl Engines {
    /// `open` are the jobs that the viewer sees; an engine is busy with everybody's.
    pub async fn load(app: &App, viewer: Viewer, open: &[Job]) -> anyhow::Result<Self> {
        let engines = engines::list(&app.db).await?;
        let everybodys = match viewer.only() {
            None => Vec::new(),
            Some(_) => jobs::open(&app.db, Viewer::EVERYTHING).await?,
        };
        let open = if everybodys.is_empty() { open } else { &everybodys };
        let running = open.iter().filter(|job| job.state == State::Running).count();
        let queued = open.len() - running;
        let (state, words) = state(&engines, running, queued);
        // Of several accounts only administrators change the engines.
        let discovery = app.discovery.as_ref().filter(|_| viewer.administers());
        let demo = app.discovery.as_ref().filter(|discovery| !discovery.has_chosen());
        Ok(Self {
            name: name(&engines),
            state,
            words,
            queued,
            all: EngineView::all(&engines, open),
            found: discovery.map(|discovery| discovery.found()).unwrap_or_default(),
            chosen: discovery.is_some_and(|discovery| discovery.has_chosen()),
            looks_at: demo.map(|discovery| discovery.addresses().join(" and ")).filter(|places| !places.is_empty()),
        })
    }

    pub fn is_busy(&self) -> bool {
        self.state == "busy"
    }
}

fn name(engines: &[Engine]) -> String {
    match engines {
        [] => "not connected".to_owned(),
        [engine] => engine.name.clone(),
        _ => {
            let ready = engines.iter().filter(|engine| engine.reachable == Some(true)).count();
            match engines.len() {
                all if all == ready => format!("{all} engines"),
                all => format!("{ready} of {all} engines"),
            }
        }
    }
}

fn state(engines: &[Engine], running: usize, waiting: usize) -> (&'static str, &'static str) {
    let away = !engines.is_empty() && engines.iter().all(|engine| engine.reachable == Some(false));
    let stuck = |engine: &Engine| engine.reachable == Some(false) || engine.is_paused();
    match (running, waiting) {
        _ if away => ("bad", "Not reachable"),
        _ if engines.is_empty() => ("bad", "No engine"),
        _ if engines.iter().all(stuck) => ("bad", "Paused"),
        (0, 0) => ("", "Ready"),
        (0, _) => ("busy", "Waiting"),
        _ => ("busy", "Working"),
    }
}

impl EngineView {
    /// An engine is heard of every few seconds, and some count no work of their own: its job says at once that it works.
    /// Names need not differ, so each running job is one engine's alone.
    pub fn all(engines: &[Engine], open: &[Job]) -> Vec<Self> {
        let running = open.iter().filter(|job| job.state == State::Running);
        let mut names: Vec<_> = running.filter_map(|job| job.engine.as_deref()).collect();
        let view = |engine: &Engine| {
            let at = names.iter().position(|name| *name == engine.name);
            if let Some(at) = at {
                names.swap_remove(at);
            }
            Self::new(engine, at.is_some())
        };
        engines.iter().map(view).collect()
    }

    fn new(engine: &Engine, has_job: bool) -> Self {
        let about =
            [Some(&engine.kind).filter(|kind| **kind != engine.name), engine.version.as_ref(), engine.device.as_ref()];
        let said = [&engine.problem, &engine.hint].into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
        let (state, words) = match engine.reachable {
            None => ("", "Starting".to_owned()),
            Some(true) if engine.is_paused() => ("bad", "Paused".to_owned()),
            Some(true) if has_job || engine.running > 0 => ("busy", "Working".to_owned()),
            Some(true) => ("good", "Ready".to_owned()),
            Some(false) => ("bad", format!("Not reachable {}", since(engine))),
        };
        Self {
            name: engine.name.clone(),
            about: about.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" · "),
            url: engine.url.clone().unwrap_or_default(),
            state,
            words,
            facts: facts(engine, has_job),
            problem: (!said.is_empty()).then(|| said.join(". ")),
        }
    }
}

fn since(engine: &Engine) -> String {
    match (Utc::now() - engine.since).num_minutes() {
        ..1 => "just now".to_owned(),
        minutes @ 1..120 => format!("for {minutes} min"),
        minutes => format!("for {} h", minutes / 60),
    }
}

fn facts(engine: &Engine, has_job: bool) -> Vec<String> {
    let mut facts = Vec::new();
    if !engine.uses_models {
        facts.push("Draws placeholder landscapes. Your models are not used.".to_owned());
        return facts;
    }
    facts.extend(engine.limits.clone());
    if engine.lists_models && engine.reachable == Some(true) {
        facts.push(format!("{} running, {} queued", engine.running.max(has_job.into()), engine.waiting));
        facts.push(format!("{} of your models available", engine.models));
    }
    facts.extend(engine.loaded_name.as_ref().map(|name| format!("Loaded: {name}")));
    facts
}
