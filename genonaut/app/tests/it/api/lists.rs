//! Lists over HTTP: what a page of the site or a script sees.

use serde_json::json;

use crate::server::TestServer;

async fn fill(server: &TestServer) {
    for (path, rating, architecture) in [
        ("a/low.pt", json!(0.1), "SD 1.5"),
        ("a/none.pt", json!(null), "SDXL"),
        ("a/high.pt", json!(0.9), "Flux.1 D"),
        ("a/mid.pt", json!(0.5), "sd1"),
    ] {
        server
            .add("checkpoint", json!({"path": path, "rating": rating, "architecture": architecture, "tags": ["t"]}))
            .await;
        let fields = json!({"path": path, "rating": rating, "compatible_architectures": [architecture], "trigger_words": ["wake up"], "optimal_checkpoints": if path == "a/high.pt" { json!(["mid"]) } else { json!([]) }});
        server.add("lora", fields).await;
    }
}

async fn names(server: &TestServer, query: &str) -> Vec<String> {
    let page = server.json(query).await;
    page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn best_rated_first_unrated_last_page_by_page() {
    let server = TestServer::start().await;
    fill(&server).await;
    for kind in ["checkpoint", "lora"] {
        assert_eq!(names(&server, &format!("/api/v1/{kind}-models")).await, ["high", "mid", "low", "none"]);
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = server.json(&format!("/api/v1/{kind}-models?limit=1{cursor}")).await;
            assert_eq!(page.as_object().unwrap().keys().collect::<Vec<_>>(), ["items", "next_cursor"]);
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, ["high", "mid", "low", "none"]);
    }
}

/// Many rows of the same rating, name in another case, or moment: each comes once, in the order of the whole list.
#[tokio::test]
async fn ties_are_walked_through_without_loss() {
    let server = TestServer::start().await;
    let sql = "INSERT INTO models_loras (path, name, rating) SELECT 'l/' || i, CASE WHEN i % 2 = 0 THEN 'N' ELSE 'n' END || i / 2, CASE WHEN i % 3 > 0 THEN 0.5 * (i % 3) - 0.5 END FROM generate_series(1, 31) i;
        INSERT INTO models_checkpoints (path, rating) SELECT 'c/' || i, CASE WHEN i % 3 > 0 THEN 0.5 * (i % 3) - 0.5 END FROM generate_series(1, 31) i";
    genonaut_db::testing::run(server.db(), sql).await;
    for kind in ["lora", "checkpoint"] {
        for sort in ["rating", "name", "newest", "updated"] {
            let list = format!("/api/v1/{kind}-models?sort={sort}");
            let whole = ids(&server.json(&format!("{list}&limit=200")).await);
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = server.json(&format!("{list}&limit=4{cursor}")).await;
                seen.extend(ids(&page));
                let Some(next) = page["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!((seen.len(), seen == whole), (31, true), "{list}");
        }
        let rated = server.json(&format!("/api/v1/{kind}-models?limit=200")).await;
        let ratings: Vec<_> = rated["items"].as_array().unwrap().iter().map(|item| item["rating"].as_f64()).collect();
        assert!(ratings.is_sorted_by(|a, b| a.unwrap_or(-1.0) >= b.unwrap_or(-1.0)), "{ratings:?}");
    }
}

fn ids(page: &serde_json::Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn loras_are_judged_against_a_checkpoint() {
    let server = TestServer::start().await;
    fill(&server).await;
    let checkpoints = server.json("/api/v1/checkpoint-models?q=mid").await;
    let id = checkpoints["items"][0]["id"].as_str().unwrap();
    let judged = server.json(&format!("/api/v1/lora-models?checkpoint_id={id}&total=true")).await;
    let fits: Vec<_> = judged["items"].as_array().unwrap().iter().map(|item| item["fit"].as_str().unwrap()).collect();
    assert_eq!(fits, ["optimal", "compatible", "compatible", "incompatible"]);
    assert_eq!(judged["total"], 4);
    let reason = judged["items"][3]["fit_reason"].as_str().unwrap();
    assert_eq!(reason, "Made for SDXL, but mid is SD 1.5.");
    assert_eq!(names(&server, &format!("/api/v1/lora-models?checkpoint_id={id}&fit=compatible")).await, ["mid", "low"]);
    assert_eq!(
        names(&server, &format!("/api/v1/lora-models?checkpoint_id={id}&fit=optimal,partial&fit=incompatible")).await,
        ["high", "none"]
    );
    assert!(server.json("/api/v1/lora-models").await["items"][0].get("fit").is_none());
}

#[tokio::test]
async fn lists_and_facets_are_narrowed_alike() {
    let server = TestServer::start().await;
    fill(&server).await;
    assert_eq!(names(&server, "/api/v1/checkpoint-models?architecture=Sd1.5&tag=t&min_rating=0.2").await, ["mid"]);
    assert_eq!(names(&server, "/api/v1/lora-models?trigger_word=wake%20up&q=hi").await, ["high"]);
    assert_eq!(names(&server, "/api/v1/lora-models?sort=name&limit=2").await, ["high", "low"]);
    let facets = server.json("/api/v1/checkpoint-models/facets?min_rating=0").await;
    assert_eq!(
        facets["architectures"],
        json!([{"value": "sd1", "label": "SD 1.5", "count": 2}, {"value": "flux1", "label": "FLUX.1", "count": 1}])
    );
    assert_eq!(facets["tags"], json!([{"value": "t", "label": "t", "count": 3}]));
    assert_eq!(server.json("/api/v1/lora-models/facets").await["architectures"].as_array().map(Vec::len), Some(3));
}
