//! Images of every program, and files that are none.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod build;
mod cases;
mod containers;
mod hostile;
mod programs;
mod reports;
mod texts;

use genonaut_sources::picture::{Lora, Made, Model, Program, Report, Unreadable, infotext, png, read};
use proptest::prelude::*;

/// The smallest PNG header and end; nobody looks at the pixels.
const EMPTY: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90\x77\x53\xde\0\0\0\0IEND\xae\x42\x60\x82";

fn with(texts: &[(&str, &str)]) -> Made {
    read(&png::with_texts(EMPTY, texts).unwrap()).unwrap()
}

const A1111: &str = "a cat, (rain:1.2), <lora:add_detail:0.7>, <lora:film:0.5:0.8>\nsecond line\nNegative prompt: blurry\nmore\nSteps: 20, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 4294967295, Size: 512x768, Model hash: ABCDEF0123, Model: dream_8, Clip skip: 2, Lora hashes: \"add_detail: 7C6BAD76EB54, film: 0123456789ab\", Note: \"a, \\\"b\\\": c\", Version: v1.9";

#[test]
fn a1111_says_all_in_words() {
    let made = with(&[("parameters", A1111)]);
    assert_eq!((made.by, made.prompt.as_str()), (Program::A1111, "a cat, (rain:1.2), \nsecond line"));
    assert_eq!(made.negative_prompt, "blurry\nmore");
    assert_eq!((made.steps, made.cfg, made.seed, made.clip_skip), (Some(20), Some(6.5), Some(4_294_967_295), Some(2)));
    assert_eq!((made.width, made.height), (Some(512), Some(768)));
    assert_eq!((made.sampler.as_deref(), made.scheduler.as_deref()), (Some("dpmpp_2m"), Some("karras")));
    let checkpoint = made.checkpoint.unwrap();
    assert_eq!((checkpoint.name.as_str(), checkpoint.hash.as_deref()), ("dream_8", Some("abcdef0123")));
    assert_eq!(made.loras[0].model.hash.as_deref(), Some("7c6bad76eb54"));
    // Forge's second number is the model's.
    assert_eq!((made.loras[1].weight, made.loras[1].clip_weight), (0.8, Some(0.5)));
}

#[test]
fn what_is_written_is_read_again() {
    let made = Made {
        by: Program::A1111,
        prompt: "ein Löwe, 日本".to_owned(),
        negative_prompt: "blurry".to_owned(),
        checkpoint: Some(Model::named("odd, name: x.safetensors")),
        loras: vec![Lora { model: Model::named("film"), weight: 0.5, clip_weight: None }],
        width: Some(832),
        height: Some(1216),
        steps: Some(30),
        cfg: Some(7.5),
        sampler: Some("euler_ancestral".to_owned()),
        scheduler: Some("sgm_uniform".to_owned()),
        seed: Some(7),
        clip_skip: Some(2),
        vae: None,
        recipe: None,
        report: Report::default(),
    };
    let text = infotext::write(&made);
    let mut again = with(&[("parameters", &text)]);
    again.checkpoint.as_mut().unwrap().filename = made.checkpoint.as_ref().unwrap().filename.clone();
    again.report = Report::default();
    assert_eq!(again, made);
}

#[test]
fn our_own_word_is_taken_first_and_pixels_stay() {
    let made = with(&[("parameters", A1111), ("genonaut", "{\"prompt\": \"日本\"}")]);
    assert_eq!((made.by, made.recipe.unwrap()["prompt"].as_str()), (Program::Genonaut, Some("日本")));
    let signed = png::with_texts(EMPTY, &[("a", "b")]).unwrap();
    assert!(signed.ends_with(&EMPTY[33..]) && signed.starts_with(&EMPTY[..33]));
}

#[test]
fn swarmui_writes_json_under_the_same_name() {
    let json = r#"{"sui_image_params": {"prompt": "a", "negativeprompt": "b", "model": "SDXL/base.safetensors", "seed": 5, "steps": 9, "cfgscale": 4.5, "width": 64, "height": 96, "sampler": "euler", "scheduler": "karras", "loras": ["x/film"], "loraweights": ["0.4"]}, "sui_models": [{"name": "base", "param": "model", "hash": "0xABCDEF01"}]}"#;
    let made = with(&[("parameters", json)]);
    assert_eq!((made.by, made.prompt.as_str(), made.seed, made.cfg), (Program::SwarmUi, "a", Some(5), Some(4.5)));
    assert_eq!(made.checkpoint, Some(Model { hash: Some("abcdef01".into()), ..Model::named("SDXL/base.safetensors") }));
    assert_eq!((made.loras[0].model.name.as_str(), made.loras[0].weight), ("film", 0.4));
}

#[test]
fn invokeai_has_a_chunk_of_its_own() {
    let json = r#"{"positive_prompt": "a", "negative_prompt": "b", "model": {"name": "dream", "hash": "blake3:AB12CD34", "base": "sd-1"}, "loras": [{"model": {"name": "film"}, "weight": 0.75}], "seed": 1, "steps": 2, "cfg_scale": 3.0, "width": 64, "height": 64, "scheduler": "dpmpp_2m_k", "clip_skip": 1}"#;
    let made = with(&[("invokeai_metadata", json)]);
    assert_eq!(
        (made.by, made.sampler.as_deref(), made.scheduler.as_deref()),
        (Program::InvokeAi, Some("dpmpp_2m"), Some("karras"))
    );
    assert_eq!(
        (made.checkpoint.unwrap().hash.as_deref(), made.loras[0].weight, made.clip_skip),
        (Some("ab12cd34"), 0.75, Some(2))
    );
}

#[test]
fn comfyui_is_read_from_its_graph() {
    let graph = r#"{
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sub/base.safetensors"}},
        "10": {"class_type": "LoraLoader", "inputs": {"lora_name": "first.safetensors", "strength_model": 0.8, "strength_clip": 0.5, "model": ["4", 0], "clip": ["4", 1]}},
        "11": {"class_type": "LoraLoader", "inputs": {"lora_name": "second.safetensors", "strength_model": 1, "strength_clip": 1, "model": ["10", 0], "clip": ["10", 1]}},
        "12": {"class_type": "CLIPSetLastLayer", "inputs": {"stop_at_clip_layer": -2, "clip": ["11", 1]}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 832, "height": 1216}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["20", 0], "clip": ["12", 0]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "bad", "clip": ["12", 0]}},
        "20": {"class_type": "PrimitiveString", "inputs": {"value": "good"}},
        "3": {"class_type": "KSampler", "inputs": {"seed": 8, "steps": 20, "cfg": 8.0, "sampler_name": "dpmpp_2m", "scheduler": "karras", "model": ["11", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}}}"#;
    let made = with(&[("prompt", graph), ("workflow", "{}")]);
    assert_eq!((made.by, made.prompt.as_str(), made.negative_prompt.as_str()), (Program::ComfyUi, "good", "bad"));
    assert_eq!((made.seed, made.steps, made.cfg, made.clip_skip), (Some(8), Some(20), Some(8.0), Some(2)));
    assert_eq!((made.width, made.height), (Some(832), Some(1216)));
    assert_eq!(made.checkpoint.unwrap().name, "base");
    let loras: Vec<_> = made.loras.iter().map(|lora| (lora.model.name.as_str(), lora.clip_weight)).collect();
    assert_eq!(loras, [("first", Some(0.5)), ("second", None)]);
    let circle = r#"{"1": {"class_type": "KSampler", "inputs": {"positive": ["1", 0], "model": ["1", 0]}}}"#;
    assert_eq!(with(&[("prompt", circle)]).prompt, "");
}

#[test]
fn what_is_no_such_picture_is_told() {
    assert_eq!(read(b"hello"), Err(Unreadable::NotAPicture));
    assert_eq!(read(EMPTY), Err(Unreadable::NoParameters));
    assert_eq!(read(b"\xff\xd8\xff\xd9"), Err(Unreadable::NoParameters));
    let text = png::with_texts(EMPTY, &[("parameters", "just words")]).unwrap();
    assert_eq!(read(&text), Err(Unreadable::NoParameters));
    // A film has the boxes of AVIF, and another brand.
    assert_eq!(read(b"\0\0\0\x14ftypisom\0\0\0\0isom"), Err(Unreadable::NotAPicture));
    assert!(Unreadable::NoParameters.to_string().contains("metadata"));
}

proptest! {
    #[test]
    fn no_bytes_bring_it_down(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0..400usize, byte: u8) {
        for head in [&b""[..], EMPTY, b"\xff\xd8", b"RIFF\0\0\0\0WEBP", b"\x89PNG\r\n\x1a\n"] {
            let _ = read(&[head, &bytes].concat());
        }
        let mut damaged = png::with_texts(EMPTY, &[("parameters", A1111)]).unwrap();
        if let Some(place) = damaged.get_mut(at) {
            *place = byte;
        }
        let _ = read(&damaged);
    }

    #[test]
    fn no_text_brings_it_down(text in "(?s).{0,200}", line in "[A-Za-z]+: .{0,40}, B: \".{0,20}, C: d, E: f") {
        let _ = infotext::read(&text);
        let _ = infotext::read(&format!("{text}\n{line}"));
    }
}
