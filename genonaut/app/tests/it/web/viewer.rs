//! The viewer: which images are beside one, what becomes of it, and a failed job that is closed.

use reqwest::{Method, Response};
use uuid::Uuid;

use super::generate::{QUICK, checkpoint, generate, made, until_idle};
use super::parts::partial;
use crate::server::TestServer;

async fn text(server: &TestServer, path: &str) -> String {
    partial(server, path).await.text().await.unwrap()
}

async fn send(server: &TestServer, method: Method, path: &str, stars: &str) -> Response {
    let request = server.request(method, path).header("hx-request-type", "partial").form(&[("stars", stars)]);
    request.send().await.unwrap()
}

fn leads_to(html: &str, button: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("id=\"{button}\""))?;
    let (attributes, _) = rest.split_once('>')?;
    let (_, rest) = attributes.split_once("hx-get=\"/ui/images/")?;
    rest.split_once('/').map(|(id, _)| id.to_owned())
}

#[tokio::test]
async fn the_viewer_goes_through_what_the_history_lists() {
    let server = TestServer::start().await;
    let id = checkpoint(&server).await;
    server.work(QUICK);
    generate(&server, &[("checkpoint", &id), ("prompt", "dunes"), ("seed", "5"), ("images", "3")], true).await;
    until_idle(&server).await;
    let [newest, middle, oldest]: [Uuid; 3] =
        made(&server).await.iter().map(|image| image.id).collect::<Vec<_>>().try_into().unwrap();

    let view = text(&server, &format!("/ui/images/{middle}/view")).await;
    let beside = |html: &str| ["v-newer", "v-older"].map(|button| leads_to(html, button));
    assert_eq!(beside(&view), [Some(newest.to_string()), Some(oldest.to_string())]);
    assert_eq!(beside(&text(&server, &format!("/ui/images/{newest}/view")).await), [None, Some(middle.to_string())]);

    // Compared with one, the way leads past it.
    let compared = text(&server, &format!("/ui/images/{newest}/view?with={middle}")).await;
    assert_eq!(beside(&compared), [None, Some(oldest.to_string())]);
    assert!(compared.contains("<th scope=\"row\">Seed</th><td>6</td><td>7</td>"), "{compared}");
    assert!(!compared.contains("<th scope=\"row\">Prompt</th>"), "{compared}");

    // Four stars and up: the one with three is passed over.
    for (image, stars) in [(newest, "5"), (middle, "3"), (oldest, "4")] {
        let path = format!("/ui/images/{image}/rating?viewer=1&shown=liked");
        let rated = send(&server, Method::PUT, &path, stars).await.text().await.unwrap();
        assert!(rated.contains("hx-target=\"#viewer-body\"") && rated.contains("hx-target=\"#stage\""), "{rated}");
    }
    assert_eq!(made(&server).await.iter().map(|image| image.rating).collect::<Vec<_>>(), [Some(5), Some(3), Some(4)]);
    let liked = text(&server, &format!("/ui/images/{newest}/view?shown=liked")).await;
    assert_eq!(beside(&liked), [None, Some(oldest.to_string())]);
}

#[tokio::test]
async fn an_image_that_is_deleted_in_the_viewer_leaves_its_place_to_the_next() {
    let server = TestServer::start().await;
    let id = checkpoint(&server).await;
    server.work(QUICK);
    generate(&server, &[("checkpoint", &id), ("prompt", "dunes"), ("images", "2")], true).await;
    until_idle(&server).await;
    let images = made(&server).await;
    let (newest, oldest) = (images[0].id, images[1].id);
    let delete = |image: Uuid| format!("/ui/images/{image}/delete?viewer=1&shown=all");
    let next = send(&server, Method::POST, &delete(newest), "").await.text().await.unwrap();
    assert!(next.contains(&format!("data-image=\"{oldest}\"")) && next.contains("restore"), "{next}");
    let none = send(&server, Method::POST, &delete(oldest), "").await.text().await.unwrap();
    assert!(none.contains("viewer-none") && !none.contains("v-img"), "{none}");
    assert_eq!(partial(&server, &format!("/ui/images/{oldest}/view")).await.status(), 404);
}

#[tokio::test]
async fn a_failed_job_is_closed_for_one_browser() {
    let server = TestServer::start().await;
    let id = checkpoint(&server).await;
    server.work(QUICK);
    generate(&server, &[("checkpoint", &id), ("prompt", "demo:out-of-memory")], true).await;
    until_idle(&server).await;
    let stage = text(&server, "/ui/live").await;
    assert!(stage.contains("Not enough GPU memory"), "{stage}");
    let (_, rest) = stage.split_once("formaction=\"/ui/jobs/").unwrap();
    let job = rest.split_once('/').unwrap().0;
    let closed = send(&server, Method::POST, &format!("/ui/jobs/{job}/close"), "").await;
    let cookie = closed.headers()["set-cookie"].to_str().unwrap().split_once(';').unwrap().0.to_owned();
    assert!(!closed.text().await.unwrap().contains("Not enough GPU memory"));
    let page = server.request(Method::GET, "/").header("cookie", cookie).send().await.unwrap();
    assert!(!page.text().await.unwrap().contains("Not enough GPU memory"));
    assert!(text(&server, "/ui/live").await.contains("Not enough GPU memory"), "others see it");
}
