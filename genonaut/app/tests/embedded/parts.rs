//! Text encoders and VAEs in files of their own, as ComfyUI has them.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use genonaut_engines::{Component, Failure, Field, Kind, Request, Role};
use serde_json::{Value, json};

use crate::fixture::{
    FLUX, FLUX_ALONE, FLUX_CLIP, FLUX_MUTE, FLUX_VAE, OTHER_VAE, SD1, SD1_BLIND, SD1_CLIP, SD1_UNET, SD1_VAE,
};
use crate::studio::Studio;

fn with(studio: &Studio, parts: &[(Role, &str)], request: Request) -> Request {
    let component = |&(role, name): &(Role, &str)| Component { role, path: studio.models.path(name) };
    Request { components: parts.iter().map(component).collect(), ..request }
}

#[tokio::test]
async fn parts_in_files_of_their_own_make_the_image_that_the_whole_file_makes() {
    let studio = Studio::new(608);
    let of = |name| Request { checkpoint: studio.models.path(name), ..studio.request() };
    let whole = studio.make(&of(SD1)).await.unwrap();
    assert_eq!(studio.make(&with(&studio, &[(Role::Vae, SD1_VAE)], of(SD1_BLIND))).await.unwrap(), whole);
    let flux = |name| Request { cfg: 1.0, ..of(name) };
    let whole = studio.make(&flux(FLUX)).await.unwrap();
    let mute = with(&studio, &[(Role::ClipL, FLUX_CLIP)], flux(FLUX_MUTE));
    assert_eq!(studio.make(&mute).await.unwrap(), whole);
    let other = Request { prompt: "a dog in the sun".to_owned(), ..mute };
    assert!(studio.make(&other).await.unwrap() != whole, "it reads the prompt");
}

/// Whoever chooses one gets it, whatever is in the checkpoint's file.
#[tokio::test]
async fn a_vae_that_is_chosen_takes_the_place_of_the_one_inside() {
    let studio = Studio::new(610);
    let with_other = |name| {
        let request = Request { checkpoint: studio.models.path(name), ..studio.request() };
        with(&studio, &[(Role::Vae, OTHER_VAE)], request)
    };
    let chosen = studio.make(&with_other(SD1)).await.unwrap();
    assert!(chosen != studio.make(&studio.request()).await.unwrap(), "it is the one inside");
    assert_eq!(chosen, studio.make(&with_other(SD1_BLIND)).await.unwrap());
}

/// FLUX's T5 is of one size, 9 GB, so the engine's process gets an order that none would be sent: without any.
#[tokio::test]
async fn a_diffusion_model_alone_is_put_together_with_its_parts() {
    let studio = Studio::new(609);
    let flux = Request { checkpoint: studio.models.path(FLUX), cfg: 1.0, ..studio.request() };
    let whole = studio.make(&flux).await.unwrap();
    let path = |name| studio.models.path(name);
    let model = json!({"diffusion": path(FLUX_ALONE), "clip_l": path(FLUX_CLIP), "vae": path(FLUX_VAE), "threads": 1,
        "seen": []});
    let order = json!({"model": model, "loras": [], "prompt": flux.prompt, "negative_prompt": "", "width": flux.width,
        "height": flux.height, "steps": flux.steps, "cfg": flux.cfg, "sampler": flux.sampler,
        "scheduler": flux.scheduler, "seed": flux.seed, "clip_skip": flux.clip_skip});
    let last = ordered(&order);
    let png = last["made"]["png"].as_str().unwrap_or_else(|| panic!("{last}"));
    assert_eq!(BASE64_STANDARD.decode(png).unwrap(), whole.png);
}

/// What the engine's process says in the end.
fn ordered(order: &Value) -> Value {
    let mut process = Command::new(env!("CARGO_BIN_EXE_genonaut"))
        .args(["engine-child", "6090"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(process.stdin.as_mut().unwrap(), "{order}").unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut events = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let last = events.find(|event| event.get("made").or(event.get("failed")).is_some());
    process.kill().unwrap();
    process.wait().unwrap();
    last.unwrap()
}

/// The library takes any file for any part, and knows a UNet only by the text encoder in its own file.
#[tokio::test]
async fn what_is_not_the_part_that_is_wanted_is_refused() {
    let studio = Studio::new(615);
    let sd1 = |name| Request { checkpoint: studio.models.path(name), ..studio.request() };
    for (role, name, title) in [
        (Role::ClipL, SD1_VAE, "tiny-sd1-vae.safetensors cannot be used as CLIP-L text encoder"),
        (Role::Vae, SD1_CLIP, "tiny-sd1-clip_l.safetensors cannot be used as VAE"),
        (Role::Vae, FLUX_VAE, "tiny-flux-vae.safetensors is for flux1"),
        (Role::Vae, SD1, "tiny-sd1.safetensors cannot be used as VAE"),
    ] {
        let failure = refused(&studio, with(&studio, &[(role, name)], sd1(SD1))).await;
        assert_eq!((failure.kind, failure.field), (Kind::Refused, Some(Field::Component(role))));
        assert_eq!(failure.title, title);
    }
    let all = [(Role::ClipL, SD1_CLIP), (Role::Vae, SD1_VAE)];
    let failure = refused(&studio, with(&studio, &all, sd1(SD1_UNET))).await;
    assert_eq!((failure.kind, &failure.field), (Kind::Unable, &Some(Field::Checkpoint)), "another engine can");
    assert!(failure.title.contains("does not contain a text encoder"), "{failure}");
    let failure = refused(&studio, sd1(SD1_BLIND)).await;
    assert_eq!(failure.field, Some(Field::Component(Role::Vae)), "{failure}");
    let parts = [(Role::ClipL, FLUX_CLIP), (Role::Vae, FLUX_VAE)];
    let failure = refused(&studio, with(&studio, &parts, Request { cfg: 1.0, ..sd1(FLUX_ALONE) })).await;
    assert_eq!(failure.field, Some(Field::Component(Role::T5)), "{failure}");
}

async fn refused(studio: &Studio, request: Request) -> Failure {
    let failure = studio.make(&request).await.unwrap_err();
    assert!(studio.processes().is_empty() && !failure.hint.is_empty(), "{failure}");
    failure
}
