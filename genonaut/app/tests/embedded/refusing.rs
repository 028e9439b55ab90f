//! What is refused before a process is started, because in there it would be a crash, or an image that is not the one.

use std::path::Path;

use genonaut_engines::{Component, Failure, Field, Init, Kind, LoraFile, ModelKind, Request, Role};

use crate::fixture::{FLUX, FLUX_MUTE, SD1, SD1_LORA};
use crate::studio::{Studio, cut};

/// The failure of a request that is not begun.
async fn refused(studio: &Studio, request: Request) -> Failure {
    let failure = studio.make(&request).await.unwrap_err();
    assert!(studio.processes().is_empty(), "{failure}");
    assert!(!failure.hint.is_empty() && !failure.is_worth_another_try(), "{failure}");
    failure
}

#[tokio::test]
async fn numbers_that_would_crash_it_are_refused_at_their_field() {
    let studio = Studio::new(611);
    let good = || studio.request();
    for (request, field) in [
        (Request { width: 0, ..good() }, Field::Size),
        (Request { height: 0, ..good() }, Field::Size),
        (Request { width: 72, ..good() }, Field::Size),
        (Request { steps: 0, ..good() }, Field::Steps),
        (Request { cfg: f64::INFINITY, ..good() }, Field::Cfg),
        (Request { sampler: "uni_pc".to_owned(), ..good() }, Field::Sampler),
        (Request { scheduler: "beta".to_owned(), ..good() }, Field::Scheduler),
        (Request { init: Some(Init { picture: b"no picture".to_vec(), denoise: 0.5 }), ..good() }, Field::Init),
    ] {
        assert_eq!(refused(&studio, request).await.field, Some(field));
    }
    let said = refused(&studio, Request { width: 840, height: 1000, ..good() }).await;
    assert_eq!(said.title, "840×1000 is not supported by the built-in engine");
    assert!(said.hint.contains("multiples of 64") && said.hint.contains("832×1024"), "{said}");
}

#[tokio::test]
async fn a_checkpoint_that_is_none_is_refused_with_the_reason() {
    let studio = Studio::new(612);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    cut(&studio.models.path(SD1), &at("cut.safetensors"), 20 << 20);
    cut(&studio.models.path(SD1), &at("stub.safetensors"), 2000);
    std::fs::write(at("page.safetensors"), "<!DOCTYPE html><html>log in</html>".repeat(9)).unwrap();
    std::fs::write(at("noise.safetensors"), [0xa5; 4096]).unwrap();
    let checkpoint = |path: &Path| Request { checkpoint: path.to_str().unwrap().to_owned(), ..studio.request() };
    for (name, kind, words) in [
        ("cut.safetensors", Kind::Refused, "cut.safetensors is incomplete"),
        ("stub.safetensors", Kind::Refused, "stub.safetensors is not a model"),
        ("page.safetensors", Kind::Refused, "web page"),
        ("noise.safetensors", Kind::Refused, "noise.safetensors is not a model"),
        ("nowhere.safetensors", Kind::Unable, "nowhere.safetensors not found"),
    ] {
        let failure = refused(&studio, checkpoint(&at(name))).await;
        assert_eq!((failure.kind, &failure.field), (kind, &Some(Field::Checkpoint)), "{failure}");
        assert!(failure.to_string().contains(words), "{failure}");
    }
    let lora = refused(&studio, checkpoint(studio.models.path(SD1_LORA).as_ref())).await;
    assert!(lora.title.contains("is not a checkpoint"), "{lora}");
}

#[tokio::test]
async fn a_model_that_lacks_a_part_is_refused_by_the_part() {
    let studio = Studio::new(613);
    let mute = Request { checkpoint: studio.models.path(FLUX_MUTE), cfg: 1.0, ..studio.request() };
    let failure = refused(&studio, mute.clone()).await;
    assert_eq!(failure.field, Some(Field::Component(Role::ClipL)));
    assert!(failure.title.contains("needs a CLIP-L text encoder"), "{failure}");
    let beside = vec![Component { role: Role::ClipL, path: "/nowhere/clip_l.safetensors".to_owned() }];
    let failure = refused(&studio, Request { components: beside, kind: ModelKind::Checkpoint, ..mute }).await;
    assert!(failure.title.contains("clip_l.safetensors not found"), "{failure}");
}

#[tokio::test]
async fn a_lora_that_would_be_left_out_or_crash_is_refused_by_its_path() {
    let studio = Studio::new(614);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    cut(&studio.models.path(SD1_LORA), at("cut.safetensors").as_ref(), 200_000);
    std::fs::write(at("noise.safetensors"), [0xa5; 4096]).unwrap();
    crate::fixture::sdxl_lora(at("xl.safetensors").as_ref());
    crate::fixture::dora(at("dora.safetensors").as_ref());
    crate::fixture::text_lora(at("text.safetensors").as_ref());
    let with = |path: &str, clip_weight| Request {
        loras: vec![LoraFile { path: path.to_owned(), weight: 1.0, clip_weight }],
        ..studio.request()
    };
    for (path, words) in [
        (at("nowhere.safetensors"), "nowhere.safetensors not found"),
        (at("cut.safetensors"), "cut.safetensors is incomplete"),
        (at("noise.safetensors"), "noise.safetensors is not a model"),
        (at("xl.safetensors"), "xl.safetensors is for sdxl"),
        (at("dora.safetensors"), "dora.safetensors uses the adapter type dora"),
        (studio.models.path(FLUX), "is not a LoRA"),
    ] {
        let failure = refused(&studio, with(&path, 1.0)).await;
        assert_eq!(failure.field, Some(Field::Lora(path)), "{failure}");
        assert!(failure.title.contains(words), "{failure}");
    }
    let text = at("text.safetensors");
    let failure = refused(&studio, with(&text, 0.5)).await;
    assert_eq!(failure.title, "text.safetensors cannot have a separate CLIP weight with this engine");
    // This one does not touch the text encoder, so a strength of its own for it means nothing.
    assert!(studio.make(&with(&studio.models.path(SD1_LORA), 0.5)).await.is_ok());
}
