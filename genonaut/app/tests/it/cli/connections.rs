//! Strangers who open connections and send little or nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use genonaut_db::testing::{database, is_long};

use super::{Home, ask, signal, start};

const HALF: &[u8] = b"GET / HTTP/1.1\r\nhost: loc";

/// Half-sent requests, which nobody reads the answers of.
fn half_sent(address: &str, count: usize) -> Vec<TcpStream> {
    let host = address.strip_prefix("http://").unwrap();
    let open = |_| {
        let mut stream = TcpStream::connect(host).unwrap();
        // One that had to make way refuses it.
        let _ = stream.write_all(HALF);
        stream
    };
    (0..count).map(open).collect()
}

fn ends(server: &mut Child) {
    signal(server, "TERM");
    assert!(server.wait().unwrap().success());
}

/// There are fewer descriptors than connections.
#[tokio::test]
async fn a_thousand_half_sent_requests_do_not_block_the_page() {
    let (home, database) = (Home::new(), database().await);
    let mut few = Command::new("sh");
    few.args(["-c", "ulimit -n 300; exec \"$0\" serve --listen 127.0.0.1:0 --look-for ''"]);
    few.arg(env!("CARGO_BIN_EXE_genonaut")).env("DATABASE_URL", &database.url);
    few.env("GENONAUT_DATA", home.0.path().join("data"));
    let (mut server, address) = start(&mut few);
    let held = half_sent(&address, 1000);
    for path in ["/healthz", "/", "/api/v1/lora-models"] {
        let asked = Instant::now();
        assert!(ask(&address, "GET", path, "").starts_with("HTTP/1.1 200"), "{path}");
        assert!(asked.elapsed() < Duration::from_secs(3), "{path}: {:?}", asked.elapsed());
    }
    drop(held);
    ends(&mut server);
}

/// The lower limit that a shell starts with is raised to what is allowed.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn descriptors_are_raised_to_what_is_allowed() {
    let (home, database) = (Home::new(), database().await);
    let mut few = Command::new("sh");
    few.args(["-c", "ulimit -S -n 256; exec \"$0\" serve --listen 127.0.0.1:0 --look-for ''"]);
    few.arg(env!("CARGO_BIN_EXE_genonaut")).env("DATABASE_URL", &database.url);
    few.env("GENONAUT_DATA", home.0.path().join("data"));
    let (mut server, address) = start(&mut few);
    assert!(ask(&address, "GET", "/healthz", "").starts_with("HTTP/1.1 200"));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    assert_ne!(line.split_whitespace().nth(3), Some("256"), "{line}");
    ends(&mut server);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_idle_connection_costs_at_most_60_kilobytes() {
    const COUNT: usize = 1000;
    let (home, database) = (Home::new(), database().await);
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0", "--look-for", ""]);
    let (mut server, address) = start(command.env("DATABASE_URL", &database.url));
    let resident = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap()
    };
    let host = address.strip_prefix("http://").unwrap();
    // The page has been made once.
    ask(&address, "GET", "/", "");
    let before = resident();
    let idle = |_| {
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n").unwrap();
        assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
        stream
    };
    let held: Vec<TcpStream> = (0..COUNT).map(idle).collect();
    let each = resident().saturating_sub(before) / COUNT;
    assert!(each <= 60, "{each} kB");
    drop(held);
    ends(&mut server);
}

#[tokio::test]
async fn a_head_that_never_ends_is_given_up() {
    if !is_long() {
        return;
    }
    let (home, database) = (Home::new(), database().await);
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0", "--look-for", ""]);
    let (mut server, address) = start(command.env("DATABASE_URL", &database.url));
    let mut half = half_sent(&address, 1).remove(0);
    let began = Instant::now();
    half.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    half.read_to_end(&mut Vec::new()).unwrap();
    assert!(began.elapsed() < Duration::from_secs(45), "{:?}", began.elapsed());
    ends(&mut server);
}
