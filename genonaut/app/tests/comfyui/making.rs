//! From a folder of models to a picture in the history.

use std::time::{Duration, Instant};

use genonaut_sources::picture::{png, read};
use serde_json::json;

use crate::comfy::{CHECKPOINT, Comfy, LORA};
use crate::embedded::home::{job, over, queue};
use crate::studio::{Studio, order};

#[tokio::test]
async fn a_scanned_checkpoint_and_lora_become_a_picture_that_carries_its_recipe() {
    let studio = Studio::open(Comfy::get().await).await;
    let checkpoints = studio.json(&format!("/api/v1/checkpoint-models?q={CHECKPOINT}")).await;
    assert_eq!(checkpoints["items"][0]["base"], "sd1", "{checkpoints}");
    let asked = order(20);
    let url = queue(&studio.address, &asked).await;
    preview(&url.replace("/api/v1", "")).await;
    let done = over(&url).await;
    assert_eq!((&done["state"], &done["engine"]), (&json!("done"), &json!("ComfyUI")), "{done}");
    let [(image, picture)] = &studio.pictures().await[..] else { panic!("one picture") };
    assert_eq!((&image["width"], &image["seed"]), (&json!(64), &asked["seed"]));
    let drawn = image::load_from_memory(picture).unwrap().into_rgb8();
    assert!(drawn.pixels().any(|pixel| pixel != drawn.get_pixel(0, 0)), "one colour is no picture");
    let made = read(picture).unwrap();
    assert_eq!((made.prompt.as_str(), made.steps), ("a cat", Some(20)));
    assert_eq!(made.checkpoint.unwrap().name, CHECKPOINT);
    assert_eq!((made.loras[0].model.name.as_str(), made.loras[0].weight), (LORA, 0.8));
    let texts: Vec<String> = png::texts(picture).into_iter().map(|(keyword, _)| keyword).collect();
    for keyword in ["parameters", "genonaut", "prompt"] {
        assert!(texts.iter().any(|text| text == keyword), "{keyword} is not among {texts:?}");
    }
}

/// Waits for a look at what is in work.
async fn preview(url: &str) {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = reqwest::get(format!("{url}/preview")).await.unwrap();
        let jpeg = answer.bytes().await.unwrap();
        if !jpeg.is_empty() {
            assert!(image::load_from_memory(&jpeg).is_ok(), "the preview is no picture");
            return;
        }
        assert!(Instant::now() < until, "no preview came; start ComfyUI with --preview-method auto");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_recipe_decides_the_picture_and_the_lora_has_its_say() {
    let studio = Studio::open(Comfy::get().await).await;
    let first = order(4);
    let with = |weight: f64| {
        let mut order = first.clone();
        order["loras"][0]["weight"] = json!(weight);
        order
    };
    for order in [first.clone(), with(0.0), with(1.6), first.clone()] {
        let done = job(&studio.address, order).await;
        assert_eq!(done["state"], "done", "{done}");
    }
    let drawn: Vec<_> = studio.pictures().await.iter().map(|(_, png)| image::load_from_memory(png).unwrap()).collect();
    let [again, strong, none, once] = &drawn[..] else { panic!("four pictures") };
    assert_eq!(once, again);
    assert!(once != none && once != strong && none != strong, "the weight changes nothing");
}
