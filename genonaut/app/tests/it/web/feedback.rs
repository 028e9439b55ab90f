//! What pictures teach, on pages without scripts.

use reqwest::Method;
use serde_json::json;

use crate::rated::{rate, start};
use crate::server::TestServer;

async fn page(server: &TestServer, path: &str) -> String {
    let answer = server.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// Whether the words come in this order.
fn in_order(html: &str, words: &[&str]) -> bool {
    let places: Option<Vec<_>> = words.iter().map(|word| html.find(word)).collect();
    places.is_some_and(|places| places.is_sorted())
}

#[tokio::test]
async fn lists_are_ordered_by_stars_and_say_how_many_there_are() {
    let (server, [_, second, _]) = start().await;
    rate(&server, &json!({"checkpoint": second, "loras": [{"model": "a"}]}), &[5]).await;
    let models = page(&server, "/models?type=checkpoint&sort=best").await;
    assert!(models.contains("★ 5.0 (1 image)<"), "{models}");
    assert!(models.contains(r#"<option value="best" selected>Best for you</option>"#));
    rate(&server, &json!({"checkpoint": second}), &[5, 5, 4]).await;
    let (best, rated) = ([">second<", ">first<"], [">first<", ">second<"]);
    let sorted = async |sort: &str| page(&server, &format!("/models?type=checkpoint&sort={sort}")).await;
    assert!(in_order(&sorted("best").await, &best) && in_order(&sorted("rating").await, &rated));
    let options = async |sort: &str| {
        let home = page(&server, &format!("/?checkpoint_sort={sort}")).await;
        home.split_once(r#"id="ckpt-list""#).unwrap().1.to_owned()
    };
    assert!(in_order(&options("best").await, &best) && in_order(&options("rating").await, &rated));
    assert!(page(&server, "/?pick=1&sort=best").await.contains("★ 5.0 (1 image)<"));
    let detail = page(&server, &format!("/models/checkpoint/{second}")).await;
    for said in ["★ 4.8 (4 images)", "and the rating ★ 4.0", "4 images, last on "] {
        assert!(detail.contains(said), "{said} is not in {detail}");
    }
}

#[tokio::test]
async fn what_is_rated_highest_is_said_and_used_by_one_button() {
    let (server, [first, _, lora]) = start().await;
    let recipe = format!("/?checkpoint={first}&lora={lora}");
    let at = |weight: f64, steps: u8| json!({"checkpoint": first, "loras": [{"model": "a", "weight": weight}], "steps": steps, "sampler": "euler"});
    rate(&server, &at(0.6, 4), &[5, 5]).await;
    rate(&server, &at(1.0, 8), &[2, 2, 3]).await;
    assert!(!page(&server, &recipe).await.contains("Your best"), "two images are not enough");
    rate(&server, &at(0.6, 4), &[4]).await;
    let html = page(&server, &recipe).await;
    assert!(html.contains("Your best weight here: <b>0.55–0.64</b> (★ 4.7, 3 images)"), "{html}");
    assert!(html.contains("Your best-rated: <b>4 steps</b> (★ 4.7, 3 images)"));
    assert!(!html.contains("id=\"highest-steps\""), "the recipe has these already");
    let offers = page(&server, &recipe.replacen("/?", "/ui/offers?", 1)).await;
    let parts = ["id=\"highest-settings\"", "<b>4 steps</b>", &format!("id=\"highest-{lora}\""), "<b>0.55–0.64</b>"];
    assert!(in_order(&offers, &parts) && !offers.contains("<input"), "{offers}");
    assert!(in_order(&offers, &["id=\"ckpt-meta\"", "★ 3.5 (6 images)"]), "{offers}");
    let used = server.get(&format!("{recipe}&weigh={lora}~0.6")).await;
    assert_eq!(used.status(), 303);
    let place = used.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(place, format!("/?checkpoint={first}&lora={lora}%7E0.6"));
    assert!(!page(&server, &place).await.contains(&format!("weigh-{lora}")), "nothing is left to use");
    let taught = page(&server, &format!("/models/lora/{lora}")).await;
    assert!(in_order(&taught, &["With first</a> ★ 3.5 (6 images)", "Best: 0.55–0.64"]), "{taught}");
    let taught = page(&server, &format!("/models/checkpoint/{first}")).await;
    assert!(in_order(&taught, &["<b>4 steps</b> ★ 4.7 (3 images)", ">Best<", "<b>8 steps</b> ★ 2.3 (3 images)"]));
    let other = page(&server, &format!("{recipe}&steps=8")).await;
    assert!(other.contains(r#"name="steps" value="4" id="highest-steps""#));
}

#[tokio::test]
async fn an_open_page_of_a_model_asks_for_its_stars_and_for_no_field() {
    let (server, [first, ..]) = start().await;
    rate(&server, &json!({"checkpoint": first}), &[4]).await;
    let place = format!("/ui/models/checkpoint/{first}");
    let parts = server.request(Method::GET, &place).header("hx-request-type", "partial").send().await.unwrap();
    let html = parts.text().await.unwrap();
    let shown = [
        "hx-target=\"#d-badges\"",
        "hx-target=\"#d-results\"",
        "4 steps",
        "hx-target=\"#d-facts\"",
        "<dt>Your images</dt>",
    ];
    assert!(in_order(&html, &shown), "{html}");
    assert!(!html.contains("<input") && !html.contains("<textarea"), "{html}");
    let followed = server.get(&place).await;
    assert_eq!(followed.headers()["location"], format!("/models/checkpoint/{first}"));
    let nobody = "/ui/models/checkpoint/0190b2d4-0000-7000-8000-000000000001";
    assert_eq!(server.get(nobody).await.status(), 404);
}
