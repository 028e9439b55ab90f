//! The page in a browser, on the same ComfyUI.

use std::process::Command;

use crate::comfy::Comfy;

#[tokio::test]
async fn a_person_imports_picks_makes_watches_and_cancels() {
    let comfy = Comfy::get().await;
    let status = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/run-e2e"))
        .args(["--config", "playwright.comfyui.config.js"])
        .env("GENONAUT_BIN", env!("CARGO_BIN_EXE_genonaut"))
        .env("GENONAUT_COMFYUI", &comfy.url)
        .env("GENONAUT_COMFYUI_FOLDERS", comfy.folders.join("\n"))
        .status()
        .unwrap();
    assert!(status.success());
}
