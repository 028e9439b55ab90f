//! Files that are read whole for their hashes: what that changes of their models, and who hears of it.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use genonaut::hashing;
use genonaut_db::library::{self, Hashing, Reader};
use genonaut_db::lora;
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::library::scan;
use crate::disk::Disk;
use crate::server::TestServer;

async fn hash(server: &TestServer) -> u64 {
    hashing::all(server.db(), |_| ControlFlow::Continue(())).await.unwrap()
}

async fn find(server: &TestServer, file: &str) -> Value {
    let list = server.json("/api/v1/lora-models?limit=200").await;
    let mut models = list["items"].as_array().unwrap().iter();
    models.find(|model| model["path"].as_str().unwrap().ends_with(&format!("/{file}"))).unwrap().clone()
}

fn info(model: &str, sha256: &str) -> Vec<u8> {
    let said = json!({
        "id": 7, "modelId": 3, "name": "v9", "baseModel": "SDXL 1.0", "trainedWords": ["of another"],
        "description": "Another one", "model": {"name": model, "type": "LORA"}, "files": [{"hashes": {"SHA256": sha256.to_uppercase()}}],
    });
    said.to_string().into_bytes()
}

fn sha256(disk: &Disk, name: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(std::fs::read(format!("{}/{name}", disk.path())).unwrap());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn what_a_file_beside_a_model_says_of_another_is_taken_back_once_the_hash_shows_it() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    for name in ["stale", "proven", "silent"] {
        disk.told_lora(
            &format!("{name}.safetensors"),
            &[("modelspec.title", name), ("modelspec.trigger_phrase", "own word")],
        );
    }
    disk.write("stale.civitai.info", &info("Another", &"ab".repeat(32)));
    disk.write("stale.json", br#"{"activation text": "", "preferred weight": 0.6, "notes": "mine"}"#);
    disk.write("proven.civitai.info", &info("Proven", &sha256(&disk, "proven.safetensors")));
    disk.write("silent.civitai.info", br#"{"name": "v1", "trainedWords": ["unproven"], "model": {"name": "Silent"}}"#);
    scan(&server, &[disk.path()]).await;
    let stale = find(&server, "stale.safetensors").await;
    assert_eq!(
        (&stale["name"], &stale["description"]),
        (&json!("Another"), &json!("Another one")),
        "nobody can know yet"
    );
    let id = stale["id"].as_str().unwrap().parse().unwrap();
    let mine = json!({"version": "my own", "metadata": {"recommended_weight": 0.9}});
    lora::patch(server.db(), id, mine.as_object().unwrap(), None).await.unwrap();

    assert_eq!(hash(&server).await, 3);
    let judged = find(&server, "stale.safetensors").await;
    assert_eq!((&judged["id"], &judged["name"]), (&stale["id"], &json!("stale")), "the header's title");
    assert_eq!((&judged["description"], &judged["trigger_words"]), (&Value::Null, &json!(["own word"])));
    assert_eq!(judged["metadata"]["warnings"], json!(["stale-sidecar:stale.civitai.info"]));
    assert_eq!((&judged["version"], &judged["metadata"]["recommended_weight"]), (&json!("my own"), &json!(0.9)));
    assert_eq!(judged["metadata"]["notes"], "mine", "a file beside it that names no hash is believed");
    let proven = find(&server, "proven.safetensors").await;
    assert_eq!(
        (&proven["description"], &proven["trigger_words"]),
        (&json!("Another one"), &json!(["of another", "own word"]))
    );
    assert_eq!(find(&server, "silent.safetensors").await["trigger_words"], json!(["unproven", "own word"]));

    // It stays so when everything is read anew, and when file and sidecar move; a right one is believed at once.
    disk.rename("stale.safetensors", "sub/stale.safetensors");
    disk.rename("stale.civitai.info", "sub/stale.civitai.info");
    scan(&server, &[]).await;
    let moved = find(&server, "sub/stale.safetensors").await;
    assert_eq!((&moved["id"], &moved["description"]), (&stale["id"], &Value::Null), "{moved}");
    disk.write("sub/stale.civitai.info", &info("Right", &sha256(&disk, "sub/stale.safetensors")));
    scan(&server, &[]).await;
    let right = find(&server, "sub/stale.safetensors").await;
    assert_eq!((&right["description"], &right["version"]), (&json!("Another one"), &json!("my own")));
    assert_eq!(hash(&server).await, 0);
}

#[tokio::test]
async fn the_words_of_a_copy_follow_at_once_when_the_first_file_goes() {
    let (server, disk, other) = (TestServer::start().await, Disk::new(), Disk::new());
    disk.told_lora("first.safetensors", &[("note", "same")]);
    other.told_lora("copy.safetensors", &[("note", "same")]);
    disk.write("first.txt", b"beside the first");
    other.write("copy.txt", b"beside the copy");
    scan(&server, &[disk.path()]).await;
    scan(&server, &[other.path()]).await;
    let first = find(&server, "first.safetensors").await;
    assert_eq!(first["description"], "beside the first");
    disk.remove("first.safetensors");
    scan(&server, &[]).await;
    let copy = find(&server, "copy.safetensors").await;
    assert_eq!((&copy["id"], &copy["description"]), (&first["id"], &json!("beside the copy")));
    assert_eq!((&copy["name"], &copy["missing_since"]), (&json!("copy"), &Value::Null));

    disk.told_lora("first.safetensors", &[("note", "same")]);
    scan(&server, &[]).await;
    assert_eq!(find(&server, "first.safetensors").await["description"], "beside the first");
    let roots = server.json("/api/v1/roots").await;
    let root = roots.as_array().unwrap().iter().find(|root| root["path"] == disk.path()).unwrap();
    let path = format!("/api/v1/roots/{}", root["id"].as_str().unwrap());
    assert_eq!(server.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
    assert_eq!(find(&server, "copy.safetensors").await["description"], "beside the copy");
}

#[tokio::test]
async fn how_far_it_is_is_told_at_most_twice_a_second_and_nothing_when_nobody_reads() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.lora("a.safetensors", false);
    scan(&server, &[disk.path()]).await;
    let now = server.json("/api/v1/hashing").await;
    assert_eq!(
        (&now["files"], &now["later"], &now["path"], &now["seconds_left"]),
        (&json!(1), &json!(false), &Value::Null, &Value::Null)
    );
    let mut events = server.get("/events").await;
    let reader = Reader::new(server.db()).await.unwrap();
    let now = Hashing { files: 9, bytes: 9_000_000_000, later: false, path: Some("/x/<b>.st".to_owned()), rate: 1e9 };
    let (began, mut heard) = (Instant::now(), String::new());
    while began.elapsed() < Duration::from_millis(1300) {
        reader.tell(server.db(), &now).await.unwrap();
        if let Ok(chunk) = tokio::time::timeout(Duration::from_millis(20), events.chunk()).await {
            heard += &String::from_utf8_lossy(&chunk.unwrap().unwrap());
        }
    }
    let told = heard.matches("event: hashing").count();
    assert!((1..=3).contains(&told), "{told}: {heard}");
    assert!(heard.contains("(9.00 GB) left") && heard.contains("9.0 s left · 1.00 GB/s"), "{heard}");
    assert_eq!(server.json("/api/v1/hashing").await["seconds_left"], 9.0);
    assert!(server.get("/models/import").await.text().await.unwrap().contains("/x/&#60;b&#62;.st"));
    reader.end(server.db()).await.unwrap();
    while !heard.contains("1 file (") {
        heard += &String::from_utf8_lossy(&events.chunk().await.unwrap().unwrap());
    }
    assert!(tokio::time::timeout(Duration::from_millis(700), events.chunk()).await.is_err(), "nothing more is told");
}

#[tokio::test]
async fn reading_waits_and_goes_on_as_people_want_it() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.lora("a.safetensors", false);
    scan(&server, &[disk.path()]).await;
    let patch = async |body: Value| server.request(Method::PATCH, "/api/v1/hashing").json(&body).send().await.unwrap();
    for body in [json!({}), json!({"later": 1}), json!({"later": true, "more": 1})] {
        assert_eq!(patch(body).await.status(), 422);
    }
    assert_eq!(patch(json!({"later": true})).await.json::<Value>().await.unwrap()["later"], true);
    let html = server.get("/models/import").await.text().await.unwrap();
    assert!(html.contains("paused") && html.contains("Resume hashing"), "{html}");
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let working = tokio::spawn(hashing::work(server.db().clone(), server.news(), stopped));
    let form = server.request(Method::POST, "/ui/hashing").header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(library::hashes_left(server.db()).await.unwrap().0, 1);
    assert_eq!(form.body("now=1").send().await.unwrap().status(), 303);
    while library::hashes_left(server.db()).await.unwrap().0 > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.send_replace(true);
    working.await.unwrap();
    assert!(!server.get("/models/import").await.text().await.unwrap().contains("id=\"hashing\""));
}
