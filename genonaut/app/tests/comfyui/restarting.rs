//! Our own server goes away in the middle of an image.

use serde_json::json;

use crate::comfy::Comfy;
use crate::embedded::home::{begun, over, queue};
use crate::studio::{Studio, order, prompt};

#[tokio::test]
async fn a_server_that_is_killed_goes_on_with_the_prompt_that_it_had_posted() {
    let mut studio = Studio::open(Comfy::get().await).await;
    let (_, before) = studio.comfy.post_as_somebody_else(1).await;
    let url = queue(&studio.address, &order(60)).await;
    let running = begun(&url).await;
    studio.server.0.kill().unwrap();
    let path = url.strip_prefix(&studio.address).unwrap().to_owned();
    studio.serve_again();
    let done = over(&format!("{}{path}", studio.address)).await;
    assert_eq!((&done["state"], done["results"].as_array().unwrap().len()), (&json!("done"), 1), "{done}");
    assert_eq!(studio.comfy.over(&prompt(&running, 0)).await, "success");
    let (_, after) = studio.comfy.post_as_somebody_else(1).await;
    assert_eq!(after - before, 2, "posted more than once");
    assert_eq!(studio.pictures().await.len(), 1);
}

#[tokio::test]
async fn a_server_that_is_stopped_gives_its_job_back_and_another_makes_it_once() {
    let mut studio = Studio::open(Comfy::get().await).await;
    let url = queue(&studio.address, &order(60)).await;
    let running = begun(&url).await;
    let id = studio.server.0.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(studio.server.0.wait().unwrap().success());
    assert_eq!(studio.comfy.over(&prompt(&running, 0)).await, "error", "nobody waits for it any more");
    let path = url.strip_prefix(&studio.address).unwrap().to_owned();
    studio.serve_again();
    let done = over(&format!("{}{path}", studio.address)).await;
    assert_eq!((&done["state"], done["results"].as_array().unwrap().len()), (&json!("done"), 1), "{done}");
    assert_eq!(studio.pictures().await.len(), 1);
}
