//! The command line. Data goes to stdout, everything else to stderr.

mod completions;
mod db;
mod models;
mod output;
mod seed;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::Place;

/// Knows your checkpoints and LoRAs: which are good, which fit, and what to start from.
#[derive(Debug, Parser)]
#[command(name = "genonaut", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  genonaut serve                          the page on http://127.0.0.1:7878
  genonaut seed --static-only             read the seed files
  genonaut models list lora --checkpoint realisticVisionV51 --fit optimal,compatible
  genonaut models show add_detail --json

Exit codes: 0 done, 1 failed, 2 wrong usage.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages and the API until Ctrl+C.
    Serve(crate::config::Listen),
    /// The database: how it stands, its migrations.
    #[command(subcommand)]
    Db(db::Db),
    /// Fill the catalogue: seed files first, then made-up models.
    Seed(seed::Seed),
    /// Look into the catalogue.
    #[command(subcommand)]
    Models(models::Models),
    /// Print a completion script, e.g. genonaut completions bash > /etc/bash_completion.d/genonaut
    Completions(completions::Completions),
}

/// Runs the command that was asked for.
pub async fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,genonaut=info,sqlx=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("genonaut: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(Cli { place, command }: Cli) -> anyhow::Result<()> {
    match command {
        Command::Serve(listen) => serve::run(&place, &listen).await,
        Command::Db(command) => db::run(&place, &command).await,
        Command::Seed(command) => seed::run(&place, &command).await,
        Command::Models(command) => models::run(&place, &command).await,
        Command::Completions(command) => completions::run(&command),
    }
}
