//! Text encoders and VAEs beside a diffusion model: found, chosen, and told of where one is missing.

use genonaut_db::checkpoint;
use reqwest::Method;
use serde_json::json;

use crate::api::library::scan;
use crate::disk::Disk;
use crate::server::TestServer;

const T5: u64 = 32_128;
const UMT5: u64 = 256_384;

async fn page(server: &TestServer, query: &str) -> String {
    let answer = server.get(&format!("/?{query}")).await;
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

/// What the page says about the text encoders.
fn text_encoders(page: &str) -> &str {
    let list = page.split("data-testid=\"text-encoders\"").nth(1).unwrap_or_default();
    list.split("</dl>").next().unwrap()
}

fn usual(page: &str) -> &str {
    page.split("Automatic: ").nth(1).unwrap().split('<').next().unwrap()
}

/// ComfyUI's folder, whole.
fn comfyui() -> Disk {
    let disk = Disk::new();
    disk.flux("models/diffusion_models/flux1-dev.safetensors");
    disk.clip_l("models/text_encoders/clip_l.safetensors");
    disk.t5("models/text_encoders/t5xxl_fp16.safetensors", T5);
    disk.t5("models/text_encoders/a_umt5_xxl.safetensors", UMT5);
    disk.vae("models/vae/ae.safetensors");
    disk.vae("models/vae/a_sd3_vae.safetensors");
    disk
}

#[tokio::test]
async fn a_diffusion_model_gets_the_parts_of_its_architecture() {
    let (server, disk) = (TestServer::start().await, comfyui());
    scan(&server, &[disk.path()]).await;
    let page = page(&server, "").await;
    assert!(page.contains("flux1-dev") && !page.contains("part-missing"), "{page}");
    let text = text_encoders(&page);
    assert!(text.contains("clip_l.safetensors") && text.contains("t5xxl_fp16.safetensors"), "{text}");
    assert_eq!(usual(&page), "ae.safetensors", "SD 3's has the same shapes and other numbers");
}

#[tokio::test]
async fn parts_near_the_model_come_before_others() {
    let (server, disk) = (TestServer::start().await, comfyui());
    disk.clip_l("a/text_encoders/clip_far.safetensors");
    scan(&server, &[disk.path()]).await;
    assert!(text_encoders(&page(&server, "").await).contains("clip_l.safetensors"));
}

#[tokio::test]
async fn a_missing_part_names_model_role_and_folder() {
    let (server, disk) = (TestServer::start().await, comfyui());
    disk.remove("models/text_encoders/t5xxl_fp16.safetensors");
    scan(&server, &[disk.path()]).await;
    let page = page(&server, "").await;
    let said = page.split("data-testid=\"part-missing\"").nth(1).unwrap().split("</p>").next().unwrap();
    assert!(said.contains("flux1-dev needs a T5 text encoder (t5xxl)"), "{said}");
    assert!(said.contains("t5xxl_fp16.safetensors"), "{said}");
    assert!(said.contains(&format!("{}/models/text_encoders", disk.path())), "{said}");
}

#[tokio::test]
async fn a_person_chooses_in_the_recipe_and_for_the_checkpoint() {
    let (server, disk) = (TestServer::start().await, comfyui());
    disk.vae("models/vae/flux_sharp.safetensors");
    scan(&server, &[disk.path()]).await;
    let id = checkpoint::best(server.db()).await.unwrap().unwrap().id;
    let sharp = format!("{}/models/vae/flux_sharp.safetensors", disk.path());
    let chosen = page(&server, &format!("vae={sharp}")).await;
    assert!(chosen.contains(&format!("<option value=\"{sharp}\" selected>")), "{chosen}");
    let fields = json!({"metadata": {"vae": "flux_sharp", "text_encoders": ["a_umt5_xxl.safetensors"]}});
    let path = format!("/api/v1/checkpoint-models/{id}");
    let patched = server.request(Method::PATCH, &path).json(&fields).send().await.unwrap();
    assert_eq!(patched.status(), 200, "{}", patched.text().await.unwrap());
    let own = page(&server, "").await;
    assert_eq!(usual(&own), "flux_sharp.safetensors");
    let gone = page(&server, "vae=nowhere.safetensors").await;
    assert!(gone.contains("No VAE named nowhere.safetensors"), "{gone}");
}

#[tokio::test]
async fn a_job_carries_the_vae_that_was_chosen() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "c/base.safetensors", "architecture": "sd1"})).await;
    let order = json!({"prompt": "a cat", "vae": "sharp.safetensors"});
    let queued = server.request(Method::POST, "/api/v1/jobs").json(&order).send().await.unwrap();
    assert_eq!(queued.status(), 202);
    assert_eq!(server.json("/api/v1/jobs").await[0]["recipe"]["vae"], "sharp.safetensors");
    let refused = server.request(Method::POST, "/api/v1/jobs").json(&json!({"vae": 7})).send().await.unwrap();
    assert_eq!(refused.status(), 422);
}
