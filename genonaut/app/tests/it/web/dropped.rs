//! Images that are dropped on the page: what the recipe is then, and what is said of the rest.

use std::time::Duration;

use genonaut_db::accounts::Viewer;
use genonaut_db::{images, jobs};
use genonaut_sources::picture::png;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::TestServer;

/// A PNG of one pixel with these parameters in A1111's text.
fn png_of(parameters: &str) -> Vec<u8> {
    let mut plain = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(1, 1).write_to(&mut plain, image::ImageFormat::Png).unwrap();
    png::with_texts(plain.get_ref(), &[("parameters", parameters)]).unwrap()
}

async fn drop_image(server: &TestServer, file: Vec<u8>) -> (u16, Value) {
    let answer = server.request(Method::POST, "/ui/recipe-from-image").body(file).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The recipe that an address names, and the notices.
async fn dropped(server: &TestServer, file: Vec<u8>) -> (Vec<(String, String)>, String) {
    let (status, found) = drop_image(server, file).await;
    assert_eq!(status, 200, "{found}");
    let query = found["url"].as_str().unwrap().trim_start_matches("/?");
    (form_urlencoded::parse(query.as_bytes()).into_owned().collect(), found["notices"].to_string())
}

fn value<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

const SETTINGS: &str = "Steps: 20, Sampler: Euler a, CFG scale: 5, Seed: 7, Size: 832x1216, Model: base_xl";

#[tokio::test]
async fn of_namesakes_the_one_that_fits_the_images_checkpoint_is_taken() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "/m/base_xl.safetensors", "architecture": "sdxl"})).await;
    server.add("checkpoint", json!({"path": "/m/old.safetensors", "architecture": "sd1", "rating": 1.0})).await;
    let mut ids = Vec::new();
    for (folder, architecture, name) in [("SD15", "sd1", "dup_style"), ("SDXL", "sdxl", "dup_style (SDXL)")] {
        let filename = format!("{folder}/dup_style.safetensors");
        let fields = json!({"path": format!("/m/{folder}/dup_style.safetensors"), "filename": filename, "name": name,
            "compatible_architectures": [architecture]});
        ids.push(server.add("lora", fields).await["id"].as_str().unwrap().to_owned());
    }
    for (tag, expected, noted) in [
        ("dup_style", &ids[1], true),
        (r"SDXL\DUP_style.safetensors", &ids[1], false),
        (r"SD15\dup_style", &ids[0], false),
    ] {
        let (pairs, notices) = dropped(&server, png_of(&format!("x <lora:{tag}:0.6>\n{SETTINGS}"))).await;
        assert_eq!(value(&pairs, "lora"), Some(format!("{expected}~0.6").as_str()), "{tag}");
        assert_eq!(notices.contains("2 LoRAs are called “dup_style”"), noted, "{tag}: {notices}");
    }
}

#[tokio::test]
async fn what_is_another_value_here_is_said() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "/m/base_xl.safetensors", "architecture": "sdxl"})).await;
    server.add("lora", json!({"path": "/m/film.safetensors", "compatible_architectures": ["sdxl"]})).await;
    let text = "x <lora:film:5> <lora:gone:1>\nSteps: 20, Sampler: Euler a, CFG scale: 5, Seed: 7, Size: 750x1334, Model: BASE_XL";
    let (pairs, notices) = dropped(&server, png_of(text)).await;
    assert_eq!((value(&pairs, "width"), value(&pairs, "height")), (Some("752"), Some("1336")));
    assert!(value(&pairs, "checkpoint").is_some() && value(&pairs, "lora").is_some_and(|row| row.ends_with("~4")));
    for expected in
        ["The width 750 is set to 752", "The height 1334", "the weight 5 is not between -4 and 4", "The LoRA “gone”"]
    {
        assert!(notices.contains(expected), "{expected}: {notices}");
    }
}

#[tokio::test]
async fn our_own_image_brings_everything_back() {
    let server = TestServer::start().await;
    let metadata = json!({"defaults": {"width": 64, "height": 64, "steps": 2}});
    server
        .add("checkpoint", json!({"path": "/m/base_xl.safetensors", "architecture": "sdxl", "metadata": metadata}))
        .await;
    server.work(Duration::ZERO);
    for (vae, expected) in [("built-in", "built-in"), ("/home/ada/vae/sharp.safetensors", "sharp.safetensors")] {
        let order = json!({"prompt": "x", "vae": vae});
        let job: Value =
            server.request(Method::POST, "/api/v1/jobs").json(&order).send().await.unwrap().json().await.unwrap();
        let id = job["id"].as_str().unwrap().parse().unwrap();
        while !jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let image = images::of_job(server.db(), id).await.unwrap().remove(0);
        let file = server.get(&format!("/images/{}", image.id)).await.bytes().await.unwrap().to_vec();
        let (pairs, _) = dropped(&server, file).await;
        assert_eq!(value(&pairs, "vae"), Some(expected));
    }
}

#[tokio::test]
async fn the_longest_prompts_are_loaded_kept_and_shown() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "/m/base_xl.safetensors", "architecture": "sdxl"})).await;
    let (prompt, negative) = ("雨".repeat(4990), "夜".repeat(4990));
    let (status, found) =
        drop_image(&server, png_of(&format!("{prompt}\nNegative prompt: {negative}\n{SETTINGS}"))).await;
    assert_eq!(status, 200);
    let url = found["url"].as_str().unwrap();
    let answer = server.get(url).await;
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert!(answer.text().await.unwrap().contains(&prompt));
    // The browser's next visit finds it again, whatever its address was.
    let draft = server.request(Method::GET, "/").header("cookie", &cookie).send().await.unwrap().text().await.unwrap();
    assert!(draft.contains(&prompt) && draft.contains(&negative));
    // As the page sends what is too long for an address.
    let form = [("prompt", prompt.as_str()), ("negative_prompt", &negative), ("steps", "12"), ("tags", "1")];
    let request = server.request(Method::POST, "/").header("HX-Request-Type", "partial").header("cookie", &cookie);
    let answer = request.form(&form).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["hx-replace-url"].to_str().unwrap()), (200, "/"));
}
