//! `genonaut worker`: engines without pages, in a process of their own, here or on another machine. The queue is all that
//! they share with the server.

use std::time::Duration;

use anyhow::ensure;
use clap::Args;
use genonaut_db::server::Server;
use tokio::sync::{broadcast, watch};

use super::ending::end;
use super::output::say;
use crate::config::{Making, Place};
use crate::fleet::Fleet;
use crate::{news, serve};

/// More changes than this are forgotten; the next one tells the same.
const CHANGES: usize = 256;

const EXAMPLES: &str = "Examples:
  genonaut worker --engine comfyui=http://127.0.0.1:8188
  DATABASE_URL=postgres://me@db/models genonaut worker --engine big=comfyui=http://gpu:8188 --images s3://images

Workers on other machines need the same database (DATABASE_URL) and the same image store (--images).";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Worker {
    #[command(flatten)]
    making: Making,
}

pub async fn run(place: &Place, asked: &Worker) -> anyhow::Result<()> {
    let server = place.server().await?;
    let done = work(&server, place, &asked.making).await;
    server.stop().await?;
    done
}

async fn work(server: &Server, place: &Place, making: &Making) -> anyhow::Result<()> {
    let engines = making.engines.named()?;
    ensure!(!engines.is_empty(), "no engine given; set one, e.g. --engine comfyui=http://127.0.0.1:8188");
    let pictures = making.pictures(place)?;
    let (ended, watching) = watch::channel(false);
    let (database, watched) = server.watch(watching);
    let db = genonaut_db::connect_watched(server.options(), &database).await?;
    super::ensure_current(server, &db).await?;
    let signals = serve::Signals::catch()?;
    let told = broadcast::channel(CHANGES).0;
    let library = broadcast::channel(CHANGES).0;
    tokio::spawn(news::listen(db.clone(), told.clone()));
    tokio::spawn(news::listen(db.clone(), library.clone()));
    for engine in &engines {
        say(format!("working with {}", engine.name))?;
    }
    let fleet = Fleet::new(db.clone(), pictures, told, library, Duration::from_secs(making.lease));
    fleet.put(engines).await;
    signals.wait().await;
    // A job in work goes back into the queue.
    end(&db, &database, fleet.end()).await;
    ended.send_replace(true);
    watched.await?;
    Ok(())
}
