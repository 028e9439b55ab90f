//! What the page shows: engines, what was found, what was typed.

use genonaut_db::accounts::Viewer;
use genonaut_db::{engines, jobs};

use super::built_in::BuiltIn;
use crate::app::App;
use crate::discovery::{Found, Refusal, SetEngine};
use crate::web::stage::EngineView;

pub struct Start {
    /// Nothing of the engines can be changed here: they are set on the command line, or by others.
    pub fixed: bool,
    /// It is the command line.
    pub by_flags: bool,
    /// Those that work, where they are fixed.
    pub running: Vec<EngineView>,
    /// Those that a person has set.
    pub set: Vec<SetEngine>,
    pub found: Vec<Found>,
    pub looks_at: String,
    pub built_in: BuiltIn,
    pub typed: Typed,
    /// What is wrong with what was typed.
    pub refused: Option<Refusal>,
    /// What is wrong elsewhere.
    pub notice: Option<String>,
}

/// What was typed into the form; never a secret.
#[derive(Debug, Default)]
pub struct Typed {
    pub url: String,
    pub name: String,
    pub header: String,
    /// The part for tokens and headers is open.
    pub opens: bool,
}

const FIELDS: [&str; 5] = ["url", "name", "token", "header", "value"];

impl Start {
    pub async fn load(app: &App, viewer: Viewer) -> anyhow::Result<Self> {
        let discovery = app.discovery.as_ref().filter(|_| viewer.administers());
        let set = discovery.map(|discovery| discovery.set()).unwrap_or_default();
        let all = engines::list(&app.db).await?;
        let running = match discovery {
            None => EngineView::all(&all, &jobs::open(&app.db, Viewer::EVERYTHING).await?),
            Some(_) => Vec::new(),
        };
        let is_set = set.iter().any(|engine| engine.built_in);
        Ok(Self {
            fixed: discovery.is_none(),
            by_flags: app.discovery.is_none(),
            running,
            found: discovery.map(|discovery| discovery.found()).unwrap_or_default(),
            looks_at: discovery.map(|discovery| discovery.addresses().join(" and ")).unwrap_or_default(),
            built_in: BuiltIn::load(&app.db, &all, is_set).await?,
            set,
            typed: Typed::default(),
            refused: None,
            notice: None,
        })
    }

    /// At its field where the form has one.
    pub fn refuse(&mut self, typed: Typed, refusal: Refusal) {
        self.typed = typed;
        match FIELDS.contains(&refusal.field) {
            true => self.refused = Some(refusal),
            false => self.notice = Some(refusal.text),
        }
    }
}
