//! `genonaut models scan` on real folders.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Home, signal};
use crate::files::lora;

/// ComfyUI's folder with two LoRAs, one of them with a sidecar, and what is none.
fn comfyui(home: &Home) -> PathBuf {
    let comfyui = home.0.path().join("ComfyUI");
    let loras = comfyui.join("models/loras");
    lora(
        &loras.join("ink.safetensors"),
        2048,
        &[("modelspec.title", "Ink Wash"), ("modelspec.trigger_phrase", "inkwash")],
    );
    lora(&loras.join("sd1/chrome.safetensors"), 768, &[("ss_output_name", "chrome")]);
    let said = json!({"activation text": "shiny, chrome", "preferred weight": 0.6, "sd version": "SD1", "description": "Chrome look"});
    std::fs::write(loras.join("sd1/chrome.json"), said.to_string()).unwrap();
    std::fs::create_dir_all(comfyui.join("models/checkpoints")).unwrap();
    std::fs::write(comfyui.join("models/checkpoints/page.safetensors"), "<!DOCTYPE html><html>log in</html>".repeat(9))
        .unwrap();
    comfyui
}

fn model(home: &Home, name: &str) -> Value {
    serde_json::from_str(&home.says(&["models", "show", name, "--json"])).unwrap()
}

#[test]
fn a_folder_becomes_the_catalogue_and_edits_outlive_everything() {
    // The private database is brought up to date by itself.
    let home = Home::new();
    let comfyui = comfyui(&home);
    let path = comfyui.to_str().unwrap();
    let dry = home.says(&["models", "scan", path, "--dry-run"]);
    assert!(dry.contains("3 files in 3 folders: 0 unchanged, 3 read") && dry.contains("nothing changed"), "{dry}");
    assert!(home.fails(&["models", "scan"], 1).contains("no library folders yet"));
    let scanned = home.says(&["models", "scan", path]);
    assert!(scanned.contains("2 new"), "{scanned}");
    let ink = model(&home, "Ink Wash");
    assert_eq!((&ink["bases"], &ink["trigger_words"]), (&json!(["sdxl"]), &json!(["inkwash"])));
    let chrome = model(&home, "chrome");
    assert_eq!((&chrome["bases"], &chrome["trigger_words"]), (&json!(["sd1"]), &json!(["shiny", "chrome"])));
    assert_eq!(
        (&chrome["metadata"]["recommended_weight"], &chrome["description"]),
        (&json!(0.6), &json!("Chrome look"))
    );
    assert_eq!(chrome["path"], json!(comfyui.join("models/loras/sd1/chrome.safetensors")));
    assert!(home.says(&["models", "scan"]).contains("3 files in 3 folders: 3 unchanged, 0 read ()\nnothing new"));
    let others = home.says(&["models", "scan", "--report"]);
    assert!(others.contains("page.safetensors: this is a web page") && others.contains("1  unknown"), "{others}");
    assert!(home.says(&["models", "roots"]).contains("models/loras  (ComfyUI, scanned"));

    std::fs::rename(comfyui.join("models/loras/ink.safetensors"), comfyui.join("models/loras/sd1/renamed.safetensors"))
        .unwrap();
    std::fs::remove_file(comfyui.join("models/loras/sd1/chrome.json")).unwrap();
    let moved = home.says(&["models", "scan"]);
    assert!(moved.contains("1 moved") && !moved.contains("new,"), "{moved}");
    assert_eq!(model(&home, "Ink Wash")["id"], ink["id"]);
    assert_eq!(model(&home, "chrome")["description"], Value::Null, "what the sidecar said went with it");

    let away = home.0.path().join("away");
    std::fs::rename(comfyui.join("models"), &away).unwrap();
    assert!(home.says(&["models", "scan"]).contains("3 missing"));
    assert_ne!(model(&home, "Ink Wash")["missing_since"], Value::Null);
    std::fs::rename(&away, comfyui.join("models")).unwrap();
    assert!(home.says(&["models", "scan"]).contains("3 restored"));
    assert_eq!(model(&home, "Ink Wash")["missing_since"], Value::Null);
    assert_eq!(model(&home, "Ink Wash")["id"], ink["id"]);
    let hashed = home.says(&["models", "scan", "--hash"]);
    assert!(hashed.contains("2 of 2 files hashed"), "{hashed}");
    assert!(home.fails(&["models", "scan", "/nowhere/at/all"], 1).contains("/nowhere/at/all"));
    assert!(
        home.says(&["models", "roots", "--remove", &comfyui.join("models/loras").display().to_string()])
            .contains("removed from the library")
    );
}

#[test]
fn a_scan_that_is_killed_leaves_nothing_doubled_and_the_next_one_finishes() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    let folder = home.0.path().join("many");
    for at in 0..1500 {
        lora(&folder.join(format!("{}/l{at}.safetensors", at % 7)), 2048, &[("ss_output_name", &format!("n{at}"))]);
    }
    let path = folder.to_str().unwrap();
    let mut scan = home.command(&["models", "scan", path]).spawn().unwrap();
    let count = || home.says(&["models", "list", "lora", "--limit", "200"]).lines().count();
    let began = Instant::now();
    while count() < 2 && scan.try_wait().unwrap().is_none() && began.elapsed() < Duration::from_secs(30) {}
    signal(&scan, "KILL");
    scan.wait().unwrap();
    let finished = home.says(&["models", "scan", path, "--json"]);
    let report: Value = serde_json::from_str(&finished).unwrap();
    assert_eq!((&report["files"], &report["imported"]["copies"]), (&json!(1500), &json!(0)), "{finished}");
    assert!(home.says(&["models", "scan"]).contains("1500 unchanged, 0 read"));
    assert_eq!(model(&home, "n1499")["path"], json!(folder.join("1/l1499.safetensors")));
}

#[test]
fn a_server_hears_of_new_files_and_knows_them_by_their_hashes() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    let folder = home.0.path().join("loras");
    lora(&folder.join("first.safetensors"), 2048, &[]);
    home.says(&["models", "scan", folder.to_str().unwrap()]);
    let (mut server, address) = home.serve();
    let names = || {
        let list = home.says(&["models", "list", "lora", "--json"]);
        let list: Value = serde_json::from_str(&list).unwrap();
        list["loras"]
            .as_array()
            .unwrap()
            .iter()
            .map(|lora| lora["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    lora(&folder.join("new/second.safetensors"), 768, &[]);
    let began = Instant::now();
    while names().len() < 2 {
        assert!(began.elapsed() < Duration::from_secs(30), "{address}: {:?}", names());
    }
    assert!(names().contains(&"second".to_owned()));
    signal(&server, "TERM");
    assert!(server.wait().unwrap().success());
}
