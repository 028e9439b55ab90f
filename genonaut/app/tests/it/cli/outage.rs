//! The private database dies while a server uses it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use genonaut_db::accounts::Viewer;
use genonaut_db::testing::count;
use genonaut_db::{jobs, server};

use super::{Home, ask, post_form, signal, until};
use crate::killed::audit;

const SOON: Duration = Duration::from_secs(3);

impl Home {
    fn cluster(&self) -> PathBuf {
        self.0.path().join("data/postgres")
    }

    fn kill_database(&self) {
        let file = fs::read_to_string(self.cluster().join("postmaster.pid")).unwrap();
        let pid = file.lines().next().unwrap();
        assert!(Command::new("kill").args(["-KILL", pid]).status().unwrap().success());
    }

    /// Without this file it cannot start.
    fn break_database(&self, broken: bool) {
        let (good, bad) = (self.cluster().join("global/pg_control"), self.cluster().join("global/pg_control.away"));
        let (from, to) = if broken { (good, bad) } else { (bad, good) };
        fs::rename(from, to).unwrap();
    }
}

/// The answer, which must come soon.
fn soon(address: &str, path: &str) -> String {
    let asked = Instant::now();
    let answer = ask(address, "GET", path, "");
    assert!(asked.elapsed() < SOON, "{path}: {:?}", asked.elapsed());
    answer
}

fn until_answer(address: &str, path: &str, begin: &str) -> String {
    for _ in 0..400 {
        let answer = soon(address, path);
        if answer.starts_with(begin) {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{path} does not come to {begin}");
}

/// Lines of the stream of events as they come.
fn events(address: &str) -> impl Iterator<Item = String> {
    let host = address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET /events HTTP/1.1\r\nhost: {host}\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map(|line| line.expect("the stream goes on"));
    assert!(lines.any(|line| line.is_empty()), "the head has an end");
    lines
}

fn ends_well(mut server: Child) {
    let asked = Instant::now();
    signal(&server, "TERM");
    assert!(server.wait().unwrap().success());
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
}

#[test]
fn a_private_database_that_dies_is_named_and_started_again() {
    let home = Home::new();
    let (server, address) = home.serve();
    let mut events = events(&address);
    home.break_database(true);
    home.kill_database();
    let refused = until_answer(&address, "/api/v1/lora-models", "HTTP/1.1 503");
    assert!(refused.contains("The private database genonaut_demo does not run."), "{refused}");
    for path in ["/readyz", "/", "/models"] {
        let refused = soon(&address, path);
        assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("genonaut_demo does not run"), "{refused}");
    }
    assert!(soon(&address, "/healthz").starts_with("HTTP/1.1 200"));
    assert!(events.any(|line| line.starts_with("data:") && line.contains("genonaut_demo does not run")));
    home.break_database(false);
    assert!(events.any(|line| line.starts_with("data:") && line.contains("\"away\":null")));
    until_answer(&address, "/readyz", "HTTP/1.1 200");
    for _ in 0..20 {
        let answer = soon(&address, "/api/v1/lora-models");
        assert!(answer.starts_with("HTTP/1.1 200"), "connections from before are not used: {answer}");
    }
    ends_well(server);
}

#[test]
fn a_server_whose_database_is_gone_ends_when_asked_to() {
    let home = Home::new();
    let (server, address) = home.serve();
    home.break_database(true);
    home.kill_database();
    until_answer(&address, "/readyz", "HTTP/1.1 503");
    ends_well(server);
}

/// The image in work goes on, and no attempt is lost.
#[tokio::test]
async fn a_job_goes_on_when_the_database_comes_back() {
    let home = Home::new();
    home.says(&["seed", "--static-only"]);
    let (server, address) = home.serve();
    let place = server::Config { data: home.0.path().join("data"), database_url: None, env: server::Env::Demo };
    let postgres = server::start(&place).await.unwrap();
    let db = genonaut_db::connect(postgres.options()).await.unwrap();
    audit::begin(&db).await;
    db.close().await;
    let form = "prompt=dunes&width=64&height=64&steps=20&images=2&seed=1";
    assert!(post_form(&address, "/ui/jobs", form).starts_with("HTTP/1.1 303"));
    let step = || {
        let answer = ask(&address, "GET", "/api/v1/jobs", "");
        let jobs: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        jobs[0]["step"].as_i64().unwrap_or_default()
    };
    until(|| async { step() >= 3 }).await;
    home.kill_database();
    until_answer(&address, "/readyz", "HTTP/1.1 200");
    let db = genonaut_db::connect(postgres.options()).await.unwrap();
    until(|| async { jobs::open(&db, Viewer::EVERYTHING).await.unwrap().is_empty() }).await;
    assert_eq!(count(&db, "SELECT count(*) FROM jobs WHERE state = 'done' AND made = 2").await, 1);
    assert_eq!(count(&db, "SELECT count(*) FROM losses").await, 0);
    db.close().await;
    ends_well(server);
    postgres.stop().await.unwrap();
}
