//! The command line. Data goes to stdout, everything else to stderr.

mod accounts;
mod backup;
mod completions;
mod db;
mod ending;
#[cfg(feature = "embedded")]
mod engine_child;
mod engines;
mod export;
mod hash;
mod models;
mod output;
mod restore;
mod roots;
mod scan;
mod seed;
mod serve;
mod worker;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use genonaut_db::schema::Standing;
use genonaut_db::server::Server;
use genonaut_db::{PgPool, schema};
use genonaut_sources::architectures;
use nix::sys::stat::{Mode, umask};

use crate::config::{Logs, Place};

/// Manage checkpoints and LoRAs, and generate images with them.
#[derive(Debug, Parser)]
#[command(name = "genonaut", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    logs: Logs,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  genonaut serve                          the web UI on http://127.0.0.1:7878
  genonaut worker --engine comfyui=http://gpu:8188    generate images in another process
  genonaut seed --static-only             import the seed files
  genonaut models scan ~/ComfyUI          import the models there
  genonaut models list lora --checkpoint realisticVisionV51 --fit optimal,compatible
  genonaut models show add_detail --json

Exit codes: 0 success, 1 failure, 2 usage error.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the web UI and the API until Ctrl+C.
    Serve(crate::config::Listen),
    /// Generate images for the queue without serving pages, until Ctrl+C.
    Worker(worker::Worker),
    /// Show running engines and their load.
    Engines(engines::Engines),
    /// Show the database and manage its migrations.
    #[command(subcommand)]
    Db(db::Db),
    /// Fill the catalogue with seed files and synthetic models.
    Seed(seed::Seed),
    /// Scan folders of models and query the catalogue.
    #[command(subcommand)]
    Models(models::Models),
    /// Manage the accounts that can sign in.
    #[command(subcommand)]
    Accounts(accounts::Accounts),
    /// Write the database, images, wildcards and settings into one file.
    Backup(backup::Backup),
    /// Restore what `genonaut backup` wrote.
    Restore(restore::Restore),
    /// Generate images for the server that started this process, as requested on stdin.
    #[cfg(feature = "embedded")]
    #[command(hide = true)]
    EngineChild(engine_child::EngineChild),
    /// Print a completion script, e.g. genonaut completions bash > /etc/bash_completion.d/genonaut
    Completions(completions::Completions),
}

/// Runs the command that was asked for.
pub async fn main() -> ExitCode {
    let cli = Cli::parse();
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(cli.logs.filter()).with_ansi(colours).with_writer(std::io::stderr).init();
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("genonaut: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(Cli { place, command, .. }: Cli) -> anyhow::Result<()> {
    place.know()?;
    if !matches!(command, Command::Db(_) | Command::Completions(_)) {
        // Images and prompts are nobody else's; a migration or a script is for all.
        umask(Mode::S_IRWXG | Mode::S_IRWXO);
    }
    match command {
        Command::Serve(listen) => serve::run(&place, &listen).await,
        Command::Worker(asked) => worker::run(&place, &asked).await,
        Command::Engines(asked) => engines::run(&place, &asked).await,
        Command::Db(command) => db::run(&place, &command).await,
        Command::Seed(command) => seed::run(&place, &command).await,
        Command::Models(command) => models::run(&place, &command).await,
        Command::Accounts(command) => accounts::run(&place, &command).await,
        Command::Backup(command) => backup::run(&place, &command).await,
        Command::Restore(command) => restore::run(&place, &command).await,
        #[cfg(feature = "embedded")]
        Command::EngineChild(command) => engine_child::run(&command),
        Command::Completions(command) => completions::run(&command),
    }
}

/// Commands that look at models need the tables as this program knows them: the private database is brought there, one
/// of the user's own waits for its owner.
async fn ensure_current(server: &Server, db: &PgPool) -> anyhow::Result<()> {
    match schema::standing(db).await? {
        Standing::Behind if server.is_private() => drop(schema::migrate(db).await?),
        standing => standing.advice().map_or(Ok(()), |advice| Err(anyhow::anyhow!(advice)))?,
    }
    if architectures::is_replaced() {
        schema::follow_architectures(db).await?;
    }
    Ok(())
}
