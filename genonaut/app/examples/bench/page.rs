//! One page of a list over HTTP, against PostgreSQL alone and against HTTP alone.

use std::process::Command;
use std::time::Duration;

use genonaut_db::seed::add_synthetic;
use genonaut_db::server::Server;
use genonaut_db::testing::{first_page, named};

use super::http::{Program, rate};
use super::machine::{head, plain, row};

const TIME: Duration = Duration::from_secs(8);

pub async fn measure(server: &Server) -> Vec<String> {
    let (db, url) = named(server, "bench_100000").await;
    add_synthetic(&db, 0, 100_000, |_| ()).await.unwrap();
    let program = Program::serve(&url);
    let list = format!("{}/api/v1/lora-models", program.address);
    let body = reqwest::get(&list).await.unwrap().bytes().await.unwrap();
    let file = std::env::current_dir().unwrap().join("target/bench/page.json");
    std::fs::write(&file, &body).unwrap();
    let bytes = Program::again("same-bytes", file.to_str().unwrap());
    let sql = first_page(&db).await.0;
    let (ours, raw, same) = (rate(&list, TIME).await, pgbench(&url, &sql), rate(&bytes.address, TIME).await);
    vec![
        head("A page of 50 LoRAs, 100,000 rows, 4 clients"),
        row(
            "HTTP list against the same SQL in `pgbench -M prepared`",
            &format!("{ours:.0}/s, {raw:.0}/s"),
            ours / raw,
            0.3,
            true,
        ),
        plain(
            "HTTP list against a handler that returns the same bytes",
            &format!("{ours:.0}/s, {same:.0}/s"),
            ours / same,
        ),
    ]
}

/// Transactions a second.
fn pgbench(url: &str, sql: &str) -> f64 {
    let file = std::env::current_dir().unwrap().join("target/bench/page.sql");
    std::fs::write(&file, format!("{sql};\n")).unwrap();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut programs: Vec<_> = debian.map(|entry| entry.unwrap().path().join("bin/pgbench")).collect();
    programs.push("pgbench".into());
    let program = programs.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok());
    let output = Command::new(program.expect("pgbench"))
        .args(["-n", "-M", "prepared", "-c", "4", "-j", "1", "-T", "8", "-f"])
        .arg(&file)
        .arg(url)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok());
    rate.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
}
