//! What is particular to one program's files, and to training data.

use std::path::Path;

use genonaut_sources::header::Metadata;
use genonaut_sources::meaning::preview::{self, Kind};
use genonaut_sources::meaning::sidecar::{self, Beside, Tool};
use genonaut_sources::meaning::{FileHashes, Prediction, Said, Siblings, Trust, embedded};
use serde_json::{Value, json};

use crate::fixtures;

const HERO: Beside = Beside { stem: "hero", hashes: FileHashes { sha256: None, tensors_sha256: None } };

fn read(tool: Tool, given: &Value) -> Vec<(Trust, Said)> {
    let statements = sidecar::parse(tool, "hero.json", HERO, given.to_string().as_bytes()).unwrap();
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
    let fresh = sidecar::gather(&siblings, "hero", FileHashes { sha256: Some(&"d".repeat(64)), tensors_sha256: None });
    assert_eq!((fresh.warnings.len(), fresh.statements[0].said.name.as_deref()), (0, Some("My Hero")));
    let stale = sidecar::gather(&siblings, "hero", FileHashes { sha256: Some(&"e".repeat(64)), tensors_sha256: None });
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
    assert!(sidecar::parse(Tool::A1111, "x.json", HERO, b"{\"nodes\": []}").is_err());
}

#[test]
fn a_saved_models_version_is_the_one_with_the_files_hash() {
    let version = |id: u32, digit: &str, name: &str| json!({"id": id, "name": format!("v{id}"), "trainedWords": [format!("word {id}")], "files": [{"name": name, "hashes": {"SHA256": digit.repeat(64)}}]});
    let model = json!({"id": 9, "name": "Hero", "modelVersions": [version(1, "A", "hero.safetensors"), version(2, "B", "other.safetensors")]}).to_string();
    let chosen = |tool: Tool, stem: &str, sha256: Option<&str>| {
        let hashes = FileHashes { sha256, tensors_sha256: None };
        let said = sidecar::parse(tool, "x", Beside { stem, hashes }, model.as_bytes()).unwrap().remove(0).said;
        (said.name.unwrap(), said.version, said.hashes.len())
    };
    for tool in [Tool::A1111, Tool::Civitai] {
        let found = |version: &str| ("Hero".to_owned(), Some(version.to_owned()), 1);
        assert_eq!(chosen(tool, "renamed", Some(&"b".repeat(64))), found("v2"));
        assert_eq!(chosen(tool, "hero", Some(&"b".repeat(64))), found("v2"), "a hash proves more than a name");
        assert_eq!(chosen(tool, "hero", None), found("v1"));
        assert_eq!(chosen(tool, "renamed", None), ("Hero".to_owned(), None, 2), "the hash will tell");
    }
}

#[test]
fn the_same_tensors_are_the_same_model() {
    let folder = tempfile::tempdir().unwrap();
    let files = json!([{"hashes": {"SHA256": "D".repeat(64), "AutoV3": "CCCCCCCCCCCC"}}]);
    let info = json!({"id": 1, "name": "v2", "files": files}).to_string();
    std::fs::write(folder.path().join("hero.civitai.info"), info).unwrap();
    let siblings = Siblings::new(folder.path(), ["hero.civitai.info".to_owned()]);
    let (sha256, same, other) = ("e".repeat(64), "c".repeat(64), "f".repeat(64));
    for (tensors_sha256, warnings) in [(Some(&same), 0), (Some(&other), 1), (None, 1)] {
        let hashes = FileHashes { sha256: Some(&sha256), tensors_sha256: tensors_sha256.map(String::as_str) };
        assert_eq!(sidecar::gather(&siblings, "hero", hashes).warnings.len(), warnings, "{tensors_sha256:?}");
    }
    // A hash alone says nothing that could be taken back.
    std::fs::write(folder.path().join("hero.civitai.info"), json!({"id": 0, "files": files}).to_string()).unwrap();
    let hashes = FileHashes { sha256: Some(&sha256), tensors_sha256: None };
    assert_eq!(sidecar::gather(&siblings, "hero", hashes).warnings.len(), 0);
}

#[test]
fn odd_values_of_programs_are_read_for_what_they_mean() {
    let browser = json!({"activation text": "hero", "sd version": "Other", "modelId": "12", "modelVersionId": 34, "sha256": "D".repeat(64)});
    let civitai = read(Tool::A1111, &browser)[1].1.civitai.clone().unwrap();
    assert_eq!((civitai.known, civitai.model_id, civitai.version_id), (true, Some(12), Some(34)));
    let unknown = read(Tool::A1111, &json!({"modelId": "Model not found", "sha256": "D".repeat(64)}));
    assert_eq!(unknown[1].1.civitai.as_ref().map(|civitai| civitai.known), Some(false));
    assert!(read(Tool::A1111, &json!({"sha256": "D".repeat(64)}))[0].1.trigger_words.is_empty());
    assert!(read(Tool::LoraManager, &json!({})).is_empty());
    let card = json!({"activation text": ["a", "b"], "preferred weight": "0,8", "notes": ["one", "two"], "negative text": "low &amp; bad"});
    let said = first(Tool::A1111, &card);
    assert_eq!((words(&said.trigger_words), said.usage.preferred_weight), (vec!["a", "b"], Some(0.8)));
    assert_eq!(said.notes.as_deref(), Some("one\ntwo"));
    let manager = json!({"file_name": "old", "model_name": "old", "favorite": "true", "tags": "a, b",
        "usage_tips": "{\"strength_range\": \"0.3-0.8\"}", "civitai": {"trainedWords": ["mine"]}});
    let statements = read(Tool::LoraManager, &manager);
    let said = &statements[0].1;
    assert_eq!((said.name.as_ref(), said.favorite, said.tags.len()), (None, Some(true), 2));
    assert_eq!(said.usage.weight_range, Some((0.3, 0.8)));
    assert_eq!((words(&statements[1].1.trigger_words), statements[1].1.civitai.as_ref()), (vec!["mine"], None));
    let swarm = json!({"modelspec.tags": ["anime", "style"], "modelspec.lora_default_weight": "0.6", "title": "T"});
    let said = first(Tool::SwarmUi, &swarm);
    assert_eq!(
        (said.tags, said.usage.preferred_weight, said.name.as_deref()),
        (vec!["anime".to_owned(), "style".to_owned()], Some(0.6), Some("T"))
    );
    let tags =
        first(Tool::Civitai, &json!({"id": 1, "model": {"name": "N", "tags": [{"name": "Anime"}, null, 3]}})).tags;
    assert_eq!(tags, ["anime"]);
}

#[test]
fn files_in_any_encoding_are_read() {
    let card = json!({"description": "Für Größe"}).to_string();
    let utf16 = |mark: &[u8]| [mark, &card.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat();
    let latin1: Vec<u8> = card.chars().map(|c| c as u8).collect();
    for bytes in [utf16(b"\xff\xfe"), utf16(b""), latin1, format!("\u{feff}{card}").into_bytes()] {
        let said = &sidecar::parse(Tool::A1111, "x.json", HERO, &bytes).unwrap()[0].said;
        assert_eq!(said.description.as_deref(), Some("Für Größe"));
    }
    let text = &sidecar::parse(Tool::Text, "x.txt", HERO, b"F\xfcr Gr\xf6\xdfe\r\n").unwrap()[0].said;
    assert_eq!(text.description.as_deref(), Some("Für Größe"));
}

#[test]
fn nothing_where_civitai_does_not_know_the_file() {
    for content in ["", " \n", "{}", "{\"error\": \"Model not found\"}"] {
        let said = &sidecar::parse(Tool::Civitai, "x", HERO, content.as_bytes()).unwrap()[0].said;
        assert_eq!(said.civitai.as_ref().map(|civitai| civitai.known), Some(false), "{content}");
    }
    assert!(sidecar::parse(Tool::Civitai, "x", HERO, b"{\"nodes\": []}").is_err());
}

#[test]
fn an_example_is_a_hint_and_what_most_of_several_share_a_setting() {
    let meta = |steps: u32, cfg: f64, sampler: &str| json!({"meta": {"steps": steps, "cfgScale": cfg, "sampler": sampler, "Size": "832x1216", "clipSkip": 2}});
    let images = [
        meta(20, 5.5, "Euler a"),
        meta(28, 7.0, "DPM++ 2M Karras"),
        meta(30, 6.0, "DPM++ 2M Karras"),
        json!({"meta": null}),
    ];
    let said = |count: usize| first(Tool::Civitai, &json!({"id": 1, "images": images[..count]}));
    let Said { usage, examples, .. } = said(4);
    assert_eq!((usage.steps, usage.cfg, usage.clip_skip), (None, None, Some(2)));
    assert_eq!((usage.sampler.as_deref(), usage.scheduler.as_deref()), (Some("dpmpp_2m"), Some("karras")));
    assert_eq!((usage.width, usage.height), (Some(832), Some(1216)));
    let examples = examples.unwrap();
    assert_eq!((examples.steps, examples.cfg, examples.clip_skip), (Some(28), Some(6.0), Some(2)));
    let Said { usage, examples, .. } = said(1);
    assert_eq!((usage, examples.unwrap().cfg), (Default::default(), Some(5.5)));
    assert_eq!(first(Tool::Civitai, &json!({"id": 1, "images": []})).examples, None);
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
        let said = &sidecar::parse(Tool::LdmConfig, "x.yaml", HERO, given.as_bytes()).unwrap()[0].said;
        assert_eq!(said.prediction_type, found, "{line}");
    }
}

const AVIF: &[u8] = b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf\0\0\0\x0cmeta\0\0\0\0\0\0\0\x0cmdatdata";
const FILM: &[u8] = b"\0\0\0\x14ftypisom\0\0\0\0isom\0\0\0\x08mdat";

/// Which of these files beside a model `x` is shown.
fn preview(files: &[(&str, &[u8])]) -> Option<(String, Kind)> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.safetensors"), b"").unwrap();
    files.iter().for_each(|(name, bytes)| std::fs::write(folder.path().join(name), bytes).unwrap());
    let found = preview::find(&crate::siblings(folder.path()), "x")?;
    Some((found.path.file_name().unwrap().to_str().unwrap().to_owned(), found.kind))
}

#[test]
fn the_first_preview_that_can_be_shown_is_taken_by_what_is_inside() {
    use fixtures::{JPEG, PNG, WEBP};
    let (png, webp, avif) = (&PNG[..PNG.len() - 13], &WEBP[..WEBP.len() - 9], &AVIF[..AVIF.len() - 1]);
    let wide = [&PNG[..16], b"\0\0\x40\x01", &PNG[20..]].concat();
    let bad: [(&str, &[u8]); 13] = [
        ("x.preview.png", b"<!DOCTYPE html>"),
        ("x.preview.png", b""),
        ("x.preview.png", png),
        ("x.preview.png", &wide),
        ("x.preview.png", &JPEG[..12]),
        ("x.preview.webp", webp),
        ("x.preview.avif", avif),
        ("x.preview.gif", b"GIF89a\0\0\x01\0"),
        ("x.preview.mp4", FILM),
        ("x.webp", FILM),
        ("x.preview.webm", b"\x1a\x45\xdf\xa3"),
        ("x.preview.jpg", b"\xff\x0a jxl"),
        ("x.preview.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
    ];
    for (name, bytes) in bad {
        assert_eq!(preview(&[(name, bytes)]), None, "{name} {bytes:?}");
        assert_eq!(preview(&[(name, bytes), ("x.jpeg", JPEG)]), Some(("x.jpeg".to_owned(), Kind::Jpeg)), "{bytes:?}");
    }
    assert_eq!(preview(&[("x.jpeg", AVIF)]), Some(("x.jpeg".to_owned(), Kind::Avif)));
    assert_eq!(preview(&[("x.PNG", PNG)]), Some(("x.PNG".to_owned(), Kind::Png)));
    assert_eq!(preview(&[("x.png", b"GIF89a\x01\0\x01\0")]), Some(("x.png".to_owned(), Kind::Gif)));
    assert_eq!(preview(&[("x.png", WEBP)]), Some(("x.png".to_owned(), Kind::WebP)));
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
