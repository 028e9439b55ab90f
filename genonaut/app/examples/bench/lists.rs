//! Lists and searches at a thousand, a hundred thousand and a million rows; memory and start at the last.

use std::time::Duration;

use genonaut_db::page::PageRequest;
use genonaut_db::seed::add_synthetic;
use genonaut_db::server::Server;
use genonaut_db::testing::named;
use genonaut_db::{PgPool, checkpoint};

use super::SIZES;
use super::http::{Program, p99};
use super::machine::{head, row, say};

/// What is asked, by the part of the address behind `lora-models`. CHECKPOINT is a checkpoint's id.
const KINDS: [(&str, &[&str]); 6] = [
    ("list", &["?limit=24", "?limit=24&sort=name", "?limit=24&sort=newest", "?limit=24&sort=best"]),
    (
        "filtered list",
        &[
            "?limit=24&tag=style",
            "?limit=24&tag=horror&tag=neon",
            "?limit=24&architecture=Pony",
            "?limit=24&family=style&min_rating=0.8",
        ],
    ),
    (
        "fit with a checkpoint",
        &[
            "?limit=24&checkpoint_id=CHECKPOINT&fit=optimal,compatible,partial",
            "?limit=24&checkpoint_id=CHECKPOINT&fit=incompatible",
            "?limit=24&checkpoint_id=CHECKPOINT",
        ],
    ),
    ("optimal for a checkpoint", &["?limit=24&checkpoint_id=CHECKPOINT&fit=optimal"]),
    (
        "search, common and middling words",
        &["?limit=24&q=style", "?limit=24&q=dragon", "?limit=24&q=amber%20drag", "?limit=24&q=port"],
    ),
    ("search, rare words and none", &["?limit=24&q=amber_dragon", "?limit=24&q=a18", "?limit=24&q=zzzz"]),
];

/// Pages people wait for.
const PAGES: [(&str, &str); 3] =
    [("the page", "/"), ("the page with the LoRAs open", "/?pick=1"), ("the Models page", "/models")];

pub async fn measure(server: &Server) -> Vec<String> {
    let mut times: Vec<Vec<Duration>> = Vec::new();
    let mut lines = vec![head("p99 of one client, by rows in the tables")];
    let mut last = Vec::new();
    for rows in SIZES {
        let (db, url) = named(server, &format!("bench_{rows}")).await;
        add_synthetic(&db, 0, rows, |done| say(&format!("{rows}: {done}"))).await.unwrap();
        let program = Program::serve(&url);
        let mut measured = Vec::new();
        for (_, asked) in KINDS {
            measured.push(p99(&urls(&program, &db, asked).await, 60).await);
        }
        for page in PAGES {
            measured.push(p99(&[format!("{}{}", program.address, page.1)], 60).await);
        }
        if rows == SIZES[2] {
            last = at_a_million(&program, &url).await;
        }
        times.push(measured);
    }
    let names = KINDS.iter().map(|kind| kind.0).chain(PAGES.map(|page| page.0));
    for (number, name) in names.enumerate() {
        let ms: Vec<f64> = times.iter().map(|measured| measured[number].as_secs_f64() * 1000.0).collect();
        lines.push(row(name, &format!("{:.1} ms, {:.1} ms, {:.1} ms", ms[0], ms[1], ms[2]), ms[2] / ms[0], 3.0, false));
    }
    lines.extend(last);
    lines
}

async fn urls(program: &Program, db: &PgPool, asked: &[&str]) -> Vec<String> {
    let page = checkpoint::list(db, &checkpoint::Filter::default(), &PageRequest::default()).await.unwrap();
    let id = page.items[0].id.to_string();
    asked
        .iter()
        .map(|query| format!("{}/api/v1/lora-models{}", program.address, query.replace("CHECKPOINT", &id)))
        .collect()
}

async fn at_a_million(program: &Program, url: &str) -> Vec<String> {
    let memory = program.memory();
    let fresh = Program::serve(url);
    let start = std::time::Instant::now();
    reqwest::get(format!("{}/", fresh.address)).await.unwrap().bytes().await.unwrap();
    let first = (fresh.started + start.elapsed()).as_secs_f64();
    vec![
        head("The server with 1,000,000 rows"),
        row(
            "resident memory after all of the above, in MiB, against 120",
            &format!("{memory:.0} MiB"),
            memory / 120.0,
            1.0,
            false,
        ),
        row("from start to first page, in seconds, PostgreSQL running", &format!("{first:.2} s"), first, 1.0, false),
    ]
}
