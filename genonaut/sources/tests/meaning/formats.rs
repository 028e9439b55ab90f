//! What is particular to one program's files, and to training data.

use std::path::Path;

use genonaut_sources::header::Metadata;
use genonaut_sources::meaning::preview::{self, Kind};
use genonaut_sources::meaning::sidecar::{self, Tool};
use genonaut_sources::meaning::{Prediction, Said, Siblings, Trust, embedded};
use serde_json::{Value, json};

use crate::fixtures;

fn read(tool: Tool, given: &Value) -> Vec<(Trust, Said)> {
    let statements = sidecar::parse(tool, "hero.json", "hero", given.to_string().as_bytes()).unwrap();
    statements.into_iter().map(|statement| (statement.trust, statement.said)).collect()
}

/// What the user or the library says.
fn first(tool: Tool, given: &Value) -> Said {
    read(tool, given).remove(0).1
}

fn words(said: &[genonaut_sources::meaning::Word]) -> Vec<&str> {
    said.iter().map(|word| word.text.as_str()).collect()
}

#[test]
fn a_file_that_describes_another_keeps_only_what_the_user_wrote() {
    let folder = tempfile::tempdir().unwrap();
    fixtures::write_beside(folder.path());
    let folder = folder.path().join("loramanager");
    let siblings = Siblings::new(&folder, ["hero.safetensors", "hero.metadata.json"].map(str::to_owned));
    let fresh = sidecar::gather(&siblings, "hero", Some(&"d".repeat(64)));
    assert_eq!((fresh.warnings.len(), fresh.statements[0].said.name.as_deref()), (0, Some("My Hero")));
    let stale = sidecar::gather(&siblings, "hero", Some(&"e".repeat(64)));
    assert_eq!(stale.statements[1].said, Said::default());
    assert_eq!(stale.warnings, ["stale-sidecar:hero.metadata.json"]);
    let said = &stale.statements[0].said;
    assert_eq!((said.name.as_ref(), said.base.as_ref(), said.tags.len()), (None, None, 0));
    assert_eq!(
        (said.notes.as_deref(), said.favorite, said.usage.preferred_weight),
        (Some("mine"), Some(true), Some(0.7))
    );
    assert!(stale.statements.iter().all(|statement| statement.said.trigger_words.is_empty()));
}

#[test]
fn sd_next_and_a1111_share_a_name() {
    let model = json!({
        "id": 9, "name": "Hero", "tags": ["Girl"], "description": "<p>About</p>", "creator": {"username": "me"},
        "modelVersions": [
            {"id": 1, "name": "old", "files": [{"name": "hero_old.safetensors"}]},
            {"id": 2, "name": "new", "trainedWords": ["hero"], "files": [{"name": "hero.safetensors"}]},
        ],
    });
    let (trust, said) = read(Tool::A1111, &model).remove(0);
    assert_eq!((trust, said.name.as_deref(), said.version.as_deref()), (Trust::Store, Some("Hero"), Some("new")));
    assert_eq!(
        (said.tags, said.author.as_deref(), words(&said.trigger_words)),
        (vec!["girl".to_owned()], Some("me"), vec!["hero"])
    );
    let civitai = said.civitai.unwrap();
    assert_eq!((civitai.model_id, civitai.version_id), (Some(9), Some(2)));
    let card = json!({"sd version": "SdVersion.SD1", "preferred weight": 0, "notes": "", "description": "a<br>b"});
    let said = first(Tool::A1111, &card);
    assert_eq!(said.description.as_deref(), Some("a\nb"));
    assert_eq!((said.base.as_deref(), said.usage.preferred_weight, said.notes), (Some("SD1"), None, None));
    assert!(sidecar::parse(Tool::A1111, "x.json", "x", b"{\"nodes\": []}").is_err());
}

#[test]
fn nothing_where_civitai_does_not_know_the_file() {
    for content in ["", " \n", "{}", "{\"error\": \"Model not found\"}"] {
        let said = &sidecar::parse(Tool::Civitai, "x", "x", content.as_bytes()).unwrap()[0].said;
        assert_eq!(said.civitai.as_ref().map(|civitai| civitai.known), Some(false), "{content}");
    }
    assert!(sidecar::parse(Tool::Civitai, "x", "x", b"{\"nodes\": []}").is_err());
}

#[test]
fn an_authors_pictures_tell_the_settings() {
    let meta = |steps: u32, cfg: f64, sampler: &str| json!({"meta": {"steps": steps, "cfgScale": cfg, "sampler": sampler, "Size": "832x1216", "clipSkip": 2}});
    let images = [
        meta(20, 5.5, "Euler a"),
        meta(28, 7.0, "DPM++ 2M Karras"),
        meta(30, 6.0, "DPM++ 2M Karras"),
        json!({"meta": null}),
    ];
    let usage = first(Tool::Civitai, &json!({"id": 1, "images": images})).usage;
    assert_eq!((usage.steps, usage.cfg, usage.clip_skip), (Some(28), Some(6.0), Some(2)));
    assert_eq!((usage.sampler.as_deref(), usage.scheduler.as_deref()), (Some("dpmpp_2m"), Some("karras")));
    assert_eq!((usage.width, usage.height), (Some(832), Some(1216)));
}

#[test]
fn programs_settings_are_in_comfyuis_words() {
    let given = json!({"ModelId": 1, "InferenceDefaults": {"Sampler": "Euler a", "Scheduler": "Karras", "Steps": 24, "CfgScale": 5.0, "Width": 832, "Height": 1216}});
    let (trust, said) = read(Tool::StabilityMatrix, &given).remove(0);
    assert_eq!(
        (trust, said.usage.sampler.as_deref(), said.usage.scheduler.as_deref()),
        (Trust::User, Some("euler_ancestral"), Some("karras"))
    );
    let tips = json!({"model_name": "x", "usage_tips": "{\"strength_min\": 0.5, \"strength_max\": 1.0, \"clip_strength\": 0.4}"});
    let usage = first(Tool::LoraManager, &tips).usage;
    assert_eq!((usage.weight_range, usage.clip_weight), (Some((0.5, 1.0)), Some(0.4)));
}

#[test]
fn rgthree_keeps_guesses_apart() {
    let given = json!({"trainedWords": [{"word": "hero", "civitai": true}, {"word": "1girl", "count": 9, "metadata": true}, "cape"], "file": "/home/x"});
    let said = first(Tool::Rgthree, &given);
    assert_eq!((words(&said.trigger_words), words(&said.suggested_words)), (vec!["hero", "cape"], vec!["1girl"]));
    assert_eq!(said.extra.len(), 0);
}

#[test]
fn a_configuration_tells_v_prediction() {
    for (line, found) in [
        ("    parameterization: \"v\"  # as trained", Some(Prediction::V)),
        ("    parameterization: eps", Some(Prediction::Epsilon)),
        ("    # parameterization: v", None),
    ] {
        let given = format!("model:\n  params:\n{line}\n    linear_start: 0.00085\n");
        let said = &sidecar::parse(Tool::LdmConfig, "x.yaml", "x", given.as_bytes()).unwrap()[0].said;
        assert_eq!(said.prediction_type, found, "{line}");
    }
}

#[test]
fn a_preview_is_judged_by_what_is_inside() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    put("x.safetensors", b"");
    put("x.preview.png", b"<!DOCTYPE html>");
    put("x.webp", b"\0\0\0\x20ftypisom\0\0\0\0");
    put("x.jpg", b"\xff\xd8\xff\xd9");
    let found = preview::find(&crate::siblings(folder.path()), "x").unwrap();
    assert_eq!((found.kind, found.path.file_name().unwrap().to_str()), (Kind::Mp4, Some("x.webp")));
    assert!(found.kind.is_film() && !Kind::Gif.is_film());
    assert_eq!(preview::find(&Siblings::new(Path::new("/x"), []), "x"), None);
}

#[test]
fn guesses_from_tags_stand_apart_and_training_is_told() {
    let tags = json!({"5_img": {"zxc style": 30, "1girl": 18}}).to_string();
    let pairs = [
        ("ss_tag_frequency", tags.as_str()),
        ("modelspec.trigger_phrase", "<lora:x:1> inky, inky"),
        ("modelspec.title", "LoRA@1700000000"),
        ("ss_datasets", "[{\"subs"),
        ("ss_sd_model_name", "290640.safetensors"),
        ("ss_training_started_at", "1700000000.5"),
        ("sshs_model_hash", "ABababababababababababababababababababababababababababababababab"),
        ("ss_network_dim", "Dynamic"),
    ];
    let metadata = Metadata(pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect());
    let read = embedded::read(&metadata, "ink-000010");
    let said = &read.statements[0].said;
    assert_eq!((words(&said.trigger_words), words(&said.suggested_words)), (vec!["inky"], vec!["zxc style"]));
    assert_eq!((said.name.as_deref(), read.statements[1].said.name.as_deref()), (None, Some("ink-000010")));
    assert_eq!((said.hashes[0].kind, said.hashes[0].digits.as_str()), ("autov3", "abababababab"));
    assert!(!said.extra.contains_key("ss_tag_frequency") && said.extra.contains_key("ss_sd_model_name"));
    assert_eq!(read.warnings, ["bad-embedded-json:ss_datasets"]);
    let training = &read.training;
    assert_eq!(
        (training.tool, training.epoch, training.rank, training.started_at),
        (Some("Civitai"), Some(10), None, Some(1_700_000_000.5))
    );
    assert_eq!(training.tags_top, [("zxc style".to_owned(), 30), ("1girl".to_owned(), 18)]);
}
