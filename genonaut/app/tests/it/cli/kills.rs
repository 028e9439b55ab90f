//! Killed without a word, at any moment, two hundred times: every job ends once, and nothing is left lying about.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use genonaut_db::PgPool;
use genonaut_db::images::{self, Shown, Window};
use genonaut_db::jobs::{self, State};
use genonaut_db::testing::{TestDatabase, count, database, run};
use serde_json::{Value, json};

const KILLS: usize = 200;
const SERVERS: usize = 3;
const JOBS: usize = 60;

/// Several servers on one database and one folder of images.
struct Fleet {
    database: TestDatabase,
    images: tempfile::TempDir,
    data: tempfile::TempDir,
    servers: Vec<Child>,
}

impl Fleet {
    async fn start() -> Self {
        let (database, images, data) = (database().await, tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut fleet = Self { database, images, data, servers: Vec::new() };
        fleet.servers = (0..SERVERS).map(|_| fleet.server()).collect();
        fleet
    }

    fn server(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_genonaut"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--rescan",
                "0",
                "--no-hash",
                "--demo-step",
                "2",
                "--lease",
                "1",
            ])
            .args(["--database-url", &self.database.url, "--log", "off", "--images"])
            .arg(self.images.path())
            .env("GENONAUT_DATA", self.data.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn kill(&mut self, which: usize) {
        self.servers[which].kill().unwrap();
        self.servers[which].wait().unwrap();
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        (0..self.servers.len()).for_each(|which| self.kill(which));
    }
}

fn recipe(seed: usize) -> Value {
    json!({"checkpoint": {"id": "0190b2d4-0000-7000-8000-000000000001", "name": "any", "path": "any.safetensors"},
        "prompt": "dunes", "negative_prompt": "", "loras": [], "width": 64, "height": 64, "steps": 4, "cfg": 7.0,
        "sampler": "euler", "scheduler": "normal", "seed": seed, "clip_skip": 1, "images": 3})
}

#[tokio::test]
async fn every_job_ends_once_and_nothing_is_left_lying_about() {
    let mut fleet = Fleet::start().await;
    let db = fleet.database.pool.clone();
    run(&db, AUDIT).await;
    let mut random = Random(0x5eed);
    for n in 0..JOBS {
        jobs::add(&db, &recipe(n), 3, None).await.unwrap();
    }
    for n in 0..KILLS {
        // The moment is what is tried here.
        tokio::time::sleep(Duration::from_millis(random.below(150))).await;
        let which = n % SERVERS;
        fleet.kill(which);
        fleet.servers[which] = fleet.server();
        if n % 20 == 0 {
            cancel_one(&db).await;
        }
        if jobs::open(&db).await.unwrap().is_empty() {
            jobs::add(&db, &recipe(n), 3, None).await.unwrap();
        }
    }
    until_over(&db).await;
    assert_eq!(count(&db, "SELECT count(*) FROM endings").await, count(&db, "SELECT count(*) FROM jobs").await);
    assert_eq!(
        count(&db, "SELECT count(*) FROM (SELECT FROM endings GROUP BY job HAVING count(*) > 1) AS twice").await,
        0
    );
    let made = "SELECT count(*) FROM jobs WHERE made <> (SELECT count(*) FROM images WHERE job = jobs.id)
        OR state = 'done' AND made <> images";
    assert_eq!(count(&db, made).await, 0);
    assert!(count(&db, "SELECT count(*) FROM jobs WHERE state = 'done'").await > 10);
    assert!(
        count(&db, "SELECT count(*) FROM jobs WHERE attempts > 1 OR state = 'failed'").await > 0,
        "no kill hit any work"
    );
    assert_eq!(known(&db).await, files(fleet.images.path()));
}

/// Writes down each time a job ends.
const AUDIT: &str = "
    CREATE TABLE endings (job uuid, state text);
    CREATE FUNCTION note_ending() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO endings VALUES (NEW.id, NEW.state);
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER ends AFTER UPDATE ON jobs FOR EACH ROW
        WHEN (OLD.finished IS NULL AND NEW.finished IS NOT NULL) EXECUTE FUNCTION note_ending();
";

async fn cancel_one(db: &PgPool) {
    let open = jobs::open(db).await.unwrap();
    let Some(job) = open.iter().find(|job| job.state == State::Running).or(open.first()) else { return };
    jobs::cancel(db, job.id).await.unwrap();
}

async fn until_over(db: &PgPool) {
    let started = Instant::now();
    while !jobs::open(db).await.unwrap().is_empty() {
        assert!(started.elapsed() < Duration::from_secs(120), "jobs do not end: {:?}", jobs::open(db).await.unwrap());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn known(db: &PgPool) -> BTreeSet<PathBuf> {
    let mut known = BTreeSet::new();
    let mut before = None;
    loop {
        let window = Window { before, since: None, limit: 200 };
        let (images, more) = images::list(db, Shown::All, window).await.unwrap();
        known.extend(images.iter().flat_map(|image| [PathBuf::from(&image.file), PathBuf::from(&image.thumbnail)]));
        before = images.last().map(|image| image.number);
        if !more {
            return known;
        }
    }
}

/// Every file below, hidden and half-written ones too.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let months = std::fs::read_dir(folder).unwrap().map(|month| month.unwrap().path());
    let files = months.flat_map(|month| std::fs::read_dir(month).unwrap().map(|file| file.unwrap().path()));
    files.map(|file| file.strip_prefix(folder).unwrap().to_owned()).collect()
}

/// The same moments in each run, as far as the machine lets them be.
struct Random(u64);

impl Random {
    /// Xorshift, as Marsaglia gives it.
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
