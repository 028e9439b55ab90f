//! What every handler gets.

use genonaut_db::{PgPool, scans};
use tokio::sync::{broadcast, watch};

use crate::pictures::Pictures;
use crate::worker::Told;

#[derive(Clone)]
pub struct App {
    pub db: PgPool,
    pub pictures: Pictures,
    /// Hears of every change of a job.
    pub told: Told,
    /// Hears of every scan, and of changes of models.
    pub news: broadcast::Sender<scans::Change>,
    /// Says when the server stops, to whoever would keep it from stopping.
    pub stop: watch::Receiver<bool>,
    /// What makes the images, for people.
    pub engine: &'static str,
    /// And what it cannot do.
    pub limits: Option<&'static str>,
}
