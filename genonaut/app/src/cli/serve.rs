//! `genonaut serve`

use std::time::Duration;

use genonaut_db::server::Server;
use genonaut_db::{PgPool, schema};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

use super::output::say;
use crate::app::App;
use crate::config::{Library, Listen, Place};
use crate::pictures::Pictures;
use crate::worker::{self, Told, Worker};
use crate::{hashing, news, serve, watching};

/// More changes than this are forgotten by who does not listen for a moment; the next one tells the same.
const CHANGES: usize = 256;

pub async fn run(place: &Place, listen: &Listen) -> anyhow::Result<()> {
    let guard = serve::Guard::new(listen)?;
    let server = place.server().await?;
    let done = match listen.making.pictures(place) {
        Ok(pictures) => serve_from(&server, listen, guard, pictures).await,
        Err(error) => Err(error),
    };
    server.stop().await?;
    done
}

async fn serve_from(server: &Server, listen: &Listen, guard: serve::Guard, pictures: Pictures) -> anyhow::Result<()> {
    let engine = listen.making.engine()?;
    let db = genonaut_db::connect(server.options()).await?;
    if server.is_private() || listen.migrate {
        schema::migrate(&db).await?;
    }
    anyhow::ensure!(
        schema::is_current(&db).await?,
        "the database is not current; run `genonaut db migrate`, or serve with --migrate"
    );
    let guard = guard.with_accounts(db.clone(), listen).await?;
    let signals = serve::Signals::catch()?;
    let listener = serve::bind(listen).await?;
    let address = listener.local_addr()?;
    say(format!("listening on http://{address}"))?;
    let told = broadcast::channel(CHANGES).0;
    let (stop, stopped) = watch::channel(false);
    let app = App {
        db: db.clone(),
        pictures: pictures.clone(),
        told: told.clone(),
        news: broadcast::channel(CHANGES).0,
        stop: stopped.clone(),
        engine: engine.name(),
        limits: engine.limits(),
    };
    tokio::spawn(news::listen(db.clone(), app.news.clone()));
    let library = follow_library(&db, &listen.library, &stopped);
    let working =
        start(Worker::new(db.clone(), pictures, engine, Duration::from_secs(listen.making.lease)), told, stopped);
    let served = serve::until_signal(signals, listener, serve::router(app, guard.at(address)), &stop).await;
    // A job in work goes back into the queue.
    stop.send_replace(true);
    working.await?;
    for following in library {
        following.await?;
    }
    // Connections in use are waited for: what they do is finished or rolled back.
    db.close().await;
    served
}

/// Watches the folders of models, and hashes what is in them.
fn follow_library(db: &PgPool, library: &Library, stopped: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
    let mut following = Vec::new();
    if library.rescan > 0 {
        let interval = Duration::from_secs(library.rescan.saturating_mul(60));
        following.push(tokio::spawn(watching::work(db.clone(), interval, stopped.clone())));
    }
    if !library.no_hash {
        following.push(tokio::spawn(hashing::work(db.clone(), stopped.clone())));
    }
    following
}

fn start(worker: Worker, told: Told, stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    let db: PgPool = worker.db.clone();
    tokio::spawn(news::listen(db, told.clone()));
    tokio::spawn(async move {
        if let Err(error) = worker::empty_bin(&worker.db, &worker.pictures).await {
            tracing::warn!("empty the bin: {error:#}");
        }
        worker.work(told, stopped).await;
    })
}
