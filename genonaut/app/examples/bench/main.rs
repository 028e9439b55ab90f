//! `make bench`: measures the program as ratios of two things in one run, and writes them to docs/benchmarks.md.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

mod answers;
mod feedback;
mod http;
mod jobs;
mod lists;
mod machine;
mod page;
mod scanning;
mod seeding;

use std::path::Path;

use genonaut_db::server::{self, Config, Env, Server};

/// Rows in the tables for the lists.
const SIZES: [u64; 3] = [1_000, 100_000, 1_000_000];

fn main() {
    let mut args = std::env::args().skip(1);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match args.next().as_deref() {
        Some("same-bytes") => runtime.block_on(http::same_bytes(&args.next().unwrap())),
        Some("standin") => runtime.block_on(jobs::standin::serve()),
        Some("jobs") => runtime.block_on(jobs_alone()),
        _ => runtime.block_on(measure()),
    }
}

/// Written nowhere.
async fn jobs_alone() {
    let server = start().await;
    jobs::measure(&server).await;
    server.stop().await.unwrap();
}

async fn start() -> Server {
    let data = std::env::current_dir().unwrap().join("target/bench");
    server::start(&Config { data, database_url: None, env: Env::Test }).await.unwrap()
}

async fn measure() {
    let server = start().await;
    let mut lines = vec![machine::describe(&server).await];
    lines.extend(seeding::measure(&server).await);
    lines.extend(page::measure(&server).await);
    lines.extend(answers::measure(&server).await);
    lines.extend(jobs::measure(&server).await);
    lines.extend(feedback::measure(&server).await);
    lines.extend(scanning::measure(&server).await);
    lines.extend(lists::measure(&server).await);
    server.stop().await.unwrap();
    let text = format!("{HEAD}{}\n{NOTES}", lines.join("\n"));
    std::fs::write(Path::new("docs/benchmarks.md"), text).unwrap();
    machine::say(&format!("wrote docs/benchmarks.md\n\n{}", lines.join("\n")));
}

const HEAD: &str = "# Benchmarks

Written by `make bench`. A row compares two things measured in the same run on the same machine; only the ratio says
anything about another one. Tables hold synthetic models of `genonaut seed --rows`, one in ten a checkpoint.

";

const NOTES: &str = "
## Why a search can miss its target

A search whose matches are neither common nor few fetches some thousand rows to find the best rated of them: the index
of words (GIN) knows nothing of ratings, and the index of ratings nothing of words. At a thousand rows there is nothing
to fetch. The cost is bounded by the two stretches of `db/src/list/rows.rs`, and does not grow with the depth of a page.
What would help: an index that holds both, or first pages kept in memory until the catalogue changes.

## What one core makes of all hashes

SHA-256 of the file and of its tensors (AutoV3) are made in step, at the price of one. BLAKE3 and CRC32 cost a good third
of that again. They have a thread of their own, so a file is read at the rate of SHA-256 alone while a second core is
free; where all cores have files of their own, each makes what the row with one thread says.
";
