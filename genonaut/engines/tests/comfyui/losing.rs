//! Connections and servers that go away.

use genonaut_engines::Kind;
use serde_json::json;

use crate::double::{Double, Recording, Say, request, until};

#[tokio::test]
async fn a_lost_connection_is_opened_again_and_the_job_goes_on() {
    let recording = Recording::open("reconnected");
    let mut before = recording.part("before");
    before.push(Say::HangUp);
    let double = Double::start([before, recording.part("after")]).await;
    let (made, told) = double.make(&request(&recording)).await;
    assert_eq!(made.unwrap().width, 64);
    let steps: Vec<_> = told.iter().map(|progress| progress.step).collect();
    assert_eq!((steps.first(), steps.last()), (Some(&1), Some(&40)));
    assert_eq!(double.called("/prompt").len(), 1);
}

#[tokio::test]
async fn what_came_while_nobody_listened_is_in_the_history() {
    let recording = Recording::open("plain_previews");
    let script = vec![Say::Over(recording.history()), Say::HangUp];
    let double = Double::start([script]).await;
    assert_eq!(double.make(&request(&recording)).await.0.unwrap().width, 64);
}

#[tokio::test]
async fn a_failure_and_a_stop_that_came_while_nobody_listened_are_in_the_history() {
    for (name, kind) in [("corrupt_checkpoint", Kind::Unable), ("interrupted", Kind::Cancelled)] {
        let recording = Recording::open(name);
        let double = Double::start([vec![Say::Over(recording.history()), Say::HangUp]]).await;
        assert_eq!(double.failure(&request(&recording)).await.kind, kind);
    }
}

#[tokio::test]
async fn an_output_that_was_not_heard_of_is_looked_up_after_the_success() {
    let recording = Recording::open("plain_previews");
    let success = json!({"type": "execution_success", "data": {"prompt_id": recording.id}});
    let double = Double::start([vec![Say::Text(success), Say::Over(recording.history())]]).await;
    assert_eq!(double.make(&request(&recording)).await.0.unwrap().width, 64);
}

#[tokio::test]
async fn a_server_that_was_restarted_has_lost_the_job() {
    let recording = Recording::open("reconnected");
    let mut script = recording.part("before");
    script.extend([Say::Forgotten, Say::HangUp]);
    let failure = Double::start([script]).await.failure(&request(&recording)).await;
    assert_eq!(failure.kind, Kind::Lost);
    assert!(failure.is_worth_another_try());
    insta::assert_snapshot!(format!("{}\n{}", failure.title, failure.hint), @r"
    ComfyUI at http://127.0.0.1:8188 lost the job
    ComfyUI was restarted and lost its queue. Retry.
    ");
}

#[tokio::test]
async fn a_server_that_stays_away_is_given_up() {
    let recording = Recording::open("plain_previews");
    let mut double = Double::start([vec![Say::HangUp]]).await;
    let (client, request) = (double.client(), request(&recording));
    let making = client.make(&request, drop);
    tokio::pin!(making);
    // It dies once the prompt is posted.
    tokio::select! {
        made = &mut making => panic!("{made:?}"),
        () = until(|| !double.called("/prompt").is_empty()) => {}
    }
    double.stop().await;
    assert_eq!(making.await.unwrap_err().kind, Kind::Unreachable);
}

#[tokio::test]
async fn a_server_that_is_off_is_said_to_be_off() {
    let recording = Recording::open("plain_previews");
    let mut double = Double::start([]).await;
    double.stop().await;
    let failure = double.failure(&request(&recording)).await;
    assert_eq!(failure.kind, Kind::Unreachable);
    assert!(failure.is_worth_another_engine());
    insta::assert_snapshot!(format!("{}\n{}", failure.title, failure.hint), @r"
    ComfyUI at http://127.0.0.1:8188 does not respond
    Connection refused (os error 111). Start it or check its address.
    ");
}
