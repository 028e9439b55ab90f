//! `genonaut serve`

use std::time::Duration;

use anyhow::bail;
use genonaut_db::schema::{self, Standing};
use genonaut_db::server::Server;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

use super::ending::end;
use super::output::say;
use crate::app::App;
use crate::config::{Library, Listen, Place};
use crate::discovery::Discovery;
use crate::fleet::Fleet;
use crate::pictures::Pictures;
use crate::previews::sweep;
use crate::uploads::Uploads;
use crate::wildcards::Wildcards;
use crate::{cleanup, hashing, news, serve, watching};

/// More changes than this are forgotten by who does not listen for a moment; the next one tells the same.
const CHANGES: usize = 256;

pub async fn run(place: &Place, listen: &Listen) -> anyhow::Result<()> {
    let guard = serve::Guard::new(listen)?;
    let server = place.server().await?;
    let done = match listen.making.pictures(place) {
        Ok(pictures) => serve_from(&server, listen, guard, pictures, listen.prompts.wildcards(place)).await,
        Err(error) => Err(error),
    };
    server.stop().await?;
    done
}

async fn serve_from(
    server: &Server,
    listen: &Listen,
    guard: serve::Guard,
    pictures: Pictures,
    wildcards: Wildcards,
) -> anyhow::Result<()> {
    if let Some(newer) = server.newer_version() {
        tracing::info!("PostgreSQL {newer} is installed; `genonaut db upgrade` moves the private database to it");
    }
    let engines = listen.making.engines.named()?;
    let (stop, stopped) = watch::channel(false);
    // Until everything has ended: what is given back at the end needs the database, or has to know that it is away.
    let (ended, watching) = watch::channel(false);
    let (database, watched) = server.watch(watching);
    let db = genonaut_db::connect_watched(server.options(), &database).await?;
    if server.is_private() || listen.migrate {
        schema::migrate(&db).await?;
    }
    match schema::standing(&db).await? {
        Standing::Current => {}
        Standing::Behind => bail!("migrations are pending; run `genonaut db migrate`, or serve with --migrate"),
        standing => bail!(standing.advice().unwrap_or_default()),
    }
    let guard = guard.with_accounts(db.clone(), listen).await?;
    let signals = serve::Signals::catch()?;
    let listener = serve::bind(listen).await?;
    let address = listener.local_addr()?;
    say(format!("listening on http://{address}"))?;
    let told = broadcast::channel(CHANGES).0;
    let library = broadcast::channel(CHANGES).0;
    let lease = Duration::from_secs(listen.making.lease);
    let fleet = Fleet::new(db.clone(), pictures.clone(), told.clone(), library.clone(), lease);
    let looks = engines.is_empty();
    let app = App {
        db: db.clone(),
        database: database.clone(),
        pictures: pictures.clone(),
        uploads: Uploads::default(),
        wildcards,
        told: told.clone(),
        news: library,
        stop: stopped.clone(),
        engines: broadcast::channel(CHANGES).0,
        discovery: looks.then(|| Discovery::new(&listen.look_for, &listen.making.engines, fleet.clone())),
    };
    listen_to_all(&app);
    let mut background = follow_library(&app, &listen.library);
    background.push(tokio::spawn(sweep::work(db.clone(), pictures.clone(), stopped.clone())));
    background.push(tokio::spawn(cleanup::work(db.clone(), pictures, stopped.clone())));
    match &app.discovery {
        Some(discovery) => {
            discovery.begin(&db).await?;
            tokio::spawn(discovery.clone().look(app.engines.clone(), stopped.clone()));
        }
        None => fleet.put(engines).await,
    }
    let served = serve::until_signal(signals, listener, serve::router(app, guard.at(address)), &stop).await;
    // A job in work goes back into the queue.
    stop.send_replace(true);
    let work = async {
        fleet.end().await;
        for task in background {
            if let Err(error) = task.await {
                tracing::error!("a task broke: {error}");
            }
        }
    };
    end(&db, &database, work).await;
    ended.send_replace(true);
    watched.await?;
    served
}

/// Watches the folders of models, and hashes what is in them.
fn follow_library(app: &App, library: &Library) -> Vec<JoinHandle<()>> {
    let mut following = Vec::new();
    if library.rescan > 0 {
        let interval = Duration::from_secs(library.rescan.saturating_mul(60));
        following.push(tokio::spawn(watching::work(app.db.clone(), interval, app.news.subscribe(), app.stop.clone())));
    }
    if !library.no_hash {
        following.push(tokio::spawn(hashing::work(app.db.clone(), app.news.subscribe(), app.stop.clone())));
    }
    following
}

fn listen_to_all(app: &App) {
    tokio::spawn(news::listen(app.db.clone(), app.told.clone()));
    tokio::spawn(news::listen(app.db.clone(), app.news.clone()));
    tokio::spawn(news::listen(app.db.clone(), app.engines.clone()));
}
