//! What stays the same and what changes when files do.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use genonaut_sources::entry::beside_digest;
use genonaut_sources::folder::walk;
use genonaut_sources::meaning::FileHashes;
use serde_json::json;
use tempfile::tempdir;

use crate::support::{Row, write_safetensors};
use crate::{all, fixtures, models, only, root};

const LORA: &[Row] = &[
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight", "F16", &[64, 2048]),
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_up.weight", "F16", &[640, 64]),
];

#[test]
fn a_moved_file_is_the_same_and_another_of_its_kind_is_not() {
    let home = tempdir().unwrap();
    let path = home.path().join("a/hero.safetensors");
    write_safetensors(&path, LORA, None, &[1; 300_000]);
    let before = only(home.path()).digest;
    fs::create_dir(home.path().join("b")).unwrap();
    fs::rename(&path, home.path().join("b/heroine.safetensors")).unwrap();
    assert_eq!(only(home.path()).digest, before);
    write_safetensors(&home.path().join("b/heroine.safetensors"), LORA, None, &[2; 300_000]);
    assert_ne!(only(home.path()).digest, before);
    write_safetensors(&home.path().join("b/heroine.safetensors"), LORA, Some(&[("a", "b")]), &[1; 300_000]);
    assert_ne!(only(home.path()).digest, before);
}

#[test]
fn an_edit_beside_a_model_is_seen_for_that_model_only() {
    let home = tempdir().unwrap();
    fixtures::write_beside(home.path());
    let traps = home.path().join("traps");
    let state = || {
        let folder = walk(&root(&traps)).next().unwrap().unwrap();
        let beside: Vec<_> = folder.models.iter().map(beside_digest).collect();
        (folder.digest, beside, all(&traps).into_values().map(|entry| entry.digest).collect::<Vec<_>>())
    };
    let edit = |name: &str| {
        let (folder, beside, digests) = state();
        fs::write(traps.join(name), json!({"notes": name}).to_string()).unwrap();
        let (folder_now, beside_now, digests_now) = state();
        assert!(folder_now != folder && digests_now == digests);
        beside.iter().zip(&beside_now).map(|(before, now)| before != now).collect::<Vec<_>>()
    };
    assert_eq!(
        models(&traps).iter().map(|found| found.path.as_path()).collect::<Vec<_>>(),
        [Path::new("a.b.safetensors"), Path::new("a.safetensors")]
    );
    assert_eq!(edit("a.b.json"), [true, false]);
    assert_eq!(edit("a.json"), [false, true]);
    assert_eq!(edit("a.b.preview.png"), [true, false]);
    assert_eq!(edit("notes of mine.txt"), [false, false]);
}

#[test]
fn any_name_of_a_file_is_read() {
    let home = tempdir().unwrap();
    let names: [&[u8]; 6] = [
        b"caf\xe9.safetensors",
        b"line\nbreak.safetensors",
        b"-rf *.safetensors",
        b".safetensors.safetensors",
        b"<lora:x:1>.safetensors",
        "模型 🎨.safetensors".as_bytes(),
    ];
    for name in names {
        write_safetensors(&home.path().join(OsStr::from_bytes(name)), LORA, None, b"");
    }
    fs::write(home.path().join("模型 🎨.json"), json!({"activation text": "墨"}).to_string()).unwrap();
    let entries = all(home.path());
    assert_eq!(entries.len(), names.len());
    assert!(entries.values().all(|entry| entry.fields["compatible_architectures"] == json!(["sdxl"])));
    assert_eq!(entries[Path::new("模型 🎨.safetensors")].fields["trigger_words"], json!(["墨"]));
}

#[test]
fn a_hash_tells_files_beside_that_describe_another_model() {
    let home = tempdir().unwrap();
    fixtures::write_beside(home.path());
    let folder = root(&home.path().join("loramanager"));
    let found = &models(&folder.path)[0];
    let other = "e".repeat(64);
    let model = genonaut_sources::entry::Model {
        root: &folder,
        found,
        hashes: FileHashes { sha256: Some(&other), tensors_sha256: None },
    };
    let entry = genonaut_sources::entry::read(&crate::KNOWLEDGE, &model).unwrap();
    assert_eq!(entry.warnings, ["stale-sidecar:hero.metadata.json"]);
    assert!(!entry.fields.contains_key("name") && entry.fields["metadata"]["notes"] == "mine");
}
