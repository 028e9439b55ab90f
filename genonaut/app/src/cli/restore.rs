//! `genonaut restore`

use std::path::PathBuf;

use clap::Args;
use genonaut_db::server::Server;

use super::backup::{Bar, Kept};
use super::output::{complain, say};
use crate::backup::{self, Restored};
use crate::config::Place;

const EXAMPLES: &str = "Examples:
  genonaut restore ~/genonaut-2026-11-30.tar --data /new/data
  genonaut restore ~/genonaut-2026-11-30.tar --replace      keep what is there under other names
  DATABASE_URL=postgres://me@db/models genonaut restore ~/genonaut-2026-11-30.tar";

/// Restore what `genonaut backup` wrote.
///
/// Every checksum is verified before anything is changed, and either all of it is restored or nothing. End all servers
/// and workers first.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Restore {
    /// File to read.
    file: PathBuf,
    /// Restore although there is something already; the old database and folders are kept under names with the date.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    kept: Kept,
}

pub async fn run(place: &Place, command: &Restore) -> anyhow::Result<()> {
    let server = place.server().await?;
    let waiting = tokio::spawn(interrupted());
    let done = restore(place, &server, command).await;
    waiting.abort();
    server.stop().await?;
    done
}

async fn restore(place: &Place, server: &Server, command: &Restore) -> anyhow::Result<()> {
    let bar = Bar::new();
    let places = command.kept.places(place)?;
    let restored = backup::restore(server, &places, &command.file, command.replace, &bar).await;
    bar.0.finish_and_clear();
    let Restored { rows, files, aside } = restored?;
    say(format!("restored {rows} rows and {files} files"))?;
    for kept in &aside {
        say(format!("kept aside: {kept}"))?;
    }
    Ok(())
}

/// Ctrl+C reaches pg_restore too, whose end undoes everything; ours alone would leave things half done.
async fn interrupted() {
    while tokio::signal::ctrl_c().await.is_ok() {
        complain("genonaut: a restore ends with all of it or with nothing; please wait");
    }
}
