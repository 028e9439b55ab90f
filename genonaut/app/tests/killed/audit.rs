//! What holds however many are killed: every job ends once, and for a reason; nothing is left lying about.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use genonaut_db::PgPool;
use genonaut_db::accounts::Viewer;
use genonaut_db::images::{self, Shown, Window};
use genonaut_db::jobs::{self, State};
use genonaut_db::testing::{count, run};

/// From here on each end of a job is written down, each worker that lost one, and each failure of an engine.
pub async fn begin(db: &PgPool) {
    run(db, BOOK).await;
}

const BOOK: &str = "
    CREATE TABLE endings (job uuid);
    CREATE TABLE losses (job uuid, place integer);
    CREATE TABLE failures (job uuid, hint text);
    CREATE FUNCTION write_down() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.finished IS NULL AND NEW.finished IS NOT NULL THEN
            INSERT INTO endings VALUES (NEW.id);
        END IF;
        IF OLD.state = 'running' AND NEW.state = 'running' AND OLD.lease_token <> NEW.lease_token THEN
            INSERT INTO losses VALUES (NEW.id, NEW.made);
        END IF;
        IF NEW.hint IS NOT NULL AND NEW.hint IS DISTINCT FROM OLD.hint THEN
            INSERT INTO failures VALUES (NEW.id, NEW.hint);
        END IF;
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER book AFTER UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION write_down();
";

pub async fn is_worked_on(db: &PgPool, engine: &str) -> bool {
    let open = jobs::open(db, Viewer::EVERYTHING).await.unwrap();
    open.iter().any(|job| job.state == State::Running && job.engine.as_deref() == Some(engine))
}

/// A running one where there is one.
pub async fn cancel_one(db: &PgPool) {
    let open = jobs::open(db, Viewer::EVERYTHING).await.unwrap();
    let Some(job) = open.iter().find(|job| job.state == State::Running).or(open.first()) else { return };
    jobs::cancel(db, Viewer::EVERYTHING, job.id).await.unwrap();
}

pub async fn until_over(db: &PgPool) {
    let started = Instant::now();
    while !jobs::open(db, Viewer::EVERYTHING).await.unwrap().is_empty() {
        assert!(
            started.elapsed() < Duration::from_secs(300),
            "jobs do not end: {:?}",
            jobs::open(db, Viewer::EVERYTHING).await.unwrap()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Of jobs that are all over, and the folder of their images.
pub async fn check(db: &PgPool, folder: &Path) {
    assert_eq!(count(db, "SELECT count(*) FROM endings").await, count(db, "SELECT count(*) FROM jobs").await);
    for (rule, broken) in RULES {
        assert_eq!(count(db, broken).await, 0, "{rule}");
    }
    assert_eq!(known(db).await, files(folder), "files without a row, or rows without files");
}

const RULES: [(&str, &str); 4] = [
    ("a job ends once", "SELECT count(*) FROM (SELECT FROM endings GROUP BY job HAVING count(*) > 1) AS twice"),
    (
        "a job's images are those it has made, and all of them when it is done",
        "SELECT count(*) FROM jobs WHERE made <> (SELECT count(*) FROM images WHERE job = jobs.id)
            OR state = 'done' AND made <> images",
    ),
    (
        "nobody has a job that is over",
        "SELECT count(*) FROM jobs WHERE lease_token IS NOT NULL OR lease_until IS NOT NULL OR preview IS NOT NULL",
    ),
    (
        // Who takes it then to say so can be killed in that moment: hence more than five.
        "a job fails when its engine was killed and no other could take it, or five workers in a row have died of one image",
        "SELECT count(*) FROM jobs WHERE state = 'failed' AND hint NOT LIKE '%SIGKILL%' AND NOT (
            problem = 'The worker stopped 5 times during this job' AND attempts > 5
            AND attempts = 1 + (SELECT count(*) FROM losses WHERE job = jobs.id AND place = made))",
    ),
];

async fn known(db: &PgPool) -> BTreeSet<PathBuf> {
    let mut known = BTreeSet::new();
    let mut before = None;
    loop {
        let window = Window { before, since: None, limit: 200 };
        let (images, more) = images::list(db, Viewer::EVERYTHING, Shown::All, window).await.unwrap();
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
