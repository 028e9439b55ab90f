//! `genonaut db status|prepare|migrate|upgrade`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use genonaut_db::schema::{self, PrepareRequest, Prepared, Rename};
use genonaut_db::server::{self, Server, Upgraded};

use super::output::{json, say};
use crate::config::Place;

/// Comparing takes a database of its own for a moment.
const NOT_COMPARED: &str = "not compared: the role may not create databases (ALTER ROLE … CREATEDB lets it)";

#[derive(Debug, Subcommand)]
pub enum Db {
    /// Show environment, server, version, migrations, and differences from the declared schema.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Generate the next migration from the difference between the declared models and the existing migrations.
    Prepare(Prepare),
    /// Apply pending migrations.
    Migrate,
    /// Move the private database to the newest PostgreSQL that is installed, when that is a newer major version.
    Upgrade,
}

#[derive(Debug, Args)]
pub struct Prepare {
    /// Folder of the migrations.
    #[arg(long, value_name = "DIR", default_value = "genonaut/db/migrations")]
    folder: PathBuf,
    /// Name of the migration.
    #[arg(long)]
    name: Option<String>,
    /// Allow steps that lose data: dropped tables and columns, changed types.
    #[arg(long)]
    allow_loss: bool,
    /// Renamed column: table.old:new. May be repeated.
    #[arg(long = "rename", value_name = "TABLE.OLD:NEW")]
    renames: Vec<Rename>,
}

/// The status as JSON.
#[derive(serde::Serialize)]
struct Shown {
    #[serde(flatten)]
    status: schema::Status,
    /// A newer major version of PostgreSQL to which the private database can move.
    upgrade: Option<u32>,
}

pub async fn run(place: &Place, command: &Db) -> anyhow::Result<()> {
    if matches!(command, Db::Upgrade) {
        return upgrade(place).await;
    }
    let server = place.server().await?;
    let done = match command {
        Db::Status { json } => status(place, &server, *json).await,
        Db::Prepare(request) => prepare(&server, request).await,
        Db::Migrate => migrate(&server).await,
        // Done above, where no server runs yet.
        Db::Upgrade => Ok(()),
    };
    server.stop().await?;
    done
}

async fn status(place: &Place, server: &Server, as_json: bool) -> anyhow::Result<()> {
    let db = genonaut_db::connect(server.options()).await?;
    let status = schema::status(&db, &server.options()).await?;
    db.close().await;
    let upgrade = server.newer_version();
    if as_json {
        return json(&Shown { status, upgrade });
    }
    let list =
        |lines: &[String], none: &str| if lines.is_empty() { none.to_owned() } else { lines.join("\n             ") };
    if server.is_private() {
        say(format!("environment  {}", place.env))?;
    }
    say(format!("server       {}", server.describe()))?;
    say(format!("database     {}", status.database))?;
    say(format!("PostgreSQL   {}", status.version))?;
    if let Some(newer) = upgrade {
        say(format!("upgrade      PostgreSQL {newer} is installed; `genonaut db upgrade` moves the database to it"))?;
    }
    say(format!("applied      {}", list(&status.applied, "nothing")))?;
    say(format!("pending      {}", list(&status.pending, "nothing")))?;
    if !status.unknown.is_empty() {
        say(format!("unknown      {}, of a newer version", list(&status.unknown, "")))?;
    }
    say(format!(
        "drift        {}",
        status.drift.as_deref().map_or(NOT_COMPARED.to_owned(), |drift| list(drift, "none"))
    ))
}

async fn prepare(server: &Server, request: &Prepare) -> anyhow::Result<()> {
    anyhow::ensure!(request.folder.is_dir(), "no folder {}; run this in the repository", request.folder.display());
    let Prepare { folder, name, allow_loss, renames } = request;
    let request = PrepareRequest {
        folder: folder.clone(),
        name: name.clone(),
        allow_loss: *allow_loss,
        renames: renames.clone(),
    };
    match schema::prepare(&server.options(), &request).await? {
        Prepared::Nothing => say("nothing to do: the migrations match the declared models"),
        Prepared::Written { file, statements } => {
            say(format!("wrote {} with {} statements", file.display(), statements.len()))?;
            say("rebuild to include it, then run `make migrate-demo`")
        }
    }
}

async fn migrate(server: &Server) -> anyhow::Result<()> {
    let db = genonaut_db::connect(server.options()).await?;
    let report = schema::migrate(&db).await?;
    let status = schema::status(&db, &server.options()).await;
    db.close().await;
    let status = status?;
    match report.applied.as_slice() {
        [] => say(format!("nothing to do: {} is up to date", status.database))?,
        applied => say(format!("{}: applied {}", status.database, applied.join(", ")))?,
    }
    if report.rejudged > 0 {
        say(format!("updated the architecture of {} models", report.rejudged))?;
    }
    if report.searchable > 0 {
        say(format!("updated the search index of {} models", report.searchable))?;
    }
    match status.drift {
        None => say(format!("drift {NOT_COMPARED}")),
        Some(drift) if drift.is_empty() => Ok(()),
        Some(drift) => anyhow::bail!("the database differs from the declared schema:\n{}", drift.join("\n")),
    }
}

async fn upgrade(place: &Place) -> anyhow::Result<()> {
    match server::upgrade(&place.database()).await? {
        Upgraded::Nothing { major } => {
            say(format!("nothing to do: no PostgreSQL newer than {major}, which the database uses, is installed"))
        }
        Upgraded::Done { from, to, rows, aside } => {
            say(format!("moved {rows} rows from PostgreSQL {from} to {to}"))?;
            say(format!("the old files are kept in {}; remove them when all is well", aside.display()))
        }
    }
}
