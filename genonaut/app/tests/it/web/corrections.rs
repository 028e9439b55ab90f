//! Correcting models on the page, one or many, and the trash.

use std::io::Cursor;

use genonaut_db::{checkpoint, lora};
use image::{DynamicImage, ImageFormat};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::api::library::scan;
use crate::disk::Disk;
use crate::server::TestServer;

async fn form(server: &TestServer, method: Method, path: &str, body: &str) -> Response {
    let request = server.request(method, path).header("content-type", "application/x-www-form-urlencoded");
    request.body(body.to_owned()).send().await.unwrap()
}

async fn html(server: &TestServer, path: &str) -> String {
    let answer = server.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_field_of_a_lora_is_corrected_and_goes_back() {
    let server = TestServer::start().await;
    let made = server.add("lora", json!({"path": "a.pt", "compatible_architectures": ["sd1"], "trigger_words": ["b"]}));
    let page = format!("/models/lora/{}", id(&made.await));
    let body = "name=Ink&version=2&family=Own&notes=keep+it&list=compatible_architectures\
        &compatible_architectures_add=sdxl&trigger_words=first%0D%0Aa%2C+group%0D%0Ab&least_weight=0.4&most_weight=0.9";
    assert_eq!(form(&server, Method::POST, &page, body).await.status(), 303);
    let now = lora::find_by_name(server.db(), "Ink").await.unwrap().unwrap();
    assert_eq!((now.version.as_deref(), now.family.as_deref()), (Some("2"), Some("Own")));
    assert_eq!(now.bases, ["sdxl"]);
    assert_eq!(now.trigger_words, ["first", "a, group", "b"]);
    assert_eq!(now.metadata.get::<String>(&["notes"]).as_deref(), Some("keep it"));
    assert_eq!(now.metadata.get::<[f64; 2]>(&["weight_range"]), Some([0.4, 0.9]));
    let shown = html(&server, &page).await;
    assert!(shown.contains("first\na, group\nb</textarea>") && shown.contains("<span>SDXL</span>"), "{shown}");
    let wrong = form(&server, Method::POST, &page, "least_weight=1&most_weight=0.5").await;
    assert_eq!(wrong.status(), 422);
}

#[tokio::test]
async fn the_base_of_a_checkpoint_is_chosen_and_no_family_overrules_it() {
    let server = TestServer::start().await;
    let fields = json!({"path": "a.safetensors", "architecture": "sdxl", "family": "Pony"});
    let page = format!("/models/checkpoint/{}", id(&server.add("checkpoint", fields).await));
    let shown = html(&server, &page).await;
    assert!(shown.contains("<option value=\"pony\" selected>Pony</option>"), "{shown}");
    assert_eq!(form(&server, Method::POST, &page, "architecture=pony&family=Pony").await.status(), 303);
    let now = checkpoint::find_by_name(server.db(), "a").await.unwrap().unwrap();
    assert_eq!(now.architecture.as_deref(), Some("sdxl"), "what is shown is no change");
    let body = "architecture=sdxl&vae=ae.safetensors";
    assert_eq!(form(&server, Method::PATCH, &format!("/ui{page}?field=architecture"), body).await.status(), 200);
    assert_eq!(form(&server, Method::PATCH, &format!("/ui{page}?field=metadata.vae"), body).await.status(), 200);
    let now = checkpoint::find_by_name(server.db(), "a").await.unwrap().unwrap();
    assert_eq!(now.metadata.get::<String>(&["vae"]).as_deref(), Some("ae.safetensors"));
    assert_eq!(form(&server, Method::POST, &page, "architecture=flux1-dev").await.status(), 303);
    let now = checkpoint::find_by_name(server.db(), "a").await.unwrap().unwrap();
    assert_eq!(now.base.as_deref(), Some("flux1"));
}

#[tokio::test]
async fn all_that_match_are_corrected_by_the_filter_and_undone() {
    let server = TestServer::start().await;
    for at in 0..60 {
        let tag = if at < 50 { "twenty" } else { "other" };
        server.add("lora", json!({"path": format!("m_{at}.pt"), "tags": [tag], "family": "before"})).await;
    }
    let list = html(&server, "/models?tag=twenty").await;
    assert!(list.contains("name=\"all\" value=\"type=lora&#38;tag=twenty\""), "{list}");
    let body =
        "all=type%3Dlora%26tag%3Dtwenty&base=sdxl&family=after&add_words=glow&weight=0.7&back=/models%3Ftag%3Dtwenty";
    let answer = form(&server, Method::POST, "/ui/models/bulk", body).await;
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.contains("changed=50"), "{location}");
    let count = |family: &str| lora::Filter { family: vec![family.to_owned()], ..lora::Filter::default() };
    assert_eq!(lora::count(server.db(), &count("after")).await.unwrap(), 50);
    let change = location.rsplit_once("undo=").unwrap().1;
    let undo = format!("type=lora&change={change}&back=/models");
    assert_eq!(form(&server, Method::POST, "/ui/models/bulk/undo", &undo).await.status(), 303);
    assert_eq!(lora::count(server.db(), &count("before")).await.unwrap(), 60);
    assert_eq!(form(&server, Method::POST, "/ui/models/bulk/undo", &undo).await.status(), 409);
}

#[tokio::test]
async fn a_text_in_names_is_replaced_blanks_and_all_and_what_keeps_its_name_is_listed() {
    let server = TestServer::start().await;
    for path in ["ink_x.pt", "ink x.pt", "paper_x.pt", "wash.pt"] {
        server.add("lora", json!({"path": path})).await;
    }
    let body = "all=type%3Dlora&name_find=_&name_replace=+&back=/models%3Ftype%3Dlora";
    let answer = form(&server, Method::POST, "/ui/models/bulk", body).await;
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with("/models?type=lora&changed=1&refused=1&undo="), "{location}");
    assert!(html(&server, &location).await.contains("1 model keeps its name"));
    assert!(lora::find_by_name(server.db(), "paper x").await.unwrap().is_some());
    let request = server.request(Method::POST, "/ui/models/bulk").header("hx-request", "true");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let partial = request.header("hx-request-type", "partial").body(body).send().await.unwrap();
    let partial = partial.text().await.unwrap();
    assert!(partial.contains("ink_x: &#34;ink x&#34; is already the name of another model"), "{partial}");
    let nothing = form(&server, Method::POST, "/ui/models/bulk", "all=type%3Dlora&name_replace=a").await;
    assert_eq!(nothing.status(), 422);
}

#[tokio::test]
async fn a_deleted_model_is_in_the_trash_and_no_scan_brings_its_file_back() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.lora("a.safetensors", false);
    scan(&server, &[disk.path()]).await;
    let model = lora::find_by_name(server.db(), "a").await.unwrap().unwrap();
    let path = format!("/models/lora/{}", model.id);
    assert!(html(&server, &path).await.contains("Move to the trash"));
    assert_eq!(form(&server, Method::POST, &format!("/ui{path}/delete"), "").await.status(), 303);
    assert_eq!(server.get(&path).await.status(), 404);
    disk.lora("b.safetensors", false);
    scan(&server, &[disk.path()]).await;
    assert_eq!(lora::count(server.db(), &lora::Filter::default()).await.unwrap(), 1, "b alone");
    assert!(html(&server, "/trash").await.contains(&format!("/ui/trash/lora/{}/restore", model.id)));
    let listed = server.json("/api/v1/trash/models").await;
    assert_eq!(listed["items"][0]["id"], model.id.to_string());
    let restore = format!("/api/v1/lora-models/{}/restore", model.id);
    assert_eq!(server.request(Method::POST, &restore).send().await.unwrap().status(), 204);
    assert_eq!(lora::find_by_name(server.db(), "a").await.unwrap().unwrap().id, model.id);
    let purge = format!("/api/v1/trash/models/{}", model.id);
    assert_eq!(server.request(Method::DELETE, &purge).send().await.unwrap().status(), 404);
    form(&server, Method::POST, &format!("/ui{path}/delete"), "").await;
    let purge = format!("/ui/trash/lora/{}/purge", model.id);
    assert_eq!(form(&server, Method::POST, &purge, "").await.status(), 303);
    assert_eq!(server.json("/api/v1/trash/models").await["items"], json!([]));
}

/// An entry without a file that somebody has deleted, and now put the file of into a library folder.
#[tokio::test]
async fn a_deleted_entry_is_back_once_its_file_is_found() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    let made = id(&server.add("lora", json!({"path": "a.safetensors", "rating": 0.5})).await);
    assert_eq!(form(&server, Method::POST, &format!("/ui/models/lora/{made}/delete"), "").await.status(), 303);
    disk.lora("a.safetensors", false);
    scan(&server, &[disk.path()]).await;
    let back = lora::find_by_name(server.db(), "a").await.unwrap().unwrap();
    assert_eq!((back.id.to_string(), back.rating), (made, Some(0.5)));
    assert_eq!(server.json("/api/v1/trash/models").await["items"], json!([]));
}

const BOUNDARY: &str = "genonaut-boundary";

async fn send_preview(server: &TestServer, page: &str, content: &[u8]) -> Response {
    let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"p.png\"\r\n\r\n");
    let body = [head.as_bytes(), content, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat();
    let request = server.request(Method::POST, &format!("/ui{page}/preview-file"));
    let request = request.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
    request.body(body).send().await.unwrap()
}

#[tokio::test]
async fn a_preview_that_was_chosen_outlasts_scans_and_goes_back() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    let mut picture = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(64, 64).write_to(&mut picture, ImageFormat::Png).unwrap();
    disk.lora("a.safetensors", false);
    disk.write("a.preview.png", picture.get_ref());
    scan(&server, &[disk.path()]).await;
    let model = lora::find_by_name(server.db(), "a").await.unwrap().unwrap();
    let page = format!("/models/lora/{}", model.id);
    assert_eq!(send_preview(&server, &page, b"no image").await.status(), 422);
    assert_eq!(send_preview(&server, &page, picture.get_ref()).await.status(), 303);
    let own = lora::find_by_name(server.db(), "a").await.unwrap().unwrap().preview.unwrap();
    assert!(own.starts_with("0-"), "{own}");
    assert_eq!(server.get(&format!("/previews/{own}")).await.status(), 200);
    disk.write("a.preview.png", &[picture.get_ref().as_slice(), b" "].concat());
    scan(&server, &[disk.path()]).await;
    assert_eq!(lora::find_by_name(server.db(), "a").await.unwrap().unwrap().preview, Some(own.clone()));
    assert_eq!(form(&server, Method::POST, &format!("/ui{page}/preview"), "reset=1").await.status(), 303);
    let back = lora::find_by_name(server.db(), "a").await.unwrap().unwrap().preview.unwrap();
    assert!(!back.starts_with("0-"), "{back}");
}

async fn bulk(server: &TestServer, path: &str, body: Value) -> (u16, Value) {
    let answer = server.request(Method::POST, &format!("/api/v1/lora-models/bulk{path}")).json(&body).send().await;
    let answer = answer.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn the_api_replaces_a_text_in_names_and_lists_the_models_that_keep_theirs() {
    let server = TestServer::start().await;
    let kept = id(&server.add("lora", json!({"path": "ink_x.pt"})).await);
    let renamed = id(&server.add("lora", json!({"path": "paper_x.pt"})).await);
    server.add("lora", json!({"path": "ink.pt"})).await;
    let (status, done) = bulk(&server, "", json!({"all": true, "name": {"find": "_x"}})).await;
    assert_eq!((status, &done["reached"], &done["changed"]), (200, &json!(3), &json!(1)));
    let reason = "\"ink\" is already the name of another model";
    let expected = json!([{"id": kept, "name": "ink_x", "code": "duplicate", "reason": reason}]);
    assert_eq!(done["refused"], expected);
    assert_eq!(server.json(&format!("/api/v1/lora-models/{renamed}")).await["name"], "paper");
    for name in [json!("x"), json!({"replace": "a"}), json!({"find": ""}), json!({"find": "a", "with": "b"})] {
        assert_eq!(bulk(&server, "", json!({"all": true, "name": name})).await.0, 422, "{name}");
    }
    let undo = format!("/{}/undo", done["change"].as_str().unwrap());
    assert_eq!(bulk(&server, &undo, json!({})).await.1, json!({"reached": 1, "restored": 1, "refused": []}));
    assert_eq!(server.json(&format!("/api/v1/lora-models/{renamed}")).await["name"], "paper_x");
}

#[tokio::test]
async fn the_api_changes_many_and_undoes_it() {
    let server = TestServer::start().await;
    let first = id(&server.add("lora", json!({"path": "a.pt", "tags": ["x"]})).await);
    server.add("lora", json!({"path": "b.pt", "tags": ["y"]})).await;
    let post = async |path: &str, body: Value| bulk(&server, path, body).await;
    let change = json!({"all": true, "base": "sdxl", "add_trigger_words": ["glow"], "recommended_weight": 0.5});
    let (status, done) = post("?tag=x", change).await;
    assert_eq!((status, &done["reached"], &done["changed"]), (200, &json!(1), &json!(1)));
    let now = server.json(&format!("/api/v1/lora-models/{first}")).await;
    assert_eq!((&now["bases"], &now["trigger_words"]), (&json!(["sdxl"]), &json!(["glow"])));
    for (body, status) in [
        (json!({"rating": 0.5}), 422),
        (json!({"all": true, "ids": [first], "rating": 0.5}), 422),
        (json!({"all": true}), 422),
        (json!({"all": true, "rating": 2}), 422),
        (json!({"all": true, "stars": 2}), 422),
    ] {
        assert_eq!(post("", body.clone()).await.0, status, "{body}");
    }
    let undo = format!("/{}/undo", done["change"].as_str().unwrap());
    assert_eq!(post(&undo, json!({})).await, (200, json!({"reached": 1, "restored": 1, "refused": []})));
    assert_eq!(server.json(&format!("/api/v1/lora-models/{first}")).await["trigger_words"], json!([]));
    assert_eq!(post(&undo, json!({})).await.0, 404);
}
