//! The command line, by running the binary.

mod architectures;
mod backup;
mod connections;
mod database;
mod disks;
mod fleet;
mod kills;
mod outage;
mod private;
mod scan;
mod tables;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use genonaut_db::accounts::Viewer;
use genonaut_db::server;
use genonaut_db::testing::until_running;
use tempfile::TempDir;

/// A data folder of the test's own, so that it has a private server of its own too.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        // The account that PostgreSQL runs as when we are root has to get in.
        std::fs::set_permissions(home.path(), PermissionsExt::from_mode(0o755)).unwrap();
        Self(home)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_genonaut"));
        command
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("GENONAUT_DATA", self.0.path().join("data"));
        command
            .envs(["HOME", "PG_BIN"].iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .current_dir(self.0.path());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).stdin(Stdio::null()).output().unwrap()
    }

    /// What it prints when it succeeds.
    fn says(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it complains about when it fails with that exit code.
    fn fails(&self, args: &[&str], code: i32) -> String {
        let output = self.run(args);
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        text
    }

    fn serve(&self) -> (Child, String) {
        self.serve_looking("")
    }

    /// Looks for a ComfyUI there.
    fn serve_looking(&self, place: &str) -> (Child, String) {
        start(&mut self.command(&["serve", "--listen", "127.0.0.1:0", "--look-for", place]))
    }
}

/// Runs a command that serves, until it says where.
fn start(command: &mut Command) -> (Child, String) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
    (child, address)
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap().success());
}

#[test]
fn from_nothing_to_models_on_the_screen() {
    let home = Home::new();
    assert!(home.says(&["db", "migrate"]).contains("genonaut_demo: applied 0001"));
    assert!(home.says(&["db", "migrate"]).contains("nothing to do"));
    let seeded = home.says(&["seed", "--static-only"]);
    assert!(seeded.contains("models_loras.csv → models_loras: inserted 5, updated 0, unchanged 0, kept 0"), "{seeded}");
    assert!(home.says(&["seed"]).contains("unchanged 5"));
    let list = home.says(&["models", "list"]);
    assert!(list.find("sd_xl_base_1.0") < list.find("realisticVisionV51") && list.contains("add_detail"), "{list}");
    let fitting = home.says(&["models", "list", "lora", "--checkpoint", "realisticVisionV51", "--fit", "optimal"]);
    assert!(fitting.contains("add_detail") && !fitting.contains("watercolor"), "{fitting}");
    let shown: serde_json::Value =
        serde_json::from_str(&home.says(&["models", "show", "add_detail", "--json"])).unwrap();
    assert_eq!((shown["kind"].as_str(), shown["rating"].as_f64()), (Some("lora"), Some(0.93)));
    let status = home.says(&["db", "status"]);
    for wanted in ["environment  demo", "database     genonaut_demo", "pending      nothing", "drift        none"] {
        assert!(status.contains(wanted), "{status}");
    }
    assert!(home.says(&["db", "status", "--env", "test"]).contains("applied      nothing"));
}

#[test]
fn made_up_models_come_and_go() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    assert!(home.says(&["seed", "--rows", "50", "--dry-run"]).contains("would generate 50"));
    let seeded = home.says(&["seed", "--rows", "50"]);
    let (static_part, made_up) = (seeded.find("inserted 5"), seeded.find("generated 50 synthetic models"));
    assert!(static_part.is_some() && static_part < made_up, "{seeded}");
    assert!(home.says(&["seed", "--rows", "60"]).contains("generated 10 synthetic models (50 existed)"));
    assert!(home.says(&["seed", "--remove-synthetic"]).contains("removed 60"));
    let left: serde_json::Value = serde_json::from_str(&home.says(&["models", "list", "--json"])).unwrap();
    assert_eq!(
        (left["checkpoints"].as_array().map(Vec::len), left["loras"].as_array().map(Vec::len)),
        (Some(5), Some(5))
    );
}

#[test]
fn a_bad_seed_file_is_explained_line_by_line() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    let folder = home.0.path().join("seeds");
    std::fs::create_dir(&folder).unwrap();
    let mut file = std::fs::File::create(folder.join("models_loras.csv")).unwrap();
    file.write_all(b"path,rating,description\na.pt,abc,\nb.pt,2,\nc.pt,0.5,caf\xe9\n").unwrap();
    std::fs::write(folder.join("what.csv"), "x\n").unwrap();
    let text = home.fails(&["seed", "--static-only", "--dir", folder.to_str().unwrap()], 1);
    for wanted in [
        "models_loras.csv:2:rating: is not a number (value \"abc\")",
        "models_loras.csv:3:rating: must be a number from 0 to 1 (value \"2\")",
        "models_loras.csv:4:description: is not UTF-8",
        "models_loras.csv: not applied",
        "what.csv: ignored, no table has this name",
        "1 of 1 files have problems",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
    }
    assert!(home.fails(&["seed", "--dir", "/nowhere"], 1).contains("/nowhere"));
}

#[test]
fn wrong_usage_is_told_from_failure() {
    let home = Home::new();
    for args in [
        &["serve", "--listen", "x"][..],
        &["nonsense"],
        &["seed", "--rows", "-1"],
        &["models", "list", "--fit", "optimal"],
        &["models", "list", "--limit", "0"],
        &["models", "list", "--min-rating", "5"],
        &["models", "list", "--min-rating", "NaN"],
        &["--log", "genonaut=loud", "db", "status"],
        &["--env", "prod", "db", "status"],
    ] {
        home.fails(args, 2);
    }
    assert!(home.fails(&["serve", "--listen", "0.0.0.0:0"], 1).contains("--token-file"));
    assert!(home.fails(&["--database-url", "postgres://nobody@127.0.0.1:1/x", "db", "status"], 1).contains("connect"));
    assert!(home.fails(&["--database-url", "nonsense", "db", "status"], 1).contains("DATABASE_URL"));
}

#[test]
fn help_is_worth_reading() {
    let home = Home::new();
    for (name, args) in [
        ("help", &["--help"][..]),
        ("help_seed", &["seed", "--help"]),
        ("help_worker", &["worker", "--help"]),
        ("help_serve", &["serve", "--help"]),
        ("help_models_list", &["models", "list", "--help"]),
    ] {
        insta::assert_snapshot!(name, home.says(args).replace(home.0.path().to_str().unwrap(), "HOME"));
    }
    let secret = home.command(&["--help"]).env("DATABASE_URL", "postgres://me:secret@db/x").output().unwrap();
    assert!(!String::from_utf8_lossy(&secret.stdout).contains("secret"));
    for shell in ["bash", "zsh", "fish"] {
        assert!(home.says(&["completions", shell]).contains("genonaut"), "{shell}");
    }
}

/// The private database is brought to this program's tables by whatever command needs them first.
#[test]
fn a_new_data_folder_needs_no_command_first() {
    let home = Home::new();
    assert!(home.says(&["models", "list"]).starts_with("KIND"));
    assert!(home.says(&["db", "migrate"]).contains("nothing to do"));
    let seeded = Home::new();
    assert!(seeded.says(&["seed", "--static-only"]).contains("models_loras: inserted 5"));
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let home = Home::new();
    let mut child =
        home.command(&["completions", "bash"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Programs read one line and then send signals; nothing else is on stdout, and no server stays behind.
#[test]
fn serving_says_one_line_and_ends_when_asked_to() {
    let home = Home::new();
    for name in ["TERM", "INT"] {
        let (mut child, _) = home.serve();
        signal(&child, name);
        let mut rest = String::new();
        std::io::Read::read_to_string(child.stdout.as_mut().unwrap(), &mut rest).unwrap();
        assert!(child.wait().unwrap().success(), "{name}");
        assert_eq!(rest, "", "{name}");
    }
}

/// A database of the user's own is changed only when they say so.
#[tokio::test]
async fn a_database_of_ones_own_is_migrated_when_asked() {
    let home = Home::new();
    let database = genonaut_db::testing::database().await;
    genonaut_db::testing::run(&database.pool, "DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
    let ours =
        |args: &[&str]| home.command(&[&["--database-url", database.url.as_str()], args].concat()).output().unwrap();
    let refused = ours(&["serve", "--listen", "127.0.0.1:0"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0), "{said}");
    assert!(said.contains("genonaut db migrate") && said.contains("--migrate"), "{said}");
    for args in [&["models", "list"][..], &["models", "show", "x"], &["seed"]] {
        let refused = ours(args);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains("genonaut db migrate") && !said.contains("relation"), "{said}");
    }
    assert!(String::from_utf8_lossy(&ours(&["db", "migrate"]).stdout).contains("applied 0001"));
    assert!(ours(&["models", "list"]).status.success());
    assert!(!home.0.path().join("data/postgres").exists(), "the private server is left alone");
}

/// A folder that nobody else may enter is what careful people have.
#[test]
fn a_data_folder_closed_to_others_works() {
    let home = Home::new();
    let data = home.0.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o700)).unwrap();
    assert!(home.says(&["db", "migrate"]).contains("applied 0001"));
    let status = home.says(&["db", "status"]);
    let place = status.lines().find_map(|line| line.strip_prefix("server       private, ")).unwrap();
    let cluster = Path::new(place).parent().unwrap();
    if cluster != data {
        std::fs::remove_dir_all(cluster).unwrap();
    }
}

#[test]
fn a_server_that_is_killed_loses_nothing_and_starts_again() {
    let home = Home::new();
    let (mut child, address) = home.serve();
    let made = ask(&address, "POST", "/api/v1/lora-models", r#"{"path": "a/kept.pt", "rating": 0.5}"#);
    assert!(made.contains("201"), "{made}");
    signal(&child, "KILL");
    child.wait().unwrap();
    let (mut child, address) = home.serve();
    assert!(ask(&address, "GET", "/api/v1/lora-models", "").contains("a/kept.pt"));
    signal(&child, "INT");
    assert!(child.wait().unwrap().success());
    assert!(
        !home.0.path().join("data/postgres/postmaster.pid").exists() || !Path::new("/proc").exists(),
        "the private server still runs"
    );
}

/// Seeding dies in the middle of writing: nothing of the file is there, and the next run does it whole.
#[tokio::test]
async fn seeding_that_is_killed_leaves_nothing_half_done() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    let folder = home.0.path().join("seeds");
    std::fs::create_dir(&folder).unwrap();
    let rows: String = (0..20_000).map(|i| format!("models/loras/row_{i}.pt,0.5,\"a,b\"\n")).collect();
    std::fs::write(folder.join("models_loras.csv"), format!("path,rating,tags\n{rows}")).unwrap();
    let args = ["seed", "--static-only", "--dir", folder.to_str().unwrap()];
    let place = server::Config { data: home.0.path().join("data"), database_url: None, env: server::Env::Demo };
    let server = server::start(&place).await.unwrap();
    let mut seeding = home.command(&args).stdout(Stdio::null()).spawn().unwrap();
    until_running(server.options(), "INSERT INTO \"models_loras\"").await;
    signal(&seeding, "KILL");
    seeding.wait().unwrap();
    server.stop().await.unwrap();
    let list: serde_json::Value = serde_json::from_str(&home.says(&["models", "list", "lora", "--json"])).unwrap();
    assert_eq!(list["loras"].as_array().map(Vec::len), Some(0));
    assert!(home.says(&args).contains("inserted 20000"));
}

/// The server dies in the middle of a job: the next one goes on with the image that was in work.
#[tokio::test]
async fn a_job_outlives_the_server_that_worked_on_it() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    home.says(&["seed", "--static-only"]);
    let (mut first, address) = home.serve();
    let form = "prompt=dunes&width=64&height=64&steps=10&images=4&seed=1";
    assert!(post_form(&address, "/ui/jobs", form).starts_with("HTTP/1.1 303"));
    let place = server::Config { data: home.0.path().join("data"), database_url: None, env: server::Env::Demo };
    let postgres = server::start(&place).await.unwrap();
    let db = genonaut_db::connect(postgres.options()).await.unwrap();
    until(|| async { made(&db).await >= 1 }).await;
    signal(&first, "KILL");
    first.wait().unwrap();
    let (mut second, _) = home.serve();
    until(|| async {
        made(&db).await == 4 && genonaut_db::jobs::open(&db, Viewer::EVERYTHING).await.unwrap().is_empty()
    })
    .await;
    let window = genonaut_db::images::Window { limit: 50, ..Default::default() };
    let (images, _) =
        genonaut_db::images::list(&db, Viewer::EVERYTHING, genonaut_db::images::Shown::All, window).await.unwrap();
    assert_eq!(images.iter().map(|image| image.seed).collect::<Vec<_>>(), [4, 3, 2, 1]);
    signal(&second, "TERM");
    assert!(second.wait().unwrap().success());
    db.close().await;
    postgres.stop().await.unwrap();
}

/// Each works on what is there, and nothing is made twice.
#[tokio::test]
async fn two_servers_on_one_database_share_the_queue() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    home.says(&["seed", "--static-only"]);
    let ((first, address), (second, other)) = (home.serve(), home.serve());
    for seed in 0..6 {
        let form = format!("width=64&height=64&steps=10&images=1&seed={}", seed * 10);
        let address = if seed % 2 == 0 { &address } else { &other };
        assert!(post_form(address, "/ui/jobs", &form).starts_with("HTTP/1.1 303"));
    }
    let place = server::Config { data: home.0.path().join("data"), database_url: None, env: server::Env::Demo };
    let postgres = server::start(&place).await.unwrap();
    let db = genonaut_db::connect(postgres.options()).await.unwrap();
    let running = || async {
        genonaut_db::jobs::open(&db, Viewer::EVERYTHING)
            .await
            .unwrap()
            .iter()
            .filter(|job| job.started.is_some())
            .count()
    };
    until(|| async { running().await == 2 }).await;
    until(|| async { genonaut_db::jobs::open(&db, Viewer::EVERYTHING).await.unwrap().is_empty() }).await;
    assert_eq!(made(&db).await, 6);
    for mut server in [first, second] {
        signal(&server, "TERM");
        assert!(server.wait().unwrap().success());
    }
    db.close().await;
    postgres.stop().await.unwrap();
}

async fn made(db: &genonaut_db::PgPool) -> usize {
    let window = genonaut_db::images::Window { limit: 50, ..Default::default() };
    genonaut_db::images::list(db, Viewer::EVERYTHING, genonaut_db::images::Shown::All, window).await.unwrap().0.len()
}

async fn until<F: Future<Output = bool>>(reached: impl Fn() -> F) {
    for _ in 0..1200 {
        if reached().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it does not come to that");
}

fn post_form(address: &str, path: &str, form: &str) -> String {
    send(address, "POST", path, "application/x-www-form-urlencoded", form)
}

/// One request over a plain connection; the whole answer as text.
fn ask(address: &str, method: &str, path: &str, body: &str) -> String {
    send(address, method, path, "application/json", body)
}

fn send(address: &str, method: &str, path: &str, kind: &str, body: &str) -> String {
    let host = address.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    answer
}

#[test]
fn accounts_are_made_and_removed() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    let with_password = |args: &[&str], password: &str| {
        let mut child =
            home.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    assert!(with_password(&["accounts", "add", "Me"], "short\n").contains("at least 10 characters"));
    assert!(with_password(&["accounts", "add", " "], "long enough\n").contains("1 to 64 characters"));
    assert_eq!(with_password(&["accounts", "add", "Me"], "long enough\n"), "Me added; everyone now has to sign in\n");
    assert!(with_password(&["accounts", "add", "ME"], "long enough\n").contains("already"));
    assert_eq!(home.says(&["accounts", "list"]), "Me  (administrator, never signed in)\n");
    assert!(with_password(&["accounts", "password", "me"], "long enough too").contains("password of me changed"));
    assert!(with_password(&["accounts", "password", "you"], "long enough too").contains("accounts list"));
    let list: serde_json::Value = serde_json::from_str(&home.says(&["accounts", "list", "--json"])).unwrap();
    assert_eq!((list[0]["name"].as_str(), list[0]["last_used"].is_null()), (Some("Me"), true));
    assert!(home.fails(&["accounts", "remove", "you"], 1).contains("no account named"));
    with_password(&["accounts", "add", "You"], "long enough\n");
    assert!(home.fails(&["accounts", "remove", "me"], 1).contains("only administrator"));
    assert!(home.fails(&["accounts", "administrator", "me", "--revoke"], 1).contains("only administrator"));
    assert_eq!(home.says(&["accounts", "administrator", "you"]), "you is now an administrator\n");
    assert!(home.says(&["accounts", "remove", "me"]).contains("me removed"));
}
