//! `/events`: tells open pages how far jobs are, as server-sent events. One stream a tab, ten messages a second.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use genonaut_db::jobs::{self, Change};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use super::stage::JobView;
use crate::app::App;

/// Changes that come within this are one message.
const PAUSE: Duration = Duration::from_millis(100);

pub async fn stream(State(app): State<App>) -> impl IntoResponse {
    Sse::new(changes(app)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

struct Listening {
    app: App,
    told: Receiver<Change>,
    stop: watch::Receiver<bool>,
}

fn changes(app: App) -> impl Stream<Item = Result<Event, Infallible>> {
    let (told, stop) = (app.told.subscribe(), app.stop.clone());
    stream::unfold(Listening { app, told, stop }, async |mut listening| {
        let event = listening.next().await?;
        Some((Ok(event), listening))
    })
}

impl Listening {
    /// `None` when the server stops, which must not wait for us.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let change = tokio::select! {
                change = latest(&mut self.told) => change?,
                _ = self.stop.wait_for(|stop| *stop) => return None,
            };
            // A page that hears nothing of this change hears of the next one.
            if let Ok(Some(job)) = jobs::find(&self.app.db, change.job).await {
                return Event::default().event("job").json_data(JobView::from(&job)).ok();
            }
        }
    }
}

/// The last of all changes that come within a moment, so that a busy queue does not flood the page.
async fn latest(told: &mut Receiver<Change>) -> Option<Change> {
    let mut change = loop {
        match told.recv().await {
            Ok(change) => break change,
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return None,
        }
    };
    tokio::time::sleep(PAUSE).await;
    while let Ok(newer) = told.try_recv() {
        change = newer;
    }
    Some(change)
}
