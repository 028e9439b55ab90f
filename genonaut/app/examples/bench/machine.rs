//! What is measured on.

use std::io::Write;

use genonaut_db::server::Server;

pub async fn describe(server: &Server) -> String {
    let cores = std::thread::available_parallelism().unwrap();
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024 / 1024;
    let db = genonaut_db::connect(server.options()).await.unwrap();
    let status = genonaut_db::schema::status(&db, &server.options()).await.unwrap();
    format!("Machine: {cores} cores, {memory} GiB of memory, PostgreSQL {}, release build.\n", status.version)
}

pub fn say(text: &str) {
    writeln!(std::io::stderr().lock(), "{text}").unwrap();
}

/// A row of the table, and whether its target is met. `at_least` turns the comparison round.
pub fn row(what: &str, figures: &str, ratio: f64, target: f64, at_least: bool) -> String {
    let met = if at_least { ratio >= target } else { ratio <= target };
    let sign = if at_least { "≥" } else { "≤" };
    let line =
        format!("| {what} | {figures} | {ratio:.2} | {sign} {target} | {} |", if met { "met" } else { "**missed**" });
    say(&line);
    line
}

/// A row without a target.
pub fn plain(what: &str, figures: &str, ratio: f64) -> String {
    let line = format!("| {what} | {figures} | {ratio:.2} | – | |");
    say(&line);
    line
}

pub fn head(title: &str) -> String {
    format!("\n## {title}\n\n| what | figures | ratio | target | |\n|---|---|---:|---:|---|")
}
