//! What pictures teach, as a script reads it.

use serde_json::{Value, json};

use crate::rated::{rate, start};
use crate::server::TestServer;

async fn order(server: &TestServer, kind: &str, sort: &str) -> Vec<Value> {
    let list = server.json(&format!("/api/v1/{kind}-models?sort={sort}")).await;
    list["items"].as_array().unwrap().iter().map(|model| model["path"].clone()).collect()
}

#[tokio::test]
async fn stars_move_the_learned_rating_and_the_order_and_leave_the_given_one() {
    let (server, [first, second, lora]) = start().await;
    assert_eq!(order(&server, "checkpoint", "best").await, ["c/first.safetensors", "c/second.safetensors"]);
    rate(&server, &json!({"checkpoint": second, "loras": [{"model": "a"}]}), &[5, 5, 5]).await;
    assert_eq!(order(&server, "checkpoint", "best").await, ["c/second.safetensors", "c/first.safetensors"]);
    assert_eq!(order(&server, "checkpoint", "used").await, ["c/second.safetensors", "c/first.safetensors"]);
    assert_eq!(order(&server, "checkpoint", "rating").await, ["c/first.safetensors", "c/second.safetensors"]);
    let taught = server.json(&format!("/api/v1/checkpoint-models/{second}")).await;
    let counts = [&taught["pictures"], &taught["rated_pictures"], &taught["stars"], &taught["rating"]];
    assert_eq!(counts, [&json!(3), &json!(3), &json!(15), &json!(0.75)]);
    let learned = taught["learned_rating"].as_f64().unwrap();
    assert!((learned - (10.0 * 0.75 + 3.0) / 13.0).abs() < 1e-12, "{learned}");
    assert!(taught["last_used"].is_string());
    let never = server.json(&format!("/api/v1/checkpoint-models/{first}")).await;
    assert_eq!((&never["learned_rating"], &never["last_used"]), (&json!(0.8), &Value::Null));
    let unrated = server.json(&format!("/api/v1/lora-models/{lora}")).await;
    assert_eq!((&unrated["rating"], &unrated["rated_pictures"]), (&Value::Null, &json!(3)));
    assert!((unrated["learned_rating"].as_f64().unwrap() - 8.0 / 13.0).abs() < 1e-12);
}

#[tokio::test]
async fn counts_of_settings_and_weights_name_what_is_rated_highest() {
    let (server, [first, _, lora]) = start().await;
    let at = |weight: f64, sampler: &str| json!({"checkpoint": first, "loras": [{"model": "a", "weight": weight}], "sampler": sampler});
    rate(&server, &at(0.6, "dpmpp_2m"), &[5, 5, 4]).await;
    rate(&server, &at(1.0, "euler"), &[2, 3, 3]).await;
    let settings = server.json(&format!("/api/v1/checkpoint-models/{first}/feedback")).await;
    let highest: Vec<_> = settings["highest"].as_array().unwrap().iter().map(|count| &count["value"]).collect();
    assert_eq!(highest, ["dpmpp_2m"]);
    assert_eq!(settings["counts"].as_array().unwrap().len(), 5, "{settings}");
    let path = format!("/api/v1/lora-models/{lora}/feedback");
    let weights = server.json(&format!("{path}?checkpoint_id={first}")).await;
    let best = &weights["highest"][0];
    assert_eq!((&best["value"], &best["rated_pictures"], &best["stars"]), (&json!("0.6"), &json!(3), &json!(14)));
    let partners = server.json(&path).await;
    let partner = &partners["counts"][0];
    assert_eq!((&partner["checkpoint"], &partner["pictures"]), (&json!(first), &json!(6)));
    let nobody = "00000000-0000-0000-0000-000000000000";
    for (path, status) in [
        (format!("/api/v1/lora-models/{nobody}/feedback"), 404),
        (format!("/api/v1/checkpoint-models/{nobody}/feedback"), 404),
        (format!("{path}?checkpoint_id=7"), 400),
        (format!("{path}?nonsense=1"), 400),
    ] {
        assert_eq!(server.get(&path).await.status(), status, "{path}");
    }
}

#[tokio::test]
async fn best_for_you_is_paged_by_key() {
    let server = TestServer::start().await;
    for number in 0..7 {
        server
            .add("lora", json!({"path": format!("l/{number}.safetensors"), "rating": f64::from(number) / 10.0}))
            .await;
    }
    for sort in ["best", "used"] {
        let whole = order(&server, "lora", sort).await;
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = server.json(&format!("/api/v1/lora-models?limit=3&sort={sort}{cursor}")).await;
            paged.extend(page["items"].as_array().unwrap().iter().map(|model| model["path"].clone()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(paged, whole, "{sort}");
        let other = server.get(&format!("/api/v1/lora-models?sort=rating{cursor}")).await;
        assert_eq!(other.status(), 400, "a cursor of {sort} means nothing by rating");
    }
}
