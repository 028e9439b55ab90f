//! `genonaut engine-child`: the process of the embedded engine. `serve` starts it; nobody else needs to.

use std::time::Duration;

use genonaut_engines::embedded;

/// Named by `embedded::CHILD`.
#[derive(Debug, clap::Args)]
pub struct EngineChild {
    /// Seconds to wait for an order.
    idle: u64,
}

pub fn run(command: &EngineChild) -> anyhow::Result<()> {
    Ok(embedded::child(Duration::from_secs(command.idle))?)
}
