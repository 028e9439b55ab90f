//! Several engines on one queue: who takes what.

use std::time::Duration;

use genonaut_db::PgPool;
use genonaut_db::accounts::Viewer;
use genonaut_db::changes::Changes;
use genonaut_db::checkpoint;
use genonaut_db::engines::{self, Heard, Names, NewChosen};
use genonaut_db::jobs::{self, Job, Lease, State, Taker};
use genonaut_db::testing::{TestDatabase, database, run};
use serde_json::{Map, Value, json};
use uuid::Uuid;

const LONG: Duration = Duration::from_secs(60);

struct Fleet {
    _held: TestDatabase,
    db: PgPool,
}

impl Fleet {
    async fn new() -> Self {
        let held = database().await;
        Self { db: held.pool.clone(), _held: held }
    }

    async fn checkpoint(&self, name: &str) -> Uuid {
        let fields: Map<String, Value> =
            [("path".to_owned(), json!(format!("c/{name}.safetensors")))].into_iter().collect();
        checkpoint::create(&self.db, &fields).await.unwrap().id
    }

    async fn engine(&self, name: &str, has: &[&str]) -> Taker {
        let engine = Uuid::new_v4();
        self.tell(engine, name, Some(true)).await;
        let checkpoints = has.iter().map(|name| format!("{name}.safetensors")).collect();
        engines::holds(&self.db, engine, &Names { checkpoints, ..Names::default() }).await.unwrap();
        Taker { engine, name: name.to_owned(), uses_models: true, lists_models: true, prefers: None }
    }

    async fn tell(&self, id: Uuid, name: &str, reachable: Option<bool>) {
        let kind = "ComfyUI".to_owned();
        let heard = Heard {
            id,
            name: name.to_owned(),
            kind,
            uses_models: true,
            lists_models: true,
            reachable,
            ..Heard::default()
        };
        engines::tell(&self.db, &heard).await.unwrap();
    }

    async fn add(&self, checkpoint: Uuid) -> Job {
        jobs::add(&self.db, None, &json!({"loras": []}), 1, Some(checkpoint)).await.unwrap()
    }

    async fn take(&self, taker: &Taker) -> Option<Lease> {
        jobs::claim(&self.db, taker, LONG).await.unwrap()
    }
}

#[tokio::test]
async fn an_engine_takes_only_jobs_all_of_whose_models_it_has() {
    let fleet = Fleet::new().await;
    let (a, b) = (fleet.checkpoint("a").await, fleet.checkpoint("b").await);
    let (one, none) = (fleet.engine("one", &["b"]).await, fleet.engine("none", &[]).await);
    fleet.add(a).await;
    let job = fleet.add(b).await;
    assert!(fleet.take(&none).await.is_none());
    assert_eq!(fleet.take(&one).await.unwrap().job.id, job.id);
    assert!(fleet.take(&one).await.is_none());
    let all = Taker { lists_models: false, ..none };
    let lora = json!({"loras": [{"id": Uuid::new_v4()}]});
    // The LoRA of any of its images counts.
    for lacking in [lora.clone(), json!({"resolved": [{"prompt": "x"}, lora]})] {
        jobs::add(&fleet.db, None, &lacking, 2, Some(b)).await.unwrap();
        assert!(fleet.take(&one).await.is_none(), "it lacks the LoRA of {lacking}");
        assert!(fleet.take(&all).await.is_some());
    }
}

#[tokio::test]
async fn a_preferred_checkpoint_goes_first() {
    let fleet = Fleet::new().await;
    let (a, b) = (fleet.checkpoint("a").await, fleet.checkpoint("b").await);
    let one = fleet.engine("one", &["a", "b"]).await;
    let (first, second) = (fleet.add(a).await, fleet.add(b).await);
    let preferring = Taker { prefers: Some(b), ..one.clone() };
    assert_eq!(fleet.take(&preferring).await.unwrap().job.id, second.id);
    assert_eq!(fleet.take(&preferring).await.unwrap().job.id, first.id);
}

#[tokio::test]
async fn a_job_is_passed_on_only_to_a_living_engine_that_can_make_it() {
    let fleet = Fleet::new().await;
    let a = fleet.checkpoint("a").await;
    let (one, other) = (fleet.engine("one", &["a"]).await, fleet.engine("other", &[]).await);
    let job = fleet.add(a).await;
    let lease = fleet.take(&one).await.unwrap();
    let pass = async |lease: &Lease| jobs::pass_on(&fleet.db, lease, &one, ("Broke", "Try"), true).await.unwrap();
    assert!(!pass(&lease).await, "the other lacks it");
    engines::holds(
        &fleet.db,
        other.engine,
        &Names { checkpoints: vec!["a.safetensors".to_owned()], ..Names::default() },
    )
    .await
    .unwrap();
    fleet.tell(other.engine, "other", Some(false)).await;
    assert!(!pass(&lease).await, "the other is away");
    fleet.tell(other.engine, "other", Some(true)).await;
    assert!(pass(&lease).await);
    assert!(fleet.take(&one).await.is_none(), "not to the one that could not");
    let waiting = jobs::find(&fleet.db, Viewer::EVERYTHING, job.id).await.unwrap().unwrap();
    assert_eq!((waiting.state, waiting.attempts, waiting.problem.as_deref()), (State::Waiting, 0, Some("Broke")));
    assert_eq!(fleet.take(&other).await.unwrap().job.problem, None);
}

#[tokio::test]
async fn an_engine_that_was_away_may_take_its_job_again_but_not_for_ever() {
    let fleet = Fleet::new().await;
    let a = fleet.checkpoint("a").await;
    let (one, _other) = (fleet.engine("one", &["a"]).await, fleet.engine("other", &["a"]).await);
    let job = fleet.add(a).await;
    for attempt in 1..=5 {
        let lease = fleet.take(&one).await.unwrap();
        assert_eq!(lease.job.attempts, attempt);
        assert!(jobs::pass_on(&fleet.db, &lease, &one, ("Away", "Wait"), false).await.unwrap());
    }
    let last = fleet.take(&one).await.unwrap();
    assert!(jobs::finish(&fleet.db, &last, &last.exhausted().unwrap()).await.unwrap());
    assert_eq!(jobs::find(&fleet.db, Viewer::EVERYTHING, job.id).await.unwrap().unwrap().state, State::Failed);
}

#[tokio::test]
async fn an_engine_that_nobody_hears_of_counts_no_more() {
    let fleet = Fleet::new().await;
    let a = fleet.checkpoint("a").await;
    let one = fleet.engine("one", &["a"]).await;
    let job = fleet.add(a).await;
    let held = engines::holders(&fleet.db, &[job.id]).await.unwrap();
    assert_eq!((held[0].model, &held[0].engines[..]), (a, &[one.engine][..]));
    let mut changes = Changes::<engines::Change>::listen(&fleet.db).await.unwrap();
    run(&fleet.db, "UPDATE engines SET heard = now() - interval '30 seconds'").await;
    assert!(engines::list(&fleet.db).await.unwrap().is_empty());
    assert!(engines::holders(&fleet.db, &[job.id]).await.unwrap()[0].engines.is_empty());
    engines::expire(&fleet.db).await.unwrap();
    changes.next().await.unwrap();
}

#[tokio::test]
async fn what_changes_is_told_and_when() {
    let fleet = Fleet::new().await;
    let a = fleet.checkpoint("a").await;
    let one = fleet.engine("one", &["a"]).await;
    engines::loaded(&fleet.db, one.engine, Some(a)).await.unwrap();
    let before = engines::list(&fleet.db).await.unwrap().remove(0);
    assert_eq!((before.loaded_name.as_deref(), before.models), (Some("a"), 1));
    fleet.tell(one.engine, "one", Some(true)).await;
    assert_eq!(engines::list(&fleet.db).await.unwrap()[0].since, before.since);
    fleet.tell(one.engine, "one", Some(false)).await;
    let after = engines::list(&fleet.db).await.unwrap().remove(0);
    assert!(after.since > before.since && after.loaded.is_none());
}

#[tokio::test]
async fn what_is_set_on_the_page_is_kept_renamed_and_forgotten() {
    let fleet = Fleet::new().await;
    let db = &fleet.db;
    let new = |port: u16, secret: Option<&str>| NewChosen {
        url: format!("http://127.0.0.1:{port}"),
        secret: secret.map(str::to_owned),
        ..NewChosen::default()
    };
    let first = engines::choose(db, &new(8188, Some("s3cret"))).await.unwrap();
    let second = engines::choose(db, &new(8000, None)).await.unwrap();
    assert_eq!(engines::choose(db, &new(8188, Some("another"))).await.unwrap(), first, "an address is one engine");
    assert!(engines::name_chosen(db, second, Some("small")).await.unwrap());
    let kept = engines::chosen(db).await.unwrap();
    let told: Vec<_> =
        kept.iter().map(|engine| (engine.id, engine.name.as_deref(), engine.secret.as_deref())).collect();
    assert_eq!(told, [(first, None, Some("another")), (second, Some("small"), None)]);
    assert!(!format!("{kept:?}").contains("another"), "{kept:?}");
    assert!(engines::remove_chosen(db, first).await.unwrap() && !engines::remove_chosen(db, first).await.unwrap());
    engines::remove_all_chosen(db).await.unwrap();
    assert!(engines::chosen(db).await.unwrap().is_empty());
}
