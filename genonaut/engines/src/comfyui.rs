//! A ComfyUI server, local or remote, as an engine. It is reached by the HTTP and websocket interface that its own
//! page uses; nothing of other people's work in its queue is touched.

mod access;
mod cancel;
mod event;
mod follow;
mod inventory;
mod jobs;
mod models;
mod names;
mod reach;
mod refusal;
mod server;
mod socket;
mod workflow;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use image::ImageReader;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

pub use access::Access;
pub use inventory::{Inventory, Status, System};
pub use names::{Unmatched, find as find_name};

use crate::{Failure, Kind, Picture, Progress, Request};
use cancel::Guard;
use jobs::{Place, Saved};
use models::Models;
use server::Server;
use workflow::{Family, Sources};

/// How long a server may be away in mid-job unless told otherwise: a restart takes about 40 s.
const PATIENCE: Duration = Duration::from_secs(60);

/// What part of that time is left where somebody else can make the image: 5 s.
const HURRY: u32 = 12;
/// Pixels of an image's longer side: twice what can be asked for.
const LONGEST_SIDE: u32 = 8192;
/// How long what a server was heard to have is believed. A name that is not among it is asked for anew, and a file that
/// has gone meanwhile is refused by the server itself.
const BELIEVED: Duration = Duration::from_secs(60);

#[derive(Debug, Clone)]
pub struct ComfyUi {
    server: Server,
    patience: Duration,
    heard: Arc<watch::Sender<Option<Heard>>>,
    hurries: Arc<AtomicBool>,
}

/// What a server said last that it has.
#[derive(Debug, Clone)]
struct Heard {
    at: Instant,
    inventory: Arc<Inventory>,
}

impl ComfyUi {
    /// A server by its address, e.g. `http://127.0.0.1:8188`. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When the address or the header cannot be read.
    pub fn new(url: &str, access: &Access) -> Result<Self, Failure> {
        Ok(Self::at(Server::new(url, access)?))
    }

    /// A server that somebody named on a page. What its name stands for is checked at each connection: it may be any
    /// machine, but no service that only answers this one.
    ///
    /// # Errors
    /// When the address or the header cannot be read, or no engine may be there.
    pub fn named_on_page(url: &str, access: &Access) -> Result<Self, Failure> {
        Ok(Self::at(Server::named_on_page(url, access)?))
    }

    fn at(server: Server) -> Self {
        Self { server, patience: PATIENCE, heard: Arc::default(), hurries: Arc::default() }
    }

    /// How long the server may be away in mid-job before the image is given up.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Whether somebody else can make what is in work: a server that is away in the middle of it is then waited for only
    /// a moment.
    pub fn hurry(&self, hurries: bool) {
        self.hurries.store(hurries, Ordering::Relaxed);
    }

    fn patience(&self) -> Duration {
        if self.hurries.load(Ordering::Relaxed) { self.patience / HURRY } else { self.patience }
    }

    /// The address, without user and password.
    pub fn address(&self) -> &str {
        self.server.address()
    }

    /// Whether there is a workflow for the request's architecture.
    ///
    /// # Errors
    /// When there is none.
    pub fn check(&self, request: &Request) -> Result<(), Failure> {
        Family::of(request).map(drop)
    }

    /// How the server is: its version, its machine, its queue.
    ///
    /// # Errors
    /// When it cannot be reached or does not answer like a ComfyUI.
    pub async fn status(&self) -> Result<Status, Failure> {
        Status::of(&self.server).await
    }

    /// What the server runs, and on what machine: one question that changes nothing there.
    ///
    /// # Errors
    /// When it cannot be reached or does not answer like a ComfyUI.
    pub async fn system(&self) -> Result<System, Failure> {
        System::of(&self.server).await
    }

    /// What the server has: models by category, samplers, its version and memory.
    ///
    /// # Errors
    /// When it cannot be reached or does not answer like a ComfyUI.
    pub async fn inventory(&self) -> Result<Arc<Inventory>, Failure> {
        let inventory = Arc::new(Inventory::of(&self.server).await?);
        self.heard.send_replace(Some(Heard { at: Instant::now(), inventory: inventory.clone() }));
        Ok(inventory)
    }

    /// Makes one image. Dropping the future takes the prompt off the server's queue, or interrupts it.
    ///
    /// # Errors
    /// When no image came of it. All models are looked up before anything is queued.
    pub async fn make(&self, request: &Request, mut tell: impl FnMut(Progress)) -> Result<Picture, Failure> {
        let id = request.attempt.unwrap_or_else(Uuid::new_v4);
        let mut guard = Guard::new(self.server.clone(), id);
        let made = self.saved(request, id, &mut tell).await;
        guard.disarm();
        self.picture(&made?).await
    }

    /// Stops that attempt: off the queue if it waits, interrupted if it is the one that runs. Others go on.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn cancel(&self, attempt: Uuid) -> Result<(), Failure> {
        cancel::stop(&self.server, attempt).await
    }

    async fn saved(&self, request: &Request, id: Uuid, tell: &mut impl FnMut(Progress)) -> Result<Saved, Failure> {
        // Messages go to the client that posted, and only while it listens: so it listens first.
        let socket = self.server.listen(id).await?;
        match self.server.place(id).await? {
            Place::Waiting | Place::Running => {}
            // What failed or was stopped is begun anew: whoever comes back wants an image.
            Place::Over(outcome) => match outcome.saved(request, &self.server) {
                Ok(saved) => return Ok(saved),
                Err(_) => self.submit(request, id).await?,
            },
            Place::Nowhere => self.submit(request, id).await?,
        }
        follow::Follower::new(self, request, id, tell).follow(socket).await
    }

    async fn submit(&self, request: &Request, id: Uuid) -> Result<(), Failure> {
        let family = Family::of(request)?;
        let models = self.models(request, &family).await?;
        let init = match &request.init {
            Some(init) => Some(self.server.upload(init.picture.clone()).await?),
            None => None,
        };
        let graph = workflow::graph(request, &family, &Sources { models: &models, init: init.as_deref(), attempt: id });
        self.server.submit(request, id, graph, self.previews()).await
    }

    /// Newer servers (0.8.0, not 0.3.64) take from each prompt how its previews are made, and make none unless told to. What
    /// somebody has started theirs with stays.
    fn previews(&self) -> Value {
        let chosen = self.heard.borrow().as_ref().is_some_and(|heard| heard.inventory.system.previews);
        if chosen { json!({}) } else { json!({"preview_method": "auto"}) }
    }

    /// Its names of the request's models. Asking for all that it has costs eight questions.
    async fn models(&self, request: &Request, family: &Family) -> Result<Models, Failure> {
        let heard = self.heard.borrow().clone().filter(|heard| heard.at.elapsed() < BELIEVED);
        if let Some(heard) = heard
            && let Ok(models) = Models::on(&heard.inventory, request, family, &self.server)
        {
            return Ok(models);
        }
        Models::on(&*self.inventory().await?, request, family, &self.server)
    }

    async fn picture(&self, saved: &Saved) -> Result<Picture, Failure> {
        let png = self.server.view(saved).await?;
        let reader = ImageReader::new(std::io::Cursor::new(&png)).with_guessed_format();
        let size = reader.map_err(image::ImageError::from).and_then(ImageReader::into_dimensions);
        let (width, height) = size.map_err(|error| self.unreadable(&error))?;
        if width.max(height) > LONGEST_SIDE {
            let hint = format!("It has {width} × {height} pixels. Look at what is installed on that server.");
            return Err(Failure::new(Kind::Unable, format!("The image from {} is too large", self.server), hint));
        }
        Ok(Picture { png, width, height })
    }

    fn unreadable(&self, error: &image::ImageError) -> Failure {
        let title = format!("The image from {} cannot be read", self.server);
        Failure::new(Kind::Lost, title, format!("{error}. Try again."))
    }
}
