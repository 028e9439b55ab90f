//! What every handler gets.

use genonaut_db::{Availability, PgPool, engines, scans};
use tokio::sync::{broadcast, watch};

use crate::discovery::Discovery;
use crate::pictures::Pictures;
use crate::uploads::Uploads;
use crate::wildcards::Wildcards;
use crate::worker::Told;

#[derive(Clone)]
pub struct App {
    pub db: PgPool,
    /// Whether it answers.
    pub database: Availability,
    pub pictures: Pictures,
    /// Tables that are looked at before they are imported.
    pub uploads: Uploads,
    /// What prompts may draw from.
    pub wildcards: Wildcards,
    /// Hears of every change of a job.
    pub told: Told,
    /// Hears of every scan, and of changes of models.
    pub news: broadcast::Sender<scans::Change>,
    /// Says when the server stops, to whoever would keep it from stopping.
    pub stop: watch::Receiver<bool>,
    /// Hears that an engine is otherwise than it was, or that one was found.
    pub engines: broadcast::Sender<engines::Change>,
    /// Only where no engine was named on the command line.
    pub discovery: Option<Discovery>,
}
