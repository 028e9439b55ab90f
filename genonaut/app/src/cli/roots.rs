//! `genonaut models roots`

use clap::Args;
use genonaut_db::{PgPool, library};
use genonaut_sources::folder::{self, text};
use serde_json::{Value, json};

use super::output::{json, plain, say};
use crate::scan;
use crate::web::HashingView;

/// Manage library folders.
#[derive(Debug, Args)]
pub struct Roots {
    /// Remove a folder from the library. Its models stay in the catalogue, marked as missing.
    #[arg(long, value_name = "PATH")]
    remove: Option<String>,
    /// Pause hashing until `--read-now`.
    #[arg(long, conflicts_with = "remove")]
    read_later: bool,
    /// Resume hashing.
    #[arg(long, conflicts_with_all = ["remove", "read_later"])]
    read_now: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(db: &PgPool, command: &Roots) -> anyhow::Result<()> {
    let roots = library::roots(db).await?;
    if let Some(path) = &command.remove {
        let normal = text::of(&folder::normal(&std::path::absolute(path)?));
        let named = roots.iter().find(|root| root.path == *path || root.path == normal);
        let root =
            named.ok_or_else(|| anyhow::anyhow!("{path} is not a library folder; see `genonaut models roots`"))?;
        scan::forget(db, root.id).await?;
        return say(format!("{} removed from the library", plain(&root.path)));
    }
    if command.read_later || command.read_now {
        library::read_later(db, command.read_later).await?;
    }
    if command.json {
        let roots: Vec<Value> = roots
            .iter()
            .map(|root| json!({"id": root.id, "path": root.path, "origin": root.origin, "away": root.away, "scanned": root.scanned}))
            .collect();
        return json(&roots);
    }
    roots.iter().try_for_each(|root| {
        let state = match (root.away, root.scanned) {
            (true, _) => "unavailable".to_owned(),
            (false, Some(time)) => format!("scanned {}", time.format("%Y-%m-%d %H:%M")),
            (false, None) => "not scanned yet".to_owned(),
        };
        say(format!("{}  ({}, {state})", plain(&root.path), plain(&root.origin)))
    })?;
    hashing(&library::hashing(db).await?.into())
}

/// What is still to be read, if anything is.
fn hashing(now: &HashingView) -> anyhow::Result<()> {
    if !now.is_open() {
        return Ok(());
    }
    let said = [&now.line, &now.pace, &now.path].map(|text| plain(text));
    say(said.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · "))
}
