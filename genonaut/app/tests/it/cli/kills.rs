//! Servers and workers killed without a word, at any moment: every job ends once, and nothing is left lying about. With
//! the kills of `embedded/killing.rs` these are two hundred in `make test-long`, and a tenth of that in `make test`.

use genonaut_db::PgPool;
use genonaut_db::accounts::Viewer;
use genonaut_db::jobs;
use genonaut_db::testing::{count, is_long};
use serde_json::{Value, json};

use crate::killed::audit;
use crate::killed::fleet::{Fleet, Kind};
use crate::killed::random::Random;

const KILLS: usize = 130;
const JOBS: usize = 40;

fn recipe(seed: usize) -> Value {
    json!({"checkpoint": {"id": "0190b2d4-0000-7000-8000-000000000001", "name": "any", "path": "any.safetensors"},
        "prompt": "dunes", "negative_prompt": "", "loras": [], "width": 64, "height": 64, "steps": 4, "cfg": 7.0,
        "sampler": "euler", "scheduler": "normal", "seed": seed, "clip_skip": 1, "images": 3})
}

async fn add(db: &PgPool, seed: usize) {
    jobs::add(db, None, &recipe(seed), 3, None).await.unwrap();
}

#[tokio::test]
async fn every_job_ends_once_and_nothing_is_left_lying_about() {
    let mut fleet = Fleet::start(&[Kind::Server, Kind::Worker, Kind::Server, Kind::Worker], "scripted").await;
    let db = fleet.db.clone();
    let (mut random, mut servers_hit, mut workers_hit) = (Random(0x5eed), 0, 0);
    for n in 0..JOBS {
        add(&db, n).await;
    }
    let (kills, mut n) = (if is_long() { KILLS } else { KILLS / 10 }, 0);
    // Which kills hit work is chance, so there may have to be more.
    while n < kills || (servers_hit == 0 || workers_hit == 0) && n < 2 * KILLS {
        random.moment(150).await;
        let which = n % fleet.members.len();
        let hit = usize::from(fleet.kill(which).await);
        match fleet.members[which].kind {
            Kind::Server => servers_hit += hit,
            Kind::Worker => workers_hit += hit,
        }
        if n % 20 == 0 {
            audit::cancel_one(&db).await;
        }
        if jobs::open(&db, Viewer::EVERYTHING).await.unwrap().is_empty() {
            add(&db, n).await;
        }
        n += 1;
    }
    audit::until_over(&db).await;
    audit::check(&db, fleet.images.path()).await;
    fleet.until_only_the_living_are_known().await;
    assert!(servers_hit > 0 && workers_hit > 0, "kills that hit work: {servers_hit} servers, {workers_hit} workers");
    assert!(count(&db, "SELECT count(*) FROM jobs WHERE state = 'done'").await > 10);
}
