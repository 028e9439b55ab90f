//! The real program, with a data folder of its own, and jobs that are asked of it.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A data folder and a private database of the test's own.
pub struct Home(TempDir);

/// Ends with the test.
pub struct Server(pub Child);

impl Drop for Server {
    fn drop(&mut self) {
        // A test may have ended it.
        if let Ok(None) = self.0.try_wait() {
            let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
            let _ = self.0.wait();
        }
    }
}

impl Home {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        // The account that PostgreSQL runs as when we are root has to get in.
        std::fs::set_permissions(home.path(), PermissionsExt::from_mode(0o755)).unwrap();
        Self(home)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_genonaut"));
        command.args(args).env("GENONAUT_DATA", self.0.path().join("data")).env_remove("DATABASE_URL");
        command
    }

    pub fn says(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// With that engine, on a free port.
    pub fn serve(&self, engine: &str) -> (Server, String) {
        let args = ["serve", "--listen", "127.0.0.1:0", "--engine", engine, "--no-hash", "--rescan", "0"];
        // A group of its own, as a shell gives to each command.
        let mut child = self.command(&args).process_group(0).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        (Server(child), address)
    }
}

/// Queues a job, and gives its address.
pub async fn queue(address: &str, order: &Value) -> String {
    let queued = reqwest::Client::new().post(format!("{address}/api/v1/jobs")).json(order).send().await.unwrap();
    assert_eq!(queued.status(), 202, "{}", queued.text().await.unwrap());
    format!("{address}{}", queued.headers()["location"].to_str().unwrap())
}

/// Queues a job, and gives it once it is over.
pub async fn job(address: &str, order: Value) -> Value {
    over(&queue(address, &order).await).await
}

/// The job at that address, once it is over.
pub async fn over(url: &str) -> Value {
    let until = Instant::now() + Duration::from_secs(300);
    loop {
        let job: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        if !matches!(job["state"].as_str(), Some("waiting" | "running")) {
            return job;
        }
        assert!(Instant::now() < until, "{job}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until the job's image has had a step.
pub async fn begun(url: &str) -> Value {
    let until = Instant::now() + Duration::from_secs(120);
    loop {
        let job: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        if job["step"] != 0 {
            return job;
        }
        assert!(Instant::now() < until, "it does not begin: {job}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
