//! Requests that the server, or the client before it, turns down.

use std::fmt::Write as _;

use axum::http::StatusCode;
use genonaut_engines::{Component, Failure, Field, Kind, Request, Role};
use serde_json::{Value, json};

use crate::double::{Double, Recording, refusals, request};

fn asked() -> Request {
    request(&Recording::open("plain_previews"))
}

fn shown(failure: &Failure) -> String {
    let Failure { title, hint, kind, field } = failure;
    format!("{kind:?} {field:?}\n{title}\n{hint}\n")
}

#[tokio::test]
async fn every_recorded_refusal_says_what_to_do_and_where() {
    let mut all = String::new();
    for (name, status, body) in refusals() {
        let double = Double::start([]).await;
        double.state().refusal = Some((StatusCode::from_u16(status).unwrap(), body));
        writeln!(all, "## {name}\n{}", shown(&double.failure(&asked()).await)).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn a_model_that_the_server_lacks_is_told_before_anything_is_queued() {
    let double = Double::start([]).await;
    let failure = double.failure(&Request { checkpoint: "/m/other.safetensors".to_owned(), ..asked() }).await;
    insta::assert_snapshot!(shown(&failure), @r"
    Unable Some(Checkpoint)
    ComfyUI at http://127.0.0.1:8188 does not have other.safetensors
    Add it to models/checkpoints of that ComfyUI, or list Genonaut's folder in its extra_model_paths.yaml.
    ");
    assert!(double.state().calls.is_empty());
}

#[tokio::test]
async fn a_lora_that_the_server_has_twice_is_told_before_anything_is_queued() {
    let double = Double::start([]).await;
    let twice = json!([["a/tiny_lora.safetensors", "b/tiny_lora.safetensors"]]);
    double.state().object_info["LoraLoader"]["LoraLoader"]["input"]["required"]["lora_name"] = twice;
    let failure = double.failure(&asked()).await;
    insta::assert_snapshot!(shown(&failure), @r#"
    Unable Some(Lora("/loras/tiny_lora.safetensors"))
    ComfyUI at http://127.0.0.1:8188 has several files named tiny_lora.safetensors
    It offers a/tiny_lora.safetensors, b/tiny_lora.safetensors. Rename one, or use the same subfolders on both sides.
    "#);
    assert!(double.state().calls.is_empty());
}

#[tokio::test]
async fn half_of_the_text_encoders_is_not_enough() {
    let double = Double::start([]).await;
    double.state().object_info["CLIPLoader"] =
        json!({"CLIPLoader": {"input": {"required": {"clip_name": [["clip_l.safetensors"]]}}}});
    let component = Component { role: Role::ClipL, path: "/te/clip_l.safetensors".to_owned() };
    let architecture = Some("flux1".to_owned());
    let failure = double.failure(&Request { components: vec![component], architecture, ..asked() }).await;
    assert_eq!((failure.kind, failure.field), (Kind::Refused, Some(Field::Component(Role::T5))));
    assert_eq!(failure.title, "tiny_sd15.safetensors needs a T5 text encoder");
}

#[tokio::test]
async fn an_architecture_without_a_workflow_is_left_to_other_engines() {
    let double = Double::start([]).await;
    let failure = double.failure(&Request { architecture: Some("kolors".to_owned()), ..asked() }).await;
    assert_eq!((failure.kind, failure.field), (Kind::Unable, Some(Field::Checkpoint)));
    assert_eq!(double.called("/prompt"), [Value::Null; 0]);
}
