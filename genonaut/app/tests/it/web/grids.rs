//! Grids through the page's own door, with and without scripts.

use std::time::Duration;

use genonaut_db::accounts::Viewer;
use genonaut_db::{grids, jobs};
use reqwest::{Method, Response};
use serde_json::json;

use crate::server::TestServer;

async fn with_models() -> TestServer {
    let server = TestServer::start().await;
    for (name, architecture) in [("base", "sd1"), ("big", "sdxl")] {
        let metadata = json!({"defaults": {"width": 64, "height": 96, "steps": 4}});
        let path = format!("c/{name}.safetensors");
        server
            .add("checkpoint", json!({"path": path, "rating": 0.5, "architecture": architecture, "metadata": metadata}))
            .await;
    }
    server.add("lora", json!({"path": "l/<b>film.safetensors", "compatible_architectures": ["sd1"]})).await;
    server
}

async fn post(server: &TestServer, path: &str, form: &[(&str, &str)], partial: bool) -> Response {
    let request = server.request(Method::POST, path).form(form);
    if partial { request.header("HX-Request-Type", "partial").send() } else { request.send() }.await.unwrap()
}

async fn text(server: &TestServer, path: &str) -> String {
    let answer = server.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

async fn until_idle(server: &TestServer) {
    for _ in 0..600 {
        if jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the queue does not become empty");
}

#[tokio::test]
async fn a_grid_is_planned_counted_and_made_without_scripts() {
    let server = with_models().await;
    let form = text(&server, "/grids/new?prompt=copper+dunes&steps=7").await;
    assert!(form.contains("name=\"recipe\" value=\"") && form.contains("prompt=copper+dunes"), "{form}");
    assert!(form.contains("&#60;b&#62;film") && !form.contains("<b>film"), "names are text");
    let recipe = "prompt=copper+dunes&steps=7&seed=5";
    let axes =
        [("recipe", recipe), ("x", "cfg"), ("x_values", "3-9 by 3"), ("y", "checkpoint"), ("y_values", "base\r\nbig")];
    let counted = post(&server, "/ui/grids/count", &axes, false).await;
    let counted = counted.text().await.unwrap();
    assert!(counted.contains("3 × 2 = 6 images") && counted.contains("3-9 by 3</textarea>"), "{counted}");
    assert!(jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty());
    let started = post(&server, "/ui/grids", &axes, false).await;
    assert_eq!(started.status(), 303);
    let place = started.headers()["location"].to_str().unwrap().to_owned();
    let page = text(&server, &place).await;
    assert!(
        page.contains("CFG scale × Checkpoint") && page.contains("0 of 6") && page.contains("Cancel remaining"),
        "{page}"
    );
    assert!(page.contains(&format!("name=\"back\" value=\"{place}\"")), "the theme menu leads back here: {page}");
    server.work(Duration::from_millis(1));
    until_idle(&server).await;
    let counted = post(&server, "/ui/grids/count", &axes, false).await.text().await.unwrap();
    assert!(counted.contains("3 × 2 = 6 images, about "), "what was made says how long it takes: {counted}");
    let page = text(&server, &place).await;
    assert!(page.contains("6 of 6") && page.matches("/thumbnail").count() == 6, "{page}");
    assert!(page.contains("aria-label=\"CFG 6, big\"") && !page.contains("Cancel remaining"));
    let list = text(&server, "/grids").await;
    assert!(list.contains(&place) && list.contains("6 of 6 done") && list.matches("/thumbnail").count() == 6, "{list}");
    let gone = post(&server, &format!("/ui{place}/delete"), &[], false).await;
    assert_eq!(gone.headers()["location"], "/grids");
    assert_eq!(server.get(&place).await.status(), 404);
    assert_eq!(post(&server, &format!("/ui{place}/delete"), &[], false).await.status(), 404);
}

#[tokio::test]
async fn the_contact_sheet_is_as_large_as_it_says_and_brings_the_recipe_along() {
    let server = with_models().await;
    let axes = [
        ("recipe", "prompt=copper+dunes&seed=5"),
        ("x", "cfg"),
        ("x_values", "3, 9"),
        ("y", "lora"),
        ("y_values", "none"),
    ];
    let started = post(&server, "/ui/grids", &axes, false).await;
    let place = started.headers()["location"].to_str().unwrap().to_owned();
    assert!(!text(&server, &place).await.contains("sheet.png"), "there is nothing on it yet");
    server.work(Duration::from_millis(1));
    until_idle(&server).await;
    let page = text(&server, &place).await;
    let png = server.get(&format!("{place}/sheet.png")).await;
    assert_eq!((png.status().as_u16(), &png.headers()["content-type"]), (200, &"image/png".parse().unwrap()));
    let png = png.bytes().await.unwrap();
    let picture = image::load_from_memory(&png).unwrap().into_rgb8();
    let (width, height) = picture.dimensions();
    assert!(page.contains(&format!("{width} × {height}")), "{width} × {height}: {page}");
    assert!(width > 2 * 64 && height > 96, "both images and the captions");
    assert_eq!(picture.get_pixel(0, 0).0, [255; 3]);
    let read = genonaut_sources::picture::read(&png).unwrap();
    assert_eq!((read.prompt.as_str(), read.seed), ("copper dunes", Some(5)));
    let webp = server.get(&format!("{place}/sheet.webp")).await;
    assert_eq!(webp.headers()["content-type"], "image/webp");
    let webp = image::load_from_memory(&webp.bytes().await.unwrap()).unwrap();
    assert_eq!((webp.width(), webp.height()), (width, height));
    // One whose file is gone says so; the others are there.
    let file =
        genonaut_db::grids::cells(server.db(), place.rsplit('/').next().unwrap().parse().unwrap()).await.unwrap();
    server.pictures().remove(file[0].file.as_deref().unwrap()).await.unwrap();
    server.pictures().remove(file[0].thumbnail.as_deref().unwrap()).await.unwrap();
    let without = server.get(&format!("{place}/sheet.png")).await.bytes().await.unwrap();
    assert_ne!(image::load_from_memory(&without).unwrap().into_rgb8(), picture);
    for file in ["sheet.gif", "sheet", "..%2fsecret"] {
        assert_eq!(server.get(&format!("{place}/{file}")).await.status(), 404, "{file}");
    }
    let nobody = "/grids/00000000-0000-0000-0000-000000000000/sheet.png";
    assert_eq!(server.get(nobody).await.status(), 404);
}

#[tokio::test]
async fn a_reload_of_a_refused_form_leads_back_to_the_form() {
    let server = with_models().await;
    for path in ["/ui/grids", "/ui/grids/count"] {
        assert_eq!(server.get(path).await.headers()["location"], "/grids/new", "{path}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_what_was_written() {
    let server = with_models().await;
    for (axes, says) in [
        (vec![], "one to three settings"),
        (vec![("x", "steps"), ("x_values", "")], "Steps has no values"),
        (vec![("x", "steps"), ("x_values", "5, soon, 999")], "“soon” is not a number"),
        (vec![("x", "steps"), ("x_values", "5, soon, 999")], "must be a whole number from 1 to 150, not “999”"),
        (
            vec![("x", "steps"), ("x_values", "0"), ("y", "sampler"), ("y_values", "best")],
            "Sampler: must be a known sampler",
        ),
        (vec![("y", "lora"), ("y_values", "<i>nobody")], "no LoRA named “&#60;i&#62;nobody”"),
        (vec![("x", "weight"), ("x_values", "1")], "add a LoRA to the recipe"),
        (vec![("x", "seed"), ("x_values", "1-401")], "more than 400 values"),
    ] {
        let form: Vec<_> = axes.into_iter().chain([("recipe", "prompt=dunes")]).collect();
        let page = post(&server, "/ui/grids", &form, false).await;
        assert_eq!(page.status(), 422, "{form:?}");
        let page = page.text().await.unwrap();
        assert!(page.contains(says), "{form:?}: {page}");
        let part = post(&server, "/ui/grids", &form, true).await;
        assert_eq!(part.status(), 422);
        let part = part.text().await.unwrap();
        assert!(part.contains(says) && !part.contains("<html"), "{part}");
    }
    // While somebody is still choosing, nothing is a mistake.
    let part = post(&server, "/ui/grids/count", &[("x", "steps")], true).await.text().await.unwrap();
    assert!(!part.contains("alert"), "{part}");
    assert!(jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty());
    let empty = TestServer::start().await;
    let none = post(&empty, "/ui/grids", &[("x", "steps"), ("x_values", "5")], true).await.text().await.unwrap();
    assert!(none.contains("No checkpoint to generate with"), "{none}");
}

#[tokio::test]
async fn the_stage_tells_how_far_the_grid_is_and_cancels_the_rest() {
    let server = with_models().await;
    let axes = [("recipe", "prompt=demo:out-of-memory"), ("x", "seed"), ("x_values", "1-3")];
    let started = post(&server, "/ui/grids", &axes, true).await;
    assert_eq!(started.status(), 202);
    let stage = started.text().await.unwrap();
    assert!(stage.contains("Grid: 0 of 3 done") && stage.contains("set-cancel"), "{stage}");
    let id = grids::list(server.db(), Viewer::EVERYTHING, None, 1).await.unwrap().0.remove(0).id;
    assert_eq!(post(&server, &format!("/ui/grids/{id}/cancel"), &[], true).await.status(), 204);
    let page = text(&server, &format!("/grids/{id}")).await;
    assert!(page.contains("Retry 3 failed") && page.matches("Cancelled").count() == 3, "{page}");
    let again = post(&server, &format!("/ui/grids/{id}/retry"), &[], false).await;
    assert_eq!(again.headers()["location"], format!("/grids/{id}"));
    server.work(Duration::from_millis(1));
    until_idle(&server).await;
    let request = server.request(Method::GET, &format!("/grids/{id}")).header("HX-Request-Type", "partial");
    let parts = request.send().await.unwrap().text().await.unwrap();
    assert!(parts.contains("0 of 3") && parts.matches("Not enough GPU memory").count() == 3, "{parts}");
}
