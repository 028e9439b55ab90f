//! Cancelling stops our own work, and nobody else's.

use serde_json::json;

use crate::comfy::Comfy;
use crate::embedded::home::{begun, over, queue};
use crate::studio::{Studio, order, prompt};

/// Longer than anybody waits.
const LONG: u32 = 150;

#[tokio::test]
async fn what_runs_is_interrupted_and_what_somebody_else_queued_runs_on() {
    let studio = Studio::open(Comfy::get().await).await;
    let url = queue(&studio.address, &order(LONG)).await;
    let running = begun(&url).await;
    let (theirs, _) = studio.comfy.post_as_somebody_else(2).await;
    studio.post(&format!("/api/v1/jobs/{}/cancel", running["id"].as_str().unwrap())).await;
    assert_eq!(over(&url).await["state"], "cancelled");
    assert_eq!(studio.comfy.over(&theirs).await, "success");
    let ours = prompt(&running, 0);
    assert_eq!(studio.comfy.over(&ours).await, "error", "it was interrupted");
    assert!(studio.pictures().await.is_empty());
}

#[tokio::test]
async fn what_waits_behind_somebody_elses_is_taken_off_the_queue_and_theirs_runs_on() {
    let studio = Studio::open(Comfy::get().await).await;
    let (theirs, _) = studio.comfy.post_as_somebody_else(40).await;
    let url = queue(&studio.address, &order(2)).await;
    let waiting = reqwest::get(&url).await.unwrap().json().await.unwrap();
    let ours = prompt(&waiting, 0);
    loop {
        let queued = studio.comfy.get_json("/queue").await;
        assert!(queued["queue_running"].to_string().contains(&theirs), "theirs is over before ours came");
        if queued["queue_pending"].to_string().contains(&ours) {
            break;
        }
    }
    studio.post(&format!("/api/v1/jobs/{}/cancel", waiting["id"].as_str().unwrap())).await;
    assert_eq!(over(&url).await["state"], "cancelled");
    assert_eq!(studio.comfy.over(&theirs).await, "success");
    assert_eq!(studio.comfy.get_json(&format!("/history/{ours}")).await, json!({}), "it was never begun");
}
