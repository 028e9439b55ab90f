//! Whether the database answers. A process that serves asks four times a second through a connection of its own, so that
//! a request fails at once while the database is away, and names it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::capital::capital;
use crate::disk;

/// Below this nothing can be written: a database needs a file of its log, 16 MiB.
const LEAST_ROOM: u64 = 16 << 20;

/// Clones share what is known.
#[derive(Debug, Clone)]
pub struct Availability {
    state: Arc<watch::Sender<State>>,
    database: Arc<str>,
    /// Where a private database keeps its files.
    folder: Option<Arc<Path>>,
}

#[derive(Debug, Clone)]
struct State {
    /// Why it is away, in a sentence.
    outage: Option<Arc<str>>,
    /// Connections that are older lead nowhere.
    since: Instant,
}

impl Availability {
    /// A database that is taken to be there until somebody reports otherwise.
    pub fn new(database: &str, folder: Option<&Path>) -> Self {
        let state = State { outage: None, since: Instant::now() };
        Self { state: Arc::new(watch::Sender::new(state)), database: database.into(), folder: folder.map(Into::into) }
    }

    /// Which database it is, for people.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Why it is away; `None` while it answers.
    pub fn outage(&self) -> Option<Arc<str>> {
        self.state.borrow().outage.clone()
    }

    /// Waits until it is away.
    pub async fn away(&self) -> Arc<str> {
        let mut state = self.state.subscribe();
        match state.wait_for(|state| state.outage.is_some()).await.map(|state| state.outage.clone()) {
            Ok(Some(outage)) => outage,
            _ => std::future::pending().await,
        }
    }

    /// Waits until this is not how it is any more; how it is now.
    pub async fn otherwise(&self, outage: Option<&str>) -> Option<Arc<str>> {
        let mut state = self.state.subscribe();
        match state.wait_for(|state| state.outage.as_deref() != outage).await.map(|state| state.outage.clone()) {
            Ok(outage) => outage,
            Err(_) => std::future::pending().await,
        }
    }

    /// The sentence for a failure that nobody has looked into yet.
    pub fn unanswered(&self) -> String {
        self.outage().map_or_else(|| self.sentence(), |outage| outage.to_string())
    }

    /// The sentence for a write that found no room.
    pub fn no_room(&self) -> String {
        let place = self.folder.as_deref().map_or_else(String::new, |folder| format!(" ({})", disk::describe(folder)));
        format!("The disk of {}{place} is full. Nothing was changed; make room there and try again.", self.database)
    }

    pub(crate) fn is_there(&self) {
        self.state.send_if_modified(|state| {
            let was_away = state.outage.take().is_some();
            if was_away {
                state.since = Instant::now();
            }
            was_away
        });
    }

    /// Returns whether that is news.
    pub(crate) fn is_away(&self) -> bool {
        let outage: Arc<str> = self.sentence().into();
        self.state.send_if_modified(|state| state.outage.replace(outage.clone()) != Some(outage))
    }

    /// Whether a connection of that age was made after the last outage.
    pub(crate) fn is_fresh(&self, age: Duration) -> bool {
        age <= self.state.borrow().since.elapsed()
    }

    fn sentence(&self) -> String {
        let full = self.folder.as_deref().filter(|folder| disk::free(folder).is_some_and(|free| free < LEAST_ROOM));
        match (full, &self.folder) {
            (Some(folder), _) => format!(
                "The disk of {} ({}) is full. Make room there; it starts again by itself.",
                self.database,
                disk::describe(folder)
            ),
            (None, Some(_)) => format!("{} does not run. It is being started again.", capital(&self.database)),
            (None, None) => {
                format!("{} does not respond. Requests work again as soon as it does.", capital(&self.database))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_outage_names_the_database_and_ends() {
        let database = Availability::new("the database a at b:1", None);
        assert_eq!(database.outage(), None);
        assert!(database.is_away() && !database.is_away(), "only the first report is news");
        let outage = database.away().await;
        assert!(outage.starts_with("The database a at b:1 does not respond."), "{outage}");
        std::thread::sleep(Duration::from_millis(2));
        database.is_there();
        assert_eq!(database.outage(), None);
        assert!(database.is_fresh(Duration::ZERO) && !database.is_fresh(Duration::from_secs(1)));
    }
}
