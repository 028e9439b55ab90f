//! Servers, workers and the processes of their engines killed at any moment, with a real engine in the middle of real
//! images.

use std::process::Command;
use std::time::{Duration, Instant};

use genonaut_db::PgPool;
use genonaut_db::accounts::Viewer;
use genonaut_db::jobs;
use genonaut_db::testing::{count, is_long};
use serde_json::{Value, json};

use crate::fixture::{Models, SD1};
use crate::killed::audit;
use crate::killed::fleet::{Fleet, Kind};
use crate::killed::random::Random;
use crate::processes::{engines, stat};

/// In `make test-long`; a tenth in `make test`.
const KILLS: usize = 72;
/// Milliseconds between two kills at most; an image takes about a second.
const LONGEST: u64 = 800;

fn recipe(seed: usize) -> Value {
    json!({"checkpoint": {"id": "0190b2d4-0000-7000-8000-000000000001", "name": "tiny", "path": Models::get().path(SD1)},
        "prompt": "a cat", "negative_prompt": "", "loras": [], "width": 64, "height": 64, "steps": 4, "cfg": 7.0,
        "sampler": "euler", "scheduler": "karras", "seed": seed, "clip_skip": 1, "images": 2})
}

#[tokio::test]
async fn every_job_ends_once_and_no_process_outlives_its_parent() {
    let mut fleet = Fleet::start(&[Kind::Server, Kind::Worker], "embedded=1").await;
    let db = fleet.db.clone();
    let (mut random, mut servers_hit, mut workers_hit) = (Random(0xc417d), 0, 0);
    let (kills, mut n) = (if is_long() { KILLS } else { KILLS / 10 }, 0);
    // Which kills hit work is chance, so there may have to be more.
    while n < kills || (servers_hit == 0 || workers_hit == 0 || engines_hit(&db).await == 0) && n < 2 * KILLS {
        while jobs::open(&db, Viewer::EVERYTHING).await.unwrap().len() < 3 {
            jobs::add(&db, None, &recipe(n), 2, None).await.unwrap();
        }
        random.moment(LONGEST).await;
        // Every other time an engine's process, then a server, then a worker.
        match n % 4 {
            1 => servers_hit += usize::from(fleet.kill(0).await),
            3 => workers_hit += usize::from(fleet.kill(1).await),
            _ => kill_an_engine(&fleet, &mut random).await,
        }
        until_no_orphans(&fleet).await;
        if n % 20 == 4 {
            audit::cancel_one(&db).await;
        }
        n += 1;
    }
    // Engines that have failed a job do not get it again, so there have to be others.
    for which in 0..fleet.members.len() {
        fleet.kill(which).await;
    }
    audit::until_over(&db).await;
    audit::check(&db, fleet.images.path()).await;
    fleet.until_only_the_living_are_known().await;
    until_no_orphans(&fleet).await;
    let engines_hit = engines_hit(&db).await;
    assert!(
        servers_hit > 0 && workers_hit > 0 && engines_hit > 0,
        "kills that hit work: {servers_hit} servers, {workers_hit} workers, {engines_hit} engines"
    );
    assert!(count(&db, "SELECT count(*) FROM jobs WHERE state = 'done'").await > 0);
    let data = mark(&fleet);
    drop(fleet);
    until(|| engines(&data).is_empty(), "no engine outlives the fleet").await;
}

/// How many jobs have failed of a killed engine, so far.
async fn engines_hit(db: &PgPool) -> i64 {
    count(db, "SELECT count(*) FROM failures WHERE hint LIKE '%SIGKILL%'").await
}

/// As soon as there is one. It may end by itself in that moment, when its parent does.
async fn kill_an_engine(fleet: &Fleet, random: &mut Random) {
    let mark = mark(fleet);
    until(|| !engines(&mark).is_empty(), "an engine is started").await;
    random.moment(LONGEST / 2).await;
    let engines = engines(&mark);
    if let Some(engine) = engines.get(random.below(2) as usize).or(engines.first()) {
        // There may be none any more.
        let _ = Command::new("kill").args(["-9", &engine.to_string()]).status();
    }
}

/// Until every engine's process has its parent in the fleet.
async fn until_no_orphans(fleet: &Fleet) {
    let parents: Vec<u32> = fleet.members.iter().map(|member| member.process.id()).collect();
    let mark = mark(fleet);
    let is_orphan = |id: &u32| stat(*id).is_some_and(|(state, of, _)| state != "Z" && !parents.contains(&of));
    until(|| !engines(&mark).iter().any(is_orphan), "engines end with their parents").await;
}

/// By which the processes of this fleet are told from those of other tests.
fn mark(fleet: &Fleet) -> String {
    format!("GENONAUT_DATA={}\0", fleet.data.path().display())
}

async fn until(is_so: impl Fn() -> bool, what: &str) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(120), "not in two minutes: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
