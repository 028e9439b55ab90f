//! Servers and workers on one database and one folder of images, which are killed and come again.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use genonaut_db::testing::{TestDatabase, count, database, run};
use genonaut_db::{PgPool, engines};
use tempfile::TempDir;

use super::audit;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Server,
    Worker,
}

pub struct Fleet {
    pub db: PgPool,
    pub images: TempDir,
    /// Every process of the fleet has it in its environment, and so has what they start.
    pub data: TempDir,
    pub members: Vec<Member>,
    engine: &'static str,
    started: usize,
    database: TestDatabase,
}

pub struct Member {
    pub kind: Kind,
    /// No other has it, before or after.
    name: String,
    pub process: Child,
}

impl Fleet {
    /// Each with an engine of that kind; a job is anyone's one second after its worker has died.
    pub async fn start(kinds: &[Kind], engine: &'static str) -> Self {
        let (database, images, data) = (database().await, tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let db = database.pool.clone();
        audit::begin(&db).await;
        let mut fleet = Self { db, images, data, members: Vec::new(), engine, started: 0, database };
        for kind in kinds {
            let member = fleet.member(*kind);
            fleet.members.push(member);
        }
        fleet
    }

    /// Kills one and starts another in its place. Whether a job was in its hands.
    pub async fn kill(&mut self, which: usize) -> bool {
        self.members[which].end();
        let had_a_job = audit::is_worked_on(&self.db, &self.members[which].name).await;
        self.members[which] = self.member(self.members[which].kind);
        had_a_job
    }

    /// Until the table of engines knows those that live and no others. What is known of the others was just heard: it is
    /// made old, so that nobody has to wait.
    pub async fn until_only_the_living_are_known(&self) {
        run(&self.db, "UPDATE engines SET heard = heard - interval '1 hour'").await;
        let living: Vec<&String> = self.members.iter().map(|member| &member.name).collect();
        let started = Instant::now();
        loop {
            let known = engines::list(&self.db).await.unwrap();
            let rows = count(&self.db, "SELECT count(*) FROM engines").await;
            if usize::try_from(rows) == Ok(living.len()) && known.iter().all(|engine| living.contains(&&engine.name)) {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(120), "{living:?} live, and known are {known:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn member(&mut self, kind: Kind) -> Member {
        self.started += 1;
        let (command, own) = match kind {
            Kind::Server => ("serve", &["--listen", "127.0.0.1:0", "--rescan", "0", "--no-hash"][..]),
            Kind::Worker => ("worker", &[][..]),
        };
        let name = format!("{command}-{}", self.started);
        let process = Command::new(env!("CARGO_BIN_EXE_genonaut"))
            .arg(command)
            .args(own)
            .args(["--engine", &format!("{name}={}", self.engine), "--demo-step", "2", "--lease", "1"])
            .args(["--database-url", &self.database.url, "--log", "off", "--images"])
            .arg(self.images.path())
            .env("GENONAUT_DATA", self.data.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Member { kind, name, process }
    }
}

impl Member {
    fn end(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.end();
    }
}
