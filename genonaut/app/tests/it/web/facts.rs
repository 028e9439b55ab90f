//! What files beside a model say, on its page.

use genonaut_db::{checkpoint, lora};
use serde_json::json;

use crate::api::library::scan;
use crate::disk::Disk;
use crate::server::TestServer;

/// What stands behind a label.
fn fact<'a>(html: &'a str, label: &str) -> &'a str {
    let rest = html.split_once(&format!("<dt>{label}</dt><dd>")).unwrap_or_else(|| panic!("no {label} in {html}")).1;
    rest.split_once("</dd>").unwrap().0
}

#[tokio::test]
async fn what_programs_know_of_a_model_is_on_its_page_with_its_source() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.lora("hero.safetensors", true);
    let example = json!({"meta": {"steps": 28, "cfgScale": 5.5, "sampler": "Euler a"}});
    let sidecar = json!({
        "file_name": "hero", "model_name": "Hero", "notes": "keep <me>\nand me", "favorite": true,
        "usage_tips": "{\"strength_min\": 0.5, \"strength_max\": 1.0}",
        "civitai": {"id": 34, "modelId": 12, "trainedWords": ["hero"], "images": [example]},
    });
    disk.write("hero.metadata.json", sidecar.to_string().replace("34,", "34, \"modified\": NaN,").as_bytes());
    disk.write("hero.civitai.info", b"{\"id\": 34,\n\"name\" \"v1\"}");
    disk.write("hero.json", json!({"negative text": "lowres"}).to_string().as_bytes());
    scan(&server, &[disk.path()]).await;
    let id = lora::find_by_name(server.db(), "Hero").await.unwrap().unwrap().id;
    let html = server.get(&format!("/models/lora/{id}")).await.text().await.unwrap();
    assert!(html.contains("keep &#60;me&#62;\nand me</textarea>"), "{html}");
    assert!(fact(&html, "Negative prompt").starts_with("lowres"));
    for (label, value) in [("Favorite", "Yes"), ("Example images", "28 steps, CFG 5.5, euler_ancestral")] {
        let found = fact(&html, label);
        assert!(found.starts_with(value) && found.contains("hero.metadata.json"), "{label}: {found}");
    }
    let civitai = fact(&html, "Civitai");
    assert!(civitai.contains("href=\"https://civitai.com/models/12?modelVersionId=34\""), "{civitai}");
    let why = "hero.civitai.info could not be read: it is not valid JSON, a colon is missing in line 2.";
    assert!(html.contains(why), "{html}");
    assert!(!html.contains("<dt>Recommended settings</dt>"), "one example is no recommendation");
}

#[tokio::test]
async fn one_example_sets_no_default_and_a_setting_names_the_file_that_says_it() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.checkpoint("base.safetensors");
    let example = |cfg: f64| json!({"meta": {"cfgScale": cfg, "steps": 30}});
    let info = json!({"id": 1, "name": "v1", "images": [example(1.5), example(2.0), example(9.0)]});
    disk.write("base.civitai.info", info.to_string().as_bytes());
    scan(&server, &[disk.path()]).await;
    let base = checkpoint::find_by_name(server.db(), "base").await.unwrap().unwrap();
    assert_eq!(base.metadata.get::<serde_json::Value>(&["defaults"]), Some(json!({"steps": 30})));
    let origins = checkpoint::origins(server.db(), base.id).await.unwrap();
    let source = |field: &str| format!("{:?}", origins.iter().find(|origin| origin.field == field).unwrap().source);
    for field in ["metadata.defaults", "metadata.examples", "metadata.civitai", "metadata.raw"] {
        assert!(source(field).contains("base.civitai.info"), "{field}: {}", source(field));
    }
    assert_eq!(source("metadata.kind"), "Scan(\"header\")");
}
