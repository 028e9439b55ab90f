//! What particular files make of particular fields.

use std::path::Path;

use genonaut_sources::entry::{Entry, Table};
use genonaut_sources::identify::Kind;
use genonaut_sources::model_file::Format;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::support::{Row, write_safetensors};
use crate::{fixtures, only, pickled};

/// Fits FLUX and Chroma alike.
const FLUX: &[Row] = &[
    ("lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight", "F16", &[16, 3072]),
    ("lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight", "F16", &[9216, 16]),
];

fn beside(tensors: &[Row], files: &[(&str, Value)]) -> Entry {
    let home = tempdir().unwrap();
    write_safetensors(&home.path().join("hero.safetensors"), tensors, None, b"");
    for (name, content) in files {
        std::fs::write(home.path().join(name), content.to_string()).unwrap();
    }
    only(home.path())
}

fn said_by<'a>(entry: &'a Entry, field: &str) -> Option<&'a str> {
    entry.said_by.get(field).map(String::as_str)
}

#[test]
fn a_claim_beside_the_model_chooses_among_what_the_tensors_allow() {
    let open = beside(FLUX, &[]);
    assert_eq!(open.fields["compatible_architectures"], json!(["flux1", "chroma"]));
    assert_eq!(
        (said_by(&open, "compatible_architectures"), said_by(&open, "family")),
        (Some("header"), Some("header"))
    );
    let chosen = beside(FLUX, &[("hero.metadata.json", json!({"base_model": "Chroma"}))]);
    assert_eq!(chosen.fields["compatible_architectures"], json!(["chroma"]));
    assert_eq!(said_by(&chosen, "compatible_architectures"), Some("hero.metadata.json"));
    let detection = &chosen.fields["metadata"]["detection"];
    assert_eq!((&detection["source"], &detection["confidence"]), (&json!("keys+sidecar"), &json!("high")));
    assert_eq!((&detection["alternatives"], &detection["conflict"]), (&json!(["flux1"]), &json!(false)));
}

#[test]
fn a_claim_that_the_tensors_exclude_is_kept_as_one() {
    let civitai = json!({"id": 1, "baseModel": "Flux.1 D"});
    let entry = beside(FLUX, &[("hero.json", json!({"sd version": "SD1"})), ("hero.civitai.info", civitai)]);
    assert_eq!(entry.fields["compatible_architectures"], json!(["flux1"]));
    let detection = &entry.fields["metadata"]["detection"];
    assert_eq!(detection["claim"], json!({"base": "SD1", "by": "hero.json"}));
    assert_eq!(detection["conflict"], true);
}

#[test]
fn a_claim_alone_is_taken_with_less_confidence_where_a_base_makes_sense() {
    let claim = [("hero.civitai.info", json!({"id": 1, "baseModel": "SDXL 1.0"}))];
    let modules: &[Row] = &[
        ("lora_unet_something_else.lora_down.weight", "F16", &[16, 64]),
        ("lora_unet_something_else.lora_up.weight", "F16", &[640, 16]),
    ];
    assert!(!beside(modules, &[]).fields.contains_key("compatible_architectures"));
    let entry = beside(modules, &claim);
    assert_eq!(entry.fields["compatible_architectures"], json!(["sdxl"]));
    let detection = &entry.fields["metadata"]["detection"];
    assert_eq!((&detection["source"], &detection["confidence"]), (&json!("sidecar"), &json!("medium")));
    let upscaler: &[Row] =
        &[("conv_first.weight", "F16", &[64, 3, 3, 3]), ("body.0.rdb1.conv1.weight", "F16", &[32, 64, 3, 3])];
    let entry = beside(upscaler, &claim);
    assert_eq!((entry.kind, entry.fields["metadata"]["detection"].get("architecture")), (Kind::Upscaler, None));
}

#[test]
fn each_field_says_who_said_it() {
    let home = tempdir().unwrap();
    fixtures::write_beside(home.path());
    let entry = only(&home.path().join("all"));
    for (field, source) in [
        ("name", "hero.civitai.info"),
        ("version", "hero.civitai.info"),
        ("description", "hero.txt"),
        ("tags", "hero.civitai.info"),
        ("trigger_words", "hero.json, hero.civitai.info, header"),
        ("compatible_architectures", "header"),
        ("family", "hero.metadata.json"),
        ("metadata.civitai", "hero.civitai.info"),
    ] {
        assert_eq!(said_by(&entry, field), Some(source), "{field}");
    }
    let metadata = &entry.fields["metadata"];
    assert_eq!(metadata["trigger_words_source"]["embedded trigger"], "modelspec.trigger_phrase");
    assert_eq!(metadata["claimed_hashes"]["autov3"], json!(["cccccccccccc"]));
    assert_eq!(metadata["raw"]["header"]["ss_output_name"], "hero_out");
    assert_eq!(
        said_by(&only(&home.path().join("loramanager")), "metadata.usage.clip_skip"),
        Some("hero.metadata.json")
    );
}

#[test]
fn a_file_that_nobody_describes_says_nothing_it_does_not_know() {
    let entry = beside(FLUX, &[]);
    let fields: Vec<&str> = entry.fields.keys().map(String::as_str).collect();
    assert_eq!(fields, ["family", "compatible_architectures", "metadata"]);
    assert_eq!(entry.table, Some(Table::Loras));
    let metadata: Vec<&str> = entry.fields["metadata"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(metadata, ["kind", "format", "adapter", "detection", "precision", "components", "rank"]);
}

#[test]
fn a_checkpoint_brings_the_defaults_of_a_recipe() {
    let checkpoint = fixtures::embedded().into_iter().find(|case| case.path.starts_with("v_pred")).unwrap();
    let settings = json!({"UserTitle": "Mine", "TrainedWords": ["glow"], "BaseModel": "Illustrious",
        "InferenceDefaults": {"Sampler": "Euler a", "Steps": 24, "CfgScale": 5.0, "Width": 832, "Height": 1216}});
    let entry = beside(&checkpoint.tensors, &[("hero.cm-info.json", settings)]);
    assert_eq!((entry.table, &entry.fields["name"]), (Some(Table::Checkpoints), &json!("Mine")));
    assert_eq!((&entry.fields["architecture"], &entry.fields["family"]), (&json!("sdxl"), &json!("illustrious")));
    let metadata = &entry.fields["metadata"];
    let defaults = json!({"width": 832, "height": 1216, "steps": 24, "cfg": 5.0, "sampler": "euler_ancestral", "scheduler": "normal"});
    assert_eq!((&metadata["defaults"], &metadata["suggested_words"]), (&defaults, &json!(["glow"])));
    assert_eq!(said_by(&entry, "metadata.defaults.steps"), Some("hero.cm-info.json"));
    assert!(!entry.fields.contains_key("trigger_words") && !entry.fields.contains_key("rating"));
}

#[test]
fn a_pickle_goes_where_its_content_belongs_and_waits_for_conversion() {
    let home = tempdir().unwrap();
    let rows: &[pickled::Row] = &[
        ("model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight", &[320, 768]),
        ("model.diffusion_model.input_blocks.0.0.weight", &[320, 4, 3, 3]),
        ("cond_stage_model.transformer.text_model.embeddings.position_ids", &[1, 77]),
        ("first_stage_model.decoder.conv_in.weight", &[512, 4, 3, 3]),
    ];
    std::fs::write(home.path().join("old.ckpt"), pickled::torch(&pickled::checkpoint(rows))).unwrap();
    let entry = only(home.path());
    assert_eq!((entry.kind, entry.table, entry.format), (Kind::Checkpoint, Some(Table::Checkpoints), Format::Pickle));
    assert_eq!((&entry.fields["metadata"]["format"], entry.tensors_at), (&json!("pickle"), None));
    assert_eq!(entry.warnings, ["needs-conversion"]);
    std::fs::write(home.path().join("old.ckpt"), pickled::torch(&pickled::embedding())).unwrap();
    let embedding = only(home.path());
    assert_eq!((embedding.table, &embedding.fields["trigger_words"]), (None, &json!(["old"])));
}

#[test]
fn where_the_tensors_begin_is_told_for_their_hash() {
    let entry = beside(FLUX, &[]);
    let size = FLUX.iter().map(|(_, _, shape)| shape.iter().product::<u64>() * 2).sum::<u64>();
    let home = tempdir().unwrap();
    let whole = write_safetensors(&home.path().join("x.safetensors"), FLUX, None, b"");
    assert_eq!(entry.tensors_at, Some(whole - size));
}

#[test]
fn a_file_that_is_no_model_says_why() {
    let home = tempdir().unwrap();
    std::fs::write(home.path().join("x.safetensors"), b"<!doctype html>").unwrap();
    let found = &crate::models(home.path())[0];
    assert_eq!(crate::read(home.path(), found).unwrap_err().code(), "not-a-model:html");
    std::fs::remove_file(home.path().join(Path::new("x.safetensors"))).unwrap();
    assert_eq!(crate::read(home.path(), found).unwrap_err().code(), "unreadable");
}
