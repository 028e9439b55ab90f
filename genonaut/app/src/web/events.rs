//! `/events`: tells open pages how far jobs, scans and hashing are and that models or engines changed, as server-sent
//! events. One stream a tab, ten messages a second.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream, StreamExt};
use genonaut_db::accounts::Viewer;
use genonaut_db::{engines, jobs, library, scans};
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::imports::{HashingView, ScanView};
use super::stage::JobView;
use crate::app::App;
use crate::serve::Admission;

/// At least between two messages: changes that come meanwhile are one. The end of a job does not wait.
const PAUSE: Duration = Duration::from_millis(100);
/// At least between two messages of how far the hashing is.
const HASHING: Duration = Duration::from_millis(500);

pub async fn stream(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Extension(admission): Extension<Admission>,
) -> impl IntoResponse {
    // The browser asks again and is refused then.
    let events = changes(app, viewer).take_until(async move { admission.over().await });
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

struct Listening {
    jobs: Receiver<jobs::Change>,
    library: Receiver<scans::Change>,
    engines: Receiver<engines::Change>,
    stop: watch::Receiver<bool>,
    app: App,
    /// Whose jobs the page hears of.
    viewer: Viewer,
    owes_hashing: bool,
    hashing_again: Instant,
    /// How far the hashing was when it was told last.
    hashing: String,
    again: Instant,
    /// Why the database was away when that was told last.
    outage: Option<Arc<str>>,
}

/// What is still to be told.
#[derive(Default)]
struct Heard {
    /// The last one, so that a busy queue does not flood the page.
    job: Option<Uuid>,
    /// Some job is over.
    over: bool,
    scans: Vec<Uuid>,
    models: bool,
    engines: bool,
    hashing: bool,
    /// The database is away, or back.
    database: bool,
}

fn changes(app: App, viewer: Viewer) -> impl Stream<Item = Result<Event, Infallible>> {
    let (jobs, library, engines) = (app.told.subscribe(), app.news.subscribe(), app.engines.subscribe());
    let stop = app.stop.clone();
    let again = Instant::now();
    let (owes_hashing, hashing) = (false, String::new());
    let listening = Listening {
        jobs,
        library,
        engines,
        stop,
        app,
        viewer,
        owes_hashing,
        hashing_again: again,
        hashing,
        again,
        outage: None,
    };
    let heard = stream::unfold(listening, async |mut listening| {
        let events = listening.next().await?;
        Some((events, listening))
    });
    heard.flat_map(stream::iter).map(Ok)
}

impl Listening {
    /// All that has come since the last message; `None` when the server stops, which must not wait for us.
    async fn next(&mut self) -> Option<Vec<Event>> {
        let mut heard = Heard::default();
        loop {
            self.owes_hashing |= std::mem::take(&mut heard.hashing);
            let due = heard.over || Instant::now() >= self.again;
            if heard.anything() && due {
                break;
            }
            tokio::select! {
                change = told(&mut self.jobs) => heard.job(self.viewer, change?),
                change = told(&mut self.library) => heard.library(change?),
                change = told(&mut self.engines) => heard.engines = change.map(|_| true)?,
                outage = self.app.database.otherwise(self.outage.as_deref()) => {
                    (heard.database, self.outage) = (true, outage);
                }
                () = sleep_until(self.again), if heard.anything() => {}
                () = sleep_until(self.hashing_again), if self.owes_hashing && !heard.anything() => break,
                _ = self.stop.wait_for(|stop| *stop) => return None,
            }
        }
        self.take_what_is_there(&mut heard);
        self.again = Instant::now() + PAUSE;
        let hashing = if self.tells_hashing(heard.hashing) { self.hashing().await } else { None };
        Some(heard.events(&self.app, self.viewer).await.into_iter().chain(hashing).collect())
    }

    /// Nothing when it is as it was told: a change may be heard of after what it came to has been read.
    async fn hashing(&mut self) -> Option<Event> {
        let now = HashingView::from(library::hashing(&self.app.db).await.ok()?);
        let now = serde_json::to_string(&now).ok().filter(|now| *now != self.hashing)?;
        self.hashing.clone_from(&now);
        Some(Event::default().event("hashing").data(now))
    }

    fn take_what_is_there(&mut self, heard: &mut Heard) {
        while let Ok(change) = self.jobs.try_recv() {
            heard.job(self.viewer, Some(change));
        }
        while let Ok(change) = self.library.try_recv() {
            heard.library(Some(change));
        }
        while self.engines.try_recv().is_ok() {
            heard.engines = true;
        }
    }

    /// Several processes may hash at once; a page hears of all of them together.
    fn tells_hashing(&mut self, heard: bool) -> bool {
        self.owes_hashing |= heard;
        let tells = self.owes_hashing && Instant::now() >= self.hashing_again;
        if tells {
            (self.owes_hashing, self.hashing_again) = (false, Instant::now() + HASHING);
        }
        tells
    }
}

impl Heard {
    fn anything(&self) -> bool {
        self.job.is_some() || !self.scans.is_empty() || self.models || self.engines || self.database
    }

    /// Changes of other people's jobs are none.
    fn job(&mut self, viewer: Viewer, change: Option<jobs::Change>) {
        let change = change.filter(|change| viewer.sees(change.owner));
        self.over |= change.is_some_and(|change| change.over);
        self.job = change.map(|change| change.job).or(self.job);
    }

    /// Whoever missed something takes it that models changed: to look again is never wrong.
    fn library(&mut self, change: Option<scans::Change>) {
        match change {
            Some(scans::Change::Scan(id)) if self.scans.contains(&id) => {}
            Some(scans::Change::Scan(id)) => self.scans.push(id),
            Some(scans::Change::Hashing | scans::Change::Later) => self.hashing = true,
            Some(scans::Change::Models) | None => self.models = true,
        }
    }

    /// A page that hears nothing of this change, because the database did not answer, hears of the next one.
    async fn events(self, app: &App, viewer: Viewer) -> Vec<Event> {
        let mut events = Vec::new();
        if self.database {
            let away = app.database.outage();
            events.extend(Event::default().event("database").json_data(json!({"away": away.as_deref()})).ok());
            if away.is_some() {
                return events;
            }
        }
        if let Some(id) = self.job
            && let Ok(Some(job)) = jobs::find(&app.db, viewer, id).await
        {
            events.extend(Event::default().event("job").json_data(JobView::from(&job)).ok());
        }
        for id in self.scans {
            if let Ok(Some(scan)) = scans::find(&app.db, id).await {
                events.extend(Event::default().event("scan").json_data(ScanView::from(scan)).ok());
            }
        }
        events.extend(self.engines.then(|| Event::default().event("engines").data("changed")));
        events.extend(self.models.then(|| Event::default().event("models").data("changed")));
        events
    }
}

/// `Some(None)` when something was missed, `None` at the end. Nothing is lost when this is not waited for.
async fn told<T: Clone>(from: &mut Receiver<T>) -> Option<Option<T>> {
    match from.recv().await {
        Ok(change) => Some(Some(change)),
        Err(RecvError::Lagged(_)) => Some(None),
        Err(RecvError::Closed) => None,
    }
}
