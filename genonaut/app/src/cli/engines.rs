//! `genonaut engines`: what makes images just now, in all processes that work on this queue.

use chrono::Utc;
use clap::Args;
use genonaut_db::engines::{self, Engine};

use super::output::{json, plain, say};
use crate::config::Place;

/// Columns of the table.
const HEAD: [&str; 7] = ["NAME", "KIND", "STATE", "LOAD", "MODELS", "LOADED", "ADDRESS"];

#[derive(Debug, Args)]
pub struct Engines {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(place: &Place, asked: &Engines) -> anyhow::Result<()> {
    let server = place.server().await?;
    let done = tell(&server, asked).await;
    server.stop().await?;
    done
}

async fn tell(server: &genonaut_db::server::Server, asked: &Engines) -> anyhow::Result<()> {
    let db = genonaut_db::connect(server.options()).await?;
    super::ensure_current(server, &db).await?;
    let engines = engines::list(&db).await?;
    db.close().await;
    if asked.json {
        return json(&engines);
    }
    if engines.is_empty() {
        return say("no engines running; start one with `genonaut serve` or `genonaut worker`".to_owned());
    }
    say(table(&engines))
}

fn table(engines: &[Engine]) -> String {
    let head = HEAD.map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(head).chain(engines.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 7] = std::array::from_fn(width);
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{:width$}", plain(cell)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    for engine in engines {
        let said = [&engine.problem, &engine.hint].into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
        if !said.is_empty() {
            lines.push(plain(&format!("{}: {}", engine.name, said.join(". "))));
        }
    }
    lines.join("\n")
}

fn row(engine: &Engine) -> [String; 7] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let models = if engine.lists_models { engine.models.to_string() } else { "any".to_owned() };
    [
        engine.name.clone(),
        [Some(engine.kind.clone()), engine.version.clone()].into_iter().flatten().collect::<Vec<_>>().join(" "),
        state(engine),
        format!("{} running, {} waiting", engine.running, engine.waiting),
        models,
        or_dash(engine.loaded_name.clone()),
        or_dash(engine.url.clone()),
    ]
}

fn state(engine: &Engine) -> String {
    let minutes = (Utc::now() - engine.since).num_minutes();
    let word = match engine.reachable {
        Some(true) if engine.is_paused() => "paused",
        Some(true) => "ready",
        Some(false) => "not reachable",
        None => return "starting".to_owned(),
    };
    match minutes {
        ..1 => format!("{word}, just now"),
        minutes => format!("{word} for {minutes} min"),
    }
}
