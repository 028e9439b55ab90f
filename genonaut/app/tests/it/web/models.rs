//! The Models page: lists, the detail and its fields, bulk changes, and files to take along.

use std::path::Path;

use genonaut_db::testing::database;
use genonaut_db::{PgPool, checkpoint, lora, seed};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::server::TestServer;

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../db/demo/seed_data_static");

async fn seeded() -> TestServer {
    let server = TestServer::start().await;
    assert!(seed::static_files(server.db(), Path::new(SEEDS), false, |_| ()).await.unwrap().is_sound());
    server
}

async fn lora_id(server: &TestServer, name: &str) -> String {
    lora::find_by_name(server.db(), name).await.unwrap().unwrap().id.to_string()
}

async fn text(server: &TestServer, path: &str) -> String {
    let answer = server.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

async fn send(server: &TestServer, method: Method, path: &str, body: &str, partial: bool) -> Response {
    let mut request = server.request(method, path).header("content-type", "application/x-www-form-urlencoded");
    if partial {
        request = request.header("hx-request", "true").header("hx-request-type", "partial");
    }
    request.body(body.to_owned()).send().await.unwrap()
}

/// Names on the cards, in order.
fn names(html: &str) -> Vec<&str> {
    let cards = html.split("data-testid=\"model-card\"").skip(1);
    cards.filter_map(|card| card.split_once(" title=\"")?.1.split_once('"').map(|(name, _)| name)).collect()
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_never_empty_without_a_word() {
    let server = seeded().await;
    let best = ["add_detail", "cinematic_lighting", "portrait_enhancer", "anime_style", "watercolor_effect"];
    assert_eq!(names(&text(&server, "/models").await), best);
    for (query, expected) in [
        ("type=checkpoint&base=sdxl", vec!["sd_xl_base_1.0"]),
        ("q=manga", vec!["anime_style"]),
        ("tag=enhancement&sort=name", vec!["add_detail", "portrait_enhancer"]),
        ("minr=0.9&view=list", vec!["add_detail", "cinematic_lighting"]),
    ] {
        assert_eq!(names(&text(&server, &format!("/models?{query}")).await), expected, "{query}");
    }
    assert!(text(&server, "/models?q=nothing").await.contains("No matching LoRAs"));
    for bad in ["nonsense=1", "type=vae", "minr=7", "cursor=x"] {
        assert_eq!(server.get(&format!("/models?{bad}")).await.status(), 400, "{bad}");
    }
    let empty = TestServer::start().await;
    assert!(text(&empty, "/models").await.contains("genonaut seed"));
}

#[tokio::test]
async fn pages_go_on_and_back_by_links() {
    let server = TestServer::start().await;
    for at in 0..60 {
        server.add("lora", json!({"path": format!("m_{at:02}.pt")})).await;
    }
    let link = |html: &str, id: &str| {
        let (before, _) = html.split_once(&format!("id=\"{id}\""))?;
        Some(before.rsplit_once("href=\"")?.1.split_once('"')?.0.replace("&#38;", "&").replace("&amp;", "&"))
    };
    let first = text(&server, "/models?sort=name").await;
    let second = text(&server, &link(&first, "page-next").unwrap()).await;
    assert_eq!((names(&first).len(), names(&second).len()), (48, 12));
    assert_eq!(names(&second)[0], "m_48");
    let back = text(&server, &link(&second, "page-prev").unwrap()).await;
    assert_eq!(names(&back), names(&first));
    assert_eq!(text(&server, "/ui/models/count?q=m").await, "60");
}

#[tokio::test]
async fn htmx_gets_parts_and_the_address_that_goes_with_them() {
    let server = seeded().await;
    let answer = send(&server, Method::GET, "/models?q=manga&minr=&view=grid", "", true).await;
    assert_eq!(answer.headers()["hx-push-url"], "/models?type=lora&q=manga");
    assert!(!answer.text().await.unwrap().contains("<html"));
    let answer = send(&server, Method::GET, "/ui/models?q=manga", "", true).await;
    assert_eq!(answer.headers()["hx-replace-url"], "/models?type=lora&q=manga");
    assert_eq!(server.get("/ui/models?q=x").await.headers()["location"], "/models?type=lora&q=x");
    let facets = send(&server, Method::GET, "/models/facets?base=sd1", "", true).await.text().await.unwrap();
    assert!(facets.contains("FLUX.1") && facets.contains("enhancement") && !facets.contains("<html"));
    assert!(text(&server, "/models/facets").await.contains("<html"));
}

#[tokio::test]
async fn a_form_without_scripts_saves_what_was_changed_and_nothing_else() {
    let server = seeded().await;
    let id = lora_id(&server, "cinematic_lighting").await;
    let page = format!("/models/lora/{id}");
    let html = text(&server, &page).await;
    assert!(html.contains("from models_loras.csv") && html.contains(&format!("/?add={id}")));
    let body = "rating=3&recommended_weight=0.8&list=tags&tags=film&tags_add=b%2C+c&description=Film-like+light+and+colour+grading";
    let answer = send(&server, Method::POST, &page, body, false).await;
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()),
        (303, &*format!("{page}?saved"))
    );
    let now = lora::find_by_name(server.db(), "cinematic_lighting").await.unwrap().unwrap();
    assert_eq!((now.rating, now.tags.join(" ")), (Some(0.5), "film b c".to_owned()));
    let html = text(&server, &page).await;
    assert!(html.contains("data-testid=\"back-rating\"") && !html.contains("data-testid=\"back-metadata."));
    let stale = send(&server, Method::POST, &page, "revision=1&rating=2", false).await;
    assert_eq!(stale.status(), 412);
    let answer = send(&server, Method::POST, &page, "back=rating", false).await;
    assert_eq!(answer.status(), 303);
    let now = lora::find_by_name(server.db(), "cinematic_lighting").await.unwrap().unwrap();
    assert_eq!(now.rating, Some(0.91));
}

#[tokio::test]
async fn what_cannot_be_saved_is_said_at_its_field_and_kept_in_the_form() {
    let server = seeded().await;
    let page = format!("/models/lora/{}", lora_id(&server, "add_detail").await);
    let answer = send(&server, Method::POST, &page, "rating=7&description=typed", false).await;
    assert_eq!(answer.status(), 422);
    let html = answer.text().await.unwrap();
    assert!(html.contains("Rating: must be a number from 1 to 5") && html.contains("typed</textarea>"));
    for (column, body, reason) in [
        ("rating", "rating=x", "Rating: must be a number from 1 to 5"),
        ("metadata.recommended_weight", "recommended_weight=9", "Recommended weight: must be a number from -4 to 4"),
        ("tags", &*format!("list=tags&tags={}", "x".repeat(501)), "Tags: must be at most 500"),
    ] {
        let answer = send(&server, Method::PATCH, &format!("/ui{page}?field={column}"), body, true).await;
        assert_eq!(answer.status(), 422, "{column}");
        let html = answer.text().await.unwrap();
        assert!(html.contains(reason) && html.contains(&format!("#note-{}", column.replace('.', "-"))), "{html}");
    }
    assert_eq!(lora::find_by_name(server.db(), "add_detail").await.unwrap().unwrap().rating, Some(0.93));
    for gone in [
        "/models/lora/x",
        "/models/vae/0190b2d4-0000-7000-8000-000000000001",
        "/models/lora/0190b2d4-0000-7000-8000-000000000001",
    ] {
        assert_eq!(server.get(gone).await.status(), 404, "{gone}");
    }
}

#[tokio::test]
async fn one_field_is_saved_without_looking_at_the_others() {
    let server = seeded().await;
    let best = checkpoint::find_by_name(server.db(), "sd_xl_base_1.0").await.unwrap().unwrap();
    let place = format!("/ui/models/checkpoint/{}?field=metadata.defaults&panel", best.id);
    let answer = send(&server, Method::PATCH, &place, "steps=20&clip_skip=2&rating=0.1&cfg=7", true).await;
    assert_eq!(answer.status(), 200);
    let html = answer.text().await.unwrap();
    assert!(html.contains("Saved") && html.contains(&format!("#card-{}", best.id)) && html.contains("edited by you"));
    let now = checkpoint::find(server.db(), best.id).await.unwrap().unwrap();
    assert_eq!(now.rating, Some(0.95));
    assert_eq!(now.metadata.get::<i64>(&["defaults", "steps"]), Some(20));
    assert_eq!(now.metadata.get::<f64>(&["defaults", "cfg"]), Some(7.0));
    send(&server, Method::PATCH, &place, "clip_skip=", true).await;
    let now = checkpoint::find(server.db(), best.id).await.unwrap().unwrap();
    assert_eq!(now.metadata.get::<Value>(&["defaults", "clip_skip"]), None);
    let foreign = server.request(Method::PATCH, &place).header("origin", "http://evil.example");
    assert_eq!(foreign.body("steps=1").send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn checked_models_are_changed_together() {
    let server = seeded().await;
    let (a, b) = (lora_id(&server, "add_detail").await, lora_id(&server, "anime_style").await);
    let body = format!("type=lora&id={a}&id={b}&add_tags=mine%2C+too&rating=4.48&back=/models%3Ftype=lora");
    let answer = send(&server, Method::POST, "/ui/models/bulk", &body, false).await;
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with("/models?type=lora&changed=2&undo="), "{location}");
    let html = text(&server, &location).await;
    assert!(html.contains("2 models updated") && html.contains("/ui/models/bulk/undo"));
    assert_eq!(names(&text(&server, "/models?tag=mine&tag=too").await).len(), 2);
    let again = send(&server, Method::POST, "/ui/models/bulk", &body, true).await;
    assert!(again.text().await.unwrap().contains("0 of 2 updated"));
    for (body, reason) in [
        ("type=lora&rating=2".to_owned(), "Select at least one model."),
        (format!("type=lora&id={a}"), "Enter tags to add or remove"),
        (format!("type=lora&id={a}&rating=x"), "Rating: must be a number"),
        (format!("type=lora&id={a}&rating=0.5"), "Rating: must be a number from 1 to 5"),
    ] {
        let answer = send(&server, Method::POST, "/ui/models/bulk", &body, true).await;
        assert_eq!(answer.status(), 422, "{body}");
        assert!(answer.text().await.unwrap().contains(reason), "{body}");
        assert_eq!(send(&server, Method::POST, "/ui/models/bulk", &body, false).await.status(), 422);
    }
}

#[tokio::test]
async fn names_are_text_whatever_they_hold() {
    let server = TestServer::start().await;
    let name = "<img src=x onerror=alert(1)>\"'&";
    let fields = json!({"path": name, "name": name, "description": format!("</textarea>{name}"), "tags": [name], "trigger_words": [name], "version": name});
    let made = server.add("lora", fields).await;
    let id = made["id"].as_str().unwrap();
    for path in
        ["/models?tag=%3Cimg", "/models", "/models/facets", &format!("/models/lora/{id}"), "/models?q=%3Cimg+src%3E"]
    {
        let html = text(&server, path).await;
        assert!(!html.contains("<img") && !html.contains("style=\""), "{path}");
    }
}

/// All rows, without what every catalogue gives anew.
async fn rows(db: &PgPool) -> Vec<Value> {
    let all = genonaut_db::page::PageRequest { sort: genonaut_db::page::Sort::Name, limit: 5000, ..Default::default() };
    let loras = lora::list(db, &lora::Filter::default(), &all).await.unwrap().items;
    let checkpoints = checkpoint::list(db, &checkpoint::Filter::default(), &all).await.unwrap().items;
    let loras = loras.iter().map(|row| serde_json::to_value(row).unwrap());
    let rows = loras.chain(checkpoints.iter().map(|row| serde_json::to_value(row).unwrap()));
    rows.map(|mut row| {
        let fields = row.as_object_mut().unwrap();
        for name in ["id", "last_created", "last_updated"] {
            fields.remove(name);
        }
        row
    })
    .collect()
}

#[tokio::test]
async fn an_export_seeds_another_catalogue_with_the_same_rows() {
    let server = seeded().await;
    seed::add_synthetic(server.db(), 7, 1500, |_| ()).await.unwrap();
    let edited = lora::find_by_name(server.db(), "add_detail").await.unwrap().unwrap();
    let patch = json!({"name": "named, \"anew\"", "filename": "other.pt", "rating": 0.123_456_789, "version": null,
        "description": "two\nlines,\tand a tab", "tags": ["a, b", "{c}", "d\"e", "[f]"], "trigger_words": [], "family": null,
        "metadata": {"recommended_weight": null, "deep": {"n": [1.5, "x,y"]}}});
    lora::patch(server.db(), edited.id, patch.as_object().unwrap(), None).await.unwrap();
    for ending in ["csv", "tsv"] {
        let (folder, other) = (tempfile::tempdir().unwrap(), database().await);
        for kind in ["lora", "checkpoint"] {
            let answer = server.get(&format!("/models/export.{ending}?type={kind}")).await;
            let name = format!("models_{kind}s.{ending}");
            assert!(answer.headers()["content-disposition"].to_str().unwrap().contains(&name));
            std::fs::write(folder.path().join(name), answer.bytes().await.unwrap()).unwrap();
        }
        let report = seed::static_files(&other.pool, folder.path(), false, |_| ()).await.unwrap();
        assert!(report.is_sound() && report.strangers.is_empty(), "{report:?}");
        let (before, after) = (rows(server.db()).await, rows(&other.pool).await);
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before, after);
        }
    }
    let few = text(&server, "/models/export.csv?tag=manga&q=anime_style").await;
    assert_eq!((few.lines().count(), few.contains("anime_style")), (2, true));
    assert_eq!(server.get("/models/export.csv?nonsense=1").await.status(), 400);
}
