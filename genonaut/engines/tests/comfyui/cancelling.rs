//! Stopping our own work, and nobody else's.

use std::time::Duration;

use genonaut_engines::{Kind, Request};
use serde_json::{Value, json};

use crate::double::{Double, Recording, Say, request, until};

const OTHERS: &str = "11111111-1111-4111-8111-111111111111";

/// Drops the future once the prompt is posted, and gives the requests that follow time to arrive.
async fn dropped(double: &Double, request: &Request) {
    let client = double.client();
    tokio::select! {
        made = client.make(request, drop) => panic!("{made:?}"),
        () = until(|| !double.called("/prompt").is_empty()) => {}
    }
    tokio::time::sleep(Duration::from_millis(900)).await;
}

#[tokio::test]
async fn what_is_dropped_while_it_runs_is_interrupted_by_its_id() {
    let recording = Recording::open("plain_previews");
    let double = Double::start([vec![]]).await;
    dropped(&double, &request(&recording)).await;
    assert_eq!(double.called("/interrupt"), [json!({"prompt_id": recording.id})]);
    assert_eq!(double.called("/queue"), [Value::Null; 0]);
}

#[tokio::test]
async fn what_is_dropped_while_it_waits_is_taken_off_the_queue_and_others_run_on() {
    let recording = Recording::open("plain_previews");
    let double = Double::start([vec![]]).await;
    double.state().running.push(OTHERS.to_owned());
    dropped(&double, &request(&recording)).await;
    assert_eq!(double.called("/queue"), [json!({"delete": [recording.id]})]);
    assert_eq!(double.called("/interrupt"), [Value::Null; 0]);
    assert_eq!(double.state().running, [OTHERS]);
}

#[tokio::test]
async fn an_attempt_that_is_over_or_unknown_stops_nothing() {
    let recording = Recording::open("plain_previews");
    let double = Double::start([]).await;
    double.state().running.push(OTHERS.to_owned());
    double.client().cancel(recording.id.parse().unwrap()).await.unwrap();
    double.state().history.insert(recording.id.clone(), recording.history());
    double.client().cancel(recording.id.parse().unwrap()).await.unwrap();
    assert!(double.state().calls.is_empty());
}

#[tokio::test]
async fn an_image_that_came_stops_nothing() {
    let recording = Recording::open("plain_previews");
    let double = Double::start([recording.whole()]).await;
    double.make(&request(&recording)).await.0.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(double.called("/interrupt").is_empty() && double.called("/queue").is_empty());
}

#[tokio::test]
async fn who_cancels_at_the_server_has_cancelled() {
    let recording = Recording::open("interrupted");
    let double = Double::start([recording.whole()]).await;
    let failure = double.failure(&request(&recording)).await;
    assert_eq!(failure.kind, Kind::Cancelled);
    assert!(!failure.is_worth_another_try() && !failure.is_worth_another_engine());
}

#[tokio::test]
async fn what_someone_takes_off_the_queue_is_cancelled_although_nothing_is_said() {
    let recording = Recording::open("plain_previews");
    let double = Double::start([vec![Say::Forgotten]]).await;
    let failure = double.failure(&request(&recording)).await;
    assert_eq!(failure.kind, Kind::Cancelled);
    assert!(failure.title.starts_with("Removed from the queue"), "{}", failure.title);
}
