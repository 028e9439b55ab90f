//! `genonaut completions SHELL`

use clap::{Args, CommandFactory};
use clap_complete::Shell;

#[derive(Debug, Args)]
pub struct Completions {
    shell: Shell,
}

pub fn run(command: &Completions) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut super::Cli::command(), "genonaut", &mut script);
    super::output::say(String::from_utf8_lossy(&script).trim_end())
}
