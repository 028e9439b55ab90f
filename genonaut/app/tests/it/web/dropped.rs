//! Images that are dropped on the page: what the recipe is then, and what is said of the rest.

use std::path::Path;
use std::time::Duration;

use genonaut_db::accounts::Viewer;
use genonaut_db::{checkpoint, images, jobs, lora, seed};
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
        assert_eq!(notices.contains("2 LoRAs are named “dup_style”"), noted, "{tag}: {notices}");
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
    for expected in [
        "The width was changed from 750 to 752",
        "The height was changed from 1334",
        "weight 5 is out of range (-4 to 4)",
        "LoRA “gone”",
    ] {
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
async fn an_image_of_an_older_version_leaves_without_its_folders() {
    let server = TestServer::start().await;
    let metadata = json!({"defaults": {"width": 64, "height": 64, "steps": 2}});
    let base = json!({"path": "/home/ada/base_xl.safetensors", "architecture": "sdxl", "metadata": metadata});
    server.add("checkpoint", base).await;
    server.work(Duration::ZERO);
    server.request(Method::POST, "/api/v1/jobs").json(&json!({"prompt": "x", "seed": 5})).send().await.unwrap();
    while !jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let listed = server.json("/api/v1/images").await;
    let id = listed["items"][0]["id"].as_str().unwrap();
    let image = images::find(server.db(), Viewer::EVERYTHING, id.parse().unwrap()).await.unwrap().unwrap();
    let file = server.images().join(&image.file);
    let old = serde_json::to_string(&image.recipe).unwrap();
    assert!(old.contains("/home/ada"), "the queue needs the path");
    std::fs::write(&file, png::with_texts(&std::fs::read(&file).unwrap(), &[("genonaut", &old)]).unwrap()).unwrap();
    let sent = server.get(&format!("/images/{id}")).await.bytes().await.unwrap();
    let texts = png::texts(&sent);
    assert_eq!(texts.iter().map(|(keyword, _)| keyword.as_str()).collect::<Vec<_>>(), ["parameters", "genonaut"]);
    assert!(texts.iter().all(|(_, text)| text.contains("base_xl") && !text.contains("/home")), "{texts:?}");
    assert!(image::load_from_memory(&sent).is_ok());
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
    let page = server.get("/").await;
    let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let answer = server.request(Method::GET, url).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(answer.status(), 200);
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

/// The recipes that the folder of cases expects, where it is; those that begin with C are not read yet.
#[tokio::test]
async fn the_folder_of_cases_is_read_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/pictures");
    let Ok(cases) = std::fs::read(folder.join("pictures.json")) else { return };
    let server = TestServer::start().await;
    assert!(seed::static_files(server.db(), &folder.join("seed"), false, |_| ()).await.unwrap().is_sound());
    let mut wrong = Vec::new();
    let cases: Vec<Value> = serde_json::from_slice(&cases).unwrap();
    for case in cases.iter().filter(|case| !case["id"].as_str().unwrap().starts_with('C')) {
        let file = std::fs::read(folder.join(case["file"].as_str().unwrap())).unwrap();
        let (status, found) = drop_image(&server, file).await;
        if status != 200 {
            wrong.push(format!("{}: {}", case["id"], found["detail"]));
            continue;
        }
        let query = found["url"].as_str().unwrap().trim_start_matches("/?").as_bytes();
        let pairs: Vec<_> = form_urlencoded::parse(query).into_owned().collect();
        for (field, expected) in case["expected"].as_object().unwrap() {
            let got = read_field(&server, &pairs, field).await;
            let any = if field == "loras" { None } else { expected.as_array() };
            let fits = any.map_or_else(|| same(&got, expected), |any| any.iter().any(|one| same(&got, one)));
            if !fits {
                wrong.push(format!("{} {field}: {got}, not {expected}; {}", case["id"], found["notices"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

async fn read_field(server: &TestServer, pairs: &[(String, String)], field: &str) -> Value {
    let text = value(pairs, field).unwrap_or_default();
    match field {
        "checkpoint" => match text.parse() {
            Ok(id) => json!(stem(&checkpoint::find(server.db(), id).await.unwrap().unwrap().path)),
            Err(_) => Value::Null,
        },
        "loras" => {
            let mut all = Vec::new();
            for (_, row) in pairs.iter().filter(|(key, _)| key == "lora") {
                let parts: Vec<_> = row.split('~').collect();
                let model = lora::find(server.db(), parts[0].parse().unwrap()).await.unwrap().unwrap();
                let number = |at: usize| parts.get(at).and_then(|text| text.parse::<f64>().ok());
                all.push(json!([stem(&model.path), number(1), number(2)]));
            }
            Value::Array(all)
        }
        "prompt" | "negative_prompt" => json!(text),
        _ if text.is_empty() => Value::Null,
        _ => text.parse::<f64>().map_or_else(|_| json!(text), |number| json!(number)),
    }
}

fn stem(path: &str) -> &str {
    Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap()
}

/// Numbers are the same as 1 and 1.0; within LoRAs a list means any of these.
fn same(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (Value::Array(got), Value::Array(expected)) => {
            got.len() == expected.len() && got.iter().zip(expected).all(|(got, expected)| same(got, expected))
        }
        (got, Value::Array(any)) => any.iter().any(|expected| same(got, expected)),
        (Value::Number(got), Value::Number(expected)) => got.as_f64() == expected.as_f64(),
        _ => got == expected,
    }
}
