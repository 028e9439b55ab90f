//! `genonaut models scan|roots|list|show|export`

use clap::{Args, Subcommand, ValueEnum};
use genonaut_db::PgPool;
use genonaut_db::architecture::{self, Grade, Target};
use genonaut_db::checkpoint::{self, Checkpoint};
use genonaut_db::lora::{self, Lora};
use genonaut_db::page::{PageRequest, Sort};
use genonaut_db::server::Server;
use genonaut_sources::setting_limits::RATING;
use serde_json::{Value, json};

use super::output::{json, plain, say};
use crate::config::Place;

#[derive(Debug, Subcommand)]
pub enum Models {
    Scan(super::scan::Scan),
    Roots(super::roots::Roots),
    /// List models, best rated first.
    List(List),
    /// Show all details of a model.
    Show {
        /// Name, filename, path or ID.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    Export(super::export::Export),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Checkpoint,
    Lora,
    All,
}

const EXAMPLES: &str = "Examples:
  genonaut models list lora -q detail --min-rating 0.8
  genonaut models list lora --base 'SD 1.5' --tag realistic --tag portrait
  genonaut models list lora --checkpoint realisticVisionV51 --fit optimal,compatible
  genonaut models list --json | jq -r '.loras[].path'";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct List {
    #[arg(value_enum, default_value_t = Kind::All)]
    kind: Kind,
    /// Search terms.
    #[arg(short, long)]
    query: Option<String>,
    /// Architecture, in any spelling. May be repeated.
    #[arg(long, value_name = "ARCHITECTURE")]
    base: Vec<String>,
    /// Required tag. May be repeated.
    #[arg(long)]
    tag: Vec<String>,
    /// Minimum rating, from 0 to 1.
    #[arg(long, value_name = "RATING", value_parser = from_0_to_1)]
    min_rating: Option<f64>,
    /// Sort order: rating, best, used, name, newest or updated.
    #[arg(long, default_value_t = Sort::Rating)]
    sort: Sort,
    /// Number of models of each kind, at most 200.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    /// Show how LoRAs fit this checkpoint.
    #[arg(long, value_name = "NAME")]
    checkpoint: Option<String>,
    /// Only LoRAs with one of these fits: optimal, compatible, partial, unknown, incompatible.
    #[arg(long, requires = "checkpoint", value_delimiter = ',')]
    fit: Vec<Grade>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(place: &Place, command: &Models) -> anyhow::Result<()> {
    let server = place.server().await?;
    let db = genonaut_db::connect(server.options()).await?;
    let done = look(&server, &db, command).await;
    db.close().await;
    server.stop().await?;
    done
}

async fn look(server: &Server, db: &PgPool, command: &Models) -> anyhow::Result<()> {
    super::ensure_current(server, db).await?;
    match command {
        Models::Scan(request) => super::scan::run(db, request).await,
        Models::Roots(request) => super::roots::run(db, request).await,
        Models::List(request) => list(db, request).await,
        Models::Show { name, json } => show(db, name, *json).await,
        Models::Export(request) => super::export::run(db, request).await,
    }
}

async fn list(db: &PgPool, request: &List) -> anyhow::Result<()> {
    let page = PageRequest { sort: request.sort, limit: request.limit, ..PageRequest::default() };
    let target = match &request.checkpoint {
        Some(name) => {
            let found = checkpoint::find_by_name(db, name).await?;
            Some(found.ok_or_else(|| anyhow::anyhow!("no checkpoint named {name:?}"))?.target())
        }
        None => None,
    };
    let checkpoints = match request.kind {
        Kind::Lora => Vec::new(),
        _ => checkpoint::list(db, &request.checkpoints(), &page).await?.items,
    };
    let loras = match request.kind {
        Kind::Checkpoint => Vec::new(),
        _ => lora::list(db, &request.loras(target.as_ref()), &page).await?.items,
    };
    if request.json {
        let loras: Vec<Value> = loras.iter().map(|lora| judged(lora, target.as_ref())).collect::<Result<_, _>>()?;
        return json(&json!({ "checkpoints": checkpoints, "loras": loras }));
    }
    say(format!("{:<10}  {:>6}  {:<14}  {:<40}  FIT", "KIND", "RATING", "BASE", "NAME"))?;
    for checkpoint in &checkpoints {
        print_checkpoint(checkpoint)?;
    }
    loras.iter().try_for_each(|lora| print_lora(lora, target.as_ref()))
}

impl List {
    fn checkpoints(&self) -> checkpoint::Filter {
        checkpoint::Filter {
            q: self.query.clone(),
            architecture: self.base.clone(),
            tags_all: self.tag.clone(),
            min_rating: self.min_rating,
            ..checkpoint::Filter::default()
        }
    }

    fn loras(&self, target: Option<&Target>) -> lora::Filter {
        let fit = target.map(|target| lora::FitFilter { checkpoint: target.clone(), grades: self.fit.clone() });
        lora::Filter {
            q: self.query.clone(),
            architecture: self.base.clone(),
            tags_all: self.tag.clone(),
            min_rating: self.min_rating,
            fit,
            ..lora::Filter::default()
        }
    }
}

fn judged(lora: &Lora, target: Option<&Target>) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(lora)?;
    if let Some(target) = target {
        let fit = lora.fit(target);
        value["fit"] = json!(fit.grade);
        value["fit_reason"] = json!(fit.reason);
    }
    Ok(value)
}

fn from_0_to_1(text: &str) -> Result<f64, String> {
    RATING.number(text).map_err(|_| RATING.rule())
}

fn rating(rating: Option<f64>) -> String {
    rating.map_or_else(|| "–".to_owned(), |rating| format!("{rating:.2}"))
}

fn print_checkpoint(checkpoint: &Checkpoint) -> anyhow::Result<()> {
    let base = checkpoint.base.as_deref().map_or("?", architecture::label);
    let (rating, name) = (rating(checkpoint.rating), plain(checkpoint.label()));
    say(format!("{:<10}  {rating:>6}  {base:<14}  {name:<40}", "checkpoint").trim_end())
}

fn print_lora(lora: &Lora, target: Option<&Target>) -> anyhow::Result<()> {
    let bases: Vec<_> = lora.bases.iter().map(|base| architecture::label(base)).collect();
    let base = if bases.is_empty() { "?".to_owned() } else { bases.join(", ") };
    let fit = target.map(|target| lora.fit(target)).map(|fit| format!("{}: {}", fit.grade, plain(&fit.reason)));
    let (rating, name) = (rating(lora.rating), plain(lora.label()));
    say(format!("{:<10}  {rating:>6}  {base:<14}  {name:<40}  {}", "lora", fit.unwrap_or_default()).trim_end())
}

async fn show(db: &PgPool, name: &str, as_json: bool) -> anyhow::Result<()> {
    let mut found = Vec::new();
    if let Some(checkpoint) = checkpoint::find_by_name(db, name).await? {
        found.push(("checkpoint", serde_json::to_value(checkpoint)?));
    }
    if let Some(lora) = lora::find_by_name(db, name).await? {
        found.push(("lora", serde_json::to_value(lora)?));
    }
    anyhow::ensure!(!found.is_empty(), "no model named {name:?}; search with `genonaut models list -q WORD`");
    for (kind, mut model) in found {
        model["kind"] = json!(kind);
        if as_json { json(&model)? } else { print_fields(&model)? }
    }
    Ok(())
}

fn print_fields(model: &Value) -> anyhow::Result<()> {
    for (name, value) in model.as_object().into_iter().flatten() {
        let shown = match value {
            Value::Null => continue,
            Value::String(text) => plain(text),
            Value::Array(words) => words.iter().filter_map(Value::as_str).map(plain).collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        };
        say(format!("{name:<26}{shown}"))?;
    }
    Ok(())
}
