//! ComfyUI goes away in the middle of a job. These start one of their own, since nobody wants theirs killed.

use serde_json::json;

use crate::comfy::Comfy;
use crate::embedded::home::{begun, over, queue};
use crate::studio::{Studio, order};

#[tokio::test]
async fn a_comfyui_that_is_killed_and_started_again_makes_what_is_missing_once() {
    let mut studio = Studio::open(Comfy::start().await).await;
    let mut asked = order(10);
    asked["images"] = json!(3);
    let url = queue(&studio.address, &asked).await;
    let job = |url: String| async move { reqwest::get(url).await.unwrap().json::<serde_json::Value>().await.unwrap() };
    while job(url.clone()).await["made"] == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    begun(&url).await;
    studio.comfy.kill();
    studio.comfy.start_again().await;
    let done = over(&url).await;
    assert_eq!((&done["state"], &done["made"]), (&json!("done"), &json!(3)), "{done}");
    let seed = asked["seed"].as_i64().unwrap();
    let pictures = studio.pictures().await;
    let seeds: Vec<i64> = pictures.iter().map(|(image, _)| image["seed"].as_i64().unwrap()).collect();
    assert_eq!(seeds, [seed + 2, seed + 1, seed]);
    assert!(pictures.iter().all(|(_, png)| image::load_from_memory(png).is_ok()));
}

/// Nobody else is there who could make it, so it ends with the reason, and what is made stays.
#[tokio::test]
async fn a_comfyui_that_stays_away_ends_the_job_with_the_reason_and_may_try_again() {
    let mut studio = Studio::open(Comfy::start().await).await;
    let url = queue(&studio.address, &order(30)).await;
    begun(&url).await;
    studio.comfy.kill();
    let failed = over(&url).await;
    assert_eq!(failed["state"], "failed", "{failed}");
    assert!(failed["problem"].as_str().unwrap().contains("does not respond"), "{failed}");
    studio.comfy.start_again().await;
    studio.post(&format!("/api/v1/jobs/{}/retry", failed["id"].as_str().unwrap())).await;
    let done = over(&url).await;
    assert_eq!((&done["state"], &done["made"]), (&json!("done"), &json!(1)), "{done}");
    assert_eq!(studio.pictures().await.len(), 1);
}
