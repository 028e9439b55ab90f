//! What the report says was taken, changed and left out.

use genonaut_sources::picture::{Feature, Made, Reason, infotext};

use super::build::png_of;

fn left_out(made: &Made) -> Vec<(&str, Option<Reason>)> {
    made.report.left_out.iter().map(|item| (item.field.as_str(), item.reason)).collect()
}

#[test]
fn whatever_is_not_used_here_is_listed() {
    const MORE: [(&str, &str, Feature); 15] = [
        ("Denoising strength", "0.4", Feature::ImageToImage),
        ("ADetailer model", "face_yolov8n.pt", Feature::Detailer),
        ("ControlNet 0", "\"preprocessor: canny, model: x\"", Feature::ControlNet),
        ("Refiner", "sd_xl_refiner [abc]", Feature::Refiner),
        ("Variation seed", "5", Feature::VariationSeed),
        ("RP Active", "True", Feature::RegionalPrompts),
        ("Mask blur", "4", Feature::Inpainting),
        ("Tiling", "True", Feature::Tiling),
        ("Face restoration", "CodeFormer", Feature::FaceRestoration),
        ("Hypernet", "x", Feature::Hypernetwork),
        ("Distilled CFG Scale", "3.5", Feature::DistilledGuidance),
        ("Token merging ratio", "0.5", Feature::Speed),
        ("ENSD", "31337", Feature::Noise),
        ("Dynamic thresholding enabled", "True", Feature::Guidance),
        ("Script", "X/Y/Z plot", Feature::Script),
    ];
    for (name, value, feature) in MORE {
        let made =
            infotext::read(&format!("x\nSteps: 2, Sampler: Euler, Seed: 3, {name}: {value}, Version: v1.9")).unwrap();
        assert_eq!(left_out(&made), [(name, Some(Reason::Feature(feature)))]);
    }
    let made = infotext::read("x\nSteps: 2, Sampler: Euler, Seed: 3, Denoising strength: 0.4, Hires upscale: 2, Zebra: 4, TI hashes: \"easy: 0123\"").unwrap();
    let hires = Some(Reason::Feature(Feature::HiresFix));
    let wanted = [
        ("embedding", Some(Reason::Feature(Feature::Embeddings))),
        ("Denoising strength", hires),
        ("Hires upscale", hires),
        ("Zebra", Some(Reason::UnknownSetting)),
    ];
    assert_eq!(left_out(&made), wanted);
}

#[test]
fn what_is_switched_off_is_not_listed() {
    let made = infotext::read("x\nSteps: 2, Sampler: Euler, Seed: 3, Denoising strength: 1, Tiling: False, Refiner: None, Variation seed strength: 0, Hypernet: , Style: []").unwrap();
    assert_eq!(left_out(&made), []);
}

#[test]
fn every_value_has_its_place() {
    let made =
        infotext::read("x\nSteps: 20.4, Sampler: Zebra, CFG scale: x, Seed: 3, Size: 512x512, Model: b").unwrap();
    let taken: Vec<_> = made.report.taken.iter().map(|item| item.field.as_str()).collect();
    assert_eq!(taken, ["seed", "size", "checkpoint"]);
    let changed: Vec<_> =
        made.report.changed.iter().map(|item| (item.field.as_str(), item.value.as_deref(), item.reason)).collect();
    let clip = ("clip_skip", Some("1"), Some(Reason::WriterDefault(made.by)));
    assert_eq!(changed, [("steps", Some("20"), Some(Reason::Rounded)), clip]);
    assert_eq!(left_out(&made), [("CFG scale", Some(Reason::Unreadable)), ("sampler", Some(Reason::UnknownSampler))]);
    assert_eq!(made.report.left_out[1].sentence(), "Sampler “Zebra”: unknown sampler.");
}

#[test]
fn a_graph_beside_the_settings_fills_what_they_leave_open() {
    const GRAPH: &str = r#"{"4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "base.safetensors"}}, "10": {"class_type": "LoraLoader", "inputs": {"lora_name": "film.safetensors", "strength_model": 0.6, "strength_clip": 0.6, "model": ["4", 0]}}, "3": {"class_type": "KSampler", "inputs": {"seed": 8, "positive": ["6", 0], "model": ["10", 0]}}}"#;
    let text = "a cat\nSteps: 2, Sampler: Euler, Seed: 3, Hashes: {\"LORA:film\": \"0123456789\"}";
    let made = png_of(&[("parameters", text), ("prompt", GRAPH)]);
    assert_eq!((made.loras[0].weight, made.loras.len(), made.seed), (0.6, 1, Some(3)));
    assert_eq!(made.checkpoint.unwrap().name, "base");
}
