//! Images that come.

use std::time::Duration;

use genonaut_engines::{Init, Request};

use crate::fixture::{FLUX, FLUX_LORA, SD1, SD1_LORA};
use crate::studio::Studio;

#[tokio::test]
async fn the_seed_and_the_recipe_decide_every_byte_in_any_process() {
    let (studio, other) = (Studio::new(601), Studio::new(602));
    let (first, told) = studio.told(&studio.request()).await;
    assert_eq!((first.width, first.height), (64, 64));
    let image = image::load_from_memory(&first.png).unwrap().into_rgb8();
    assert!(image.pixels().any(|pixel| pixel != image.get_pixel(0, 0)), "one colour is no image");
    assert_eq!(told.iter().map(|progress| (progress.step, progress.steps)).collect::<Vec<_>>(), [(1, 2), (2, 2)]);
    assert!(told.iter().all(|progress| progress.preview.as_ref().is_some_and(|jpeg| jpeg.starts_with(b"\xff\xd8"))));
    assert_eq!(first, studio.make(&studio.request()).await.unwrap(), "in the same process");
    assert_eq!(first, other.make(&other.request()).await.unwrap(), "in another process");
    for changed in [
        Request { seed: 43, ..studio.request() },
        Request { prompt: "a dog".to_owned(), ..studio.request() },
        Request { negative_prompt: "a dog".to_owned(), ..studio.request() },
        Request { cfg: 3.0, ..studio.request() },
        Request { sampler: "euler_ancestral".to_owned(), ..studio.request() },
        Request { scheduler: "simple".to_owned(), ..studio.request() },
        Request { clip_skip: 2, ..studio.request() },
    ] {
        assert!(first.png != studio.make(&changed).await.unwrap().png, "{changed:?}");
    }
}

#[tokio::test]
async fn a_loras_weight_changes_the_image_and_no_weight_is_no_lora() {
    let studio = Studio::new(603);
    let with = async |weight| {
        let request = Request { loras: studio.lora(SD1_LORA, weight), ..studio.request() };
        studio.make(&request).await.unwrap().png
    };
    let plain = studio.make(&studio.request()).await.unwrap().png;
    let (whole, half) = (with(1.0).await, with(0.5).await);
    assert!(whole != plain && half != plain && whole != half);
    assert_eq!(with(0.0).await, plain);
    assert_eq!(with(1.0).await, whole, "one before it has left nothing behind");
    assert_eq!(studio.make(&studio.request()).await.unwrap().png, plain, "nor has it");
}

#[tokio::test]
async fn a_picture_to_start_from_is_seen_as_far_as_it_is_to_be_kept() {
    let studio = Studio::new(604);
    let from = async |colour: [u8; 3], denoise| {
        let mut picture = std::io::Cursor::new(Vec::new());
        let plain = image::RgbImage::from_pixel(80, 40, image::Rgb(colour));
        plain.write_to(&mut picture, image::ImageFormat::Png).unwrap();
        let init = Some(Init { picture: picture.into_inner(), denoise });
        studio.told(&Request { init, steps: 3, ..studio.request() }).await
    };
    let (red, told) = from([255, 0, 0], 0.3).await;
    assert_eq!((red.width, red.height, told.last().map(|progress| progress.step)), (64, 64, Some(3)));
    assert_ne!(red.png, from([0, 0, 255], 0.3).await.0.png);
    assert_ne!(red.png, from([255, 0, 0], 0.9).await.0.png);
    assert_eq!(red.png, from([255, 0, 0], 0.3).await.0.png);
}

#[tokio::test]
async fn flux_in_one_file_makes_images_and_takes_its_loras() {
    let studio = Studio::new(605);
    let flux = Request {
        checkpoint: studio.models.path(FLUX),
        width: 80,
        cfg: 1.0,
        guidance: Some(3.5),
        scheduler: "simple".to_owned(),
        ..studio.request()
    };
    let plain = studio.make(&flux).await.unwrap();
    assert_eq!((plain.width, plain.height), (80, 64));
    assert_eq!(plain, studio.make(&flux).await.unwrap());
    let changed = Request { loras: studio.lora(FLUX_LORA, 1.0), ..flux.clone() };
    assert_ne!(plain.png, studio.make(&changed).await.unwrap().png);
    assert_ne!(plain.png, studio.make(&Request { guidance: Some(9.0), ..flux }).await.unwrap().png);
}

#[tokio::test]
async fn one_process_goes_from_model_to_model_and_leaves_when_nothing_is_asked_of_it() {
    let studio = Studio::new(4);
    let flux = Request { checkpoint: studio.models.path(FLUX), cfg: 1.0, ..studio.request() };
    let first = studio.make(&studio.request()).await.unwrap();
    let process = studio.processes();
    assert_eq!(process.len(), 1);
    let other = studio.make(&flux).await.unwrap();
    assert_ne!(first.png, other.png);
    assert_eq!(first, studio.make(&studio.request()).await.unwrap(), "after another model");
    assert_eq!(process, studio.processes());
    studio.until_alone().await;
    assert_eq!(first, studio.make(&studio.request()).await.unwrap(), "in a process of its own");
    assert_ne!(process, studio.processes());
}

/// A file that was replaced is another model, whatever it is called.
#[tokio::test]
async fn a_checkpoint_that_changed_on_the_disk_is_loaded_anew() {
    let studio = Studio::new(606);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let request = Request { checkpoint: path.to_str().unwrap().to_owned(), ..studio.request() };
    let flux = Request { cfg: 1.0, ..request.clone() };
    for (name, request) in [(SD1, &request), (FLUX, &flux), (SD1, &request)] {
        let expected = Request { checkpoint: studio.models.path(name), ..request.clone() };
        std::fs::remove_file(&path).unwrap_or_default();
        std::os::unix::fs::symlink(studio.models.path(name), &path).unwrap();
        assert_eq!(studio.make(request).await.unwrap(), studio.make(&expected).await.unwrap());
    }
}

#[tokio::test]
async fn two_at_a_time_wait_for_each_other() {
    let studio = Studio::new(607);
    let request = studio.request();
    let (one, other) = tokio::time::timeout(Duration::from_secs(300), async {
        tokio::join!(studio.make(&request), studio.make(&request))
    })
    .await
    .unwrap();
    assert_eq!(one.unwrap(), other.unwrap());
    assert_eq!(studio.processes().len(), 1);
}
