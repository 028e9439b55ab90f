//! The program as its clients see it: a process of its own, and requests over loopback.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::header;
use axum::routing::get;

/// A running server; ends with the value.
pub struct Program {
    child: Child,
    pub address: String,
    /// From the start of the process to the address.
    pub started: Duration,
}

impl Program {
    pub fn serve(url: &str) -> Self {
        Self::serve_with(url, &[])
    }

    pub fn serve_with(url: &str, more: &[&str]) -> Self {
        let mut command = Command::new("target/release/genonaut");
        command.args(["serve", "--listen", "127.0.0.1:0", "--database-url", url, "--images", "target/bench/images"]);
        command.args(more);
        Self::start(command)
    }

    /// This one as another process that serves something else.
    pub fn again(what: &str, of: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([what, of]);
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let start = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
        Self { child, address, started: start.elapsed() }
    }

    /// Resident memory in MiB.
    pub fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Answers every request with the bytes of a file.
pub async fn same_bytes(file: &str) {
    let body = std::fs::read(file).unwrap();
    let answer = move || async move { ([(header::CONTENT_TYPE, "application/json")], body.clone()) };
    serve(Router::new().fallback(get(answer))).await;
}

/// On a free port, which it says as the program does.
pub async fn serve(router: Router) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    {
        use std::io::Write;
        writeln!(std::io::stdout().lock(), "listening on http://{address}").unwrap();
    }
    axum::serve(listener, router).await.unwrap();
}

/// Requests a second with four clients.
pub async fn rate(url: &str, time: Duration) -> f64 {
    let client = reqwest::Client::new();
    let end = Instant::now() + time;
    let clients = (0..4).map(|_| {
        let (client, url) = (client.clone(), url.to_owned());
        tokio::spawn(async move {
            let mut count = 0_u32;
            while Instant::now() < end {
                let response = client.get(&url).send().await.unwrap();
                assert!(response.status().is_success(), "{url}");
                response.bytes().await.unwrap();
                count += 1;
            }
            count
        })
    });
    let mut count = 0;
    for client in clients.collect::<Vec<_>>() {
        count += client.await.unwrap();
    }
    f64::from(count) / time.as_secs_f64()
}

/// The time that 99 of 100 requests stay under, one client, every url in turn.
pub async fn p99(urls: &[String], rounds: usize) -> Duration {
    p99_of(&reqwest::Client::new(), urls, rounds).await
}

pub async fn p99_of(client: &reqwest::Client, urls: &[String], rounds: usize) -> Duration {
    let mut times = Vec::new();
    for round in 0..rounds + 1 {
        for url in urls {
            let start = Instant::now();
            let response = client.get(url).send().await.unwrap();
            assert!(response.status().is_success(), "{url}: {}", response.status());
            response.bytes().await.unwrap();
            // The first round warms up.
            if round > 0 {
                times.push(start.elapsed());
            }
        }
    }
    times.sort();
    times[times.len() * 99 / 100]
}
