//! What a person writes through the catalogue's own door.

use genonaut_db::testing::database;
use genonaut_db::write::WriteError;
use genonaut_db::{checkpoint, lora};
use serde_json::{Map, Value, json};

fn fields(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

/// `field code` of every problem.
fn problems<T: std::fmt::Debug>(result: Result<T, WriteError>) -> Vec<String> {
    match result {
        Err(WriteError::Invalid(problems)) => problems.iter().map(|p| format!("{} {}", p.field, p.code)).collect(),
        other => panic!("not refused for its fields: {other:?}"),
    }
}

#[tokio::test]
async fn a_created_model_reads_back_whole() {
    let db = database().await;
    let given = json!({"path": "m/a.safetensors", "rating": 0.25, "tags": ["a, b", "c\"{}"], "version": "1.0",
        "compatible_architectures": ["SD 1.5"], "trigger_words": ["x"], "metadata": {"deep": {"n": 0.1}}});
    let made = lora::create(&db.pool, &fields(given.clone())).await.unwrap();
    let read = serde_json::to_value(lora::find(&db.pool, made.id).await.unwrap().unwrap()).unwrap();
    for (name, value) in fields(given) {
        assert_eq!(read[&name], value, "{name}");
    }
    assert_eq!((read["name"].as_str(), read["bases"].clone()), (Some("a"), json!(["sd1"])));
}

#[tokio::test]
async fn every_bad_field_is_named_with_its_reason() {
    let db = database().await;
    let bad = json!({"path": " ", "rating": 2, "tags": "a", "metadata": [], "version": 1, "nonsense": 1, "id": "x", "name": "a\u{0}b"});
    let mut found = problems(checkpoint::create(&db.pool, &fields(bad)).await);
    found.sort();
    assert_eq!(
        found,
        [
            "id read_only",
            "metadata wrong_type",
            "name bad_text",
            "nonsense unknown_field",
            "path required",
            "rating out_of_range",
            "tags wrong_type",
            "version wrong_type"
        ]
    );
    assert_eq!(problems(checkpoint::create(&db.pool, &Map::new()).await), ["path required"]);
    for (metadata, problem) in [
        (json!({"defaults": {"steps": "30"}}), "metadata.defaults.steps wrong_type"),
        (json!({"recommended_weight": "0.8"}), "metadata.recommended_weight wrong_type"),
        (json!({"recommended_weight": "much"}), "metadata.recommended_weight out_of_range"),
    ] {
        let given = fields(json!({"path": "m.safetensors", "metadata": metadata}));
        assert_eq!(problems(lora::create(&db.pool, &given).await), [problem]);
    }
    let long = "x".repeat(1001);
    assert_eq!(problems(checkpoint::create(&db.pool, &fields(json!({"path": long}))).await), ["path out_of_range"]);
    checkpoint::create(&db.pool, &fields(json!({"path": "a/x.ckpt"}))).await.unwrap();
    for (path, problem) in
        [("a/x.ckpt", "path duplicate"), ("b/x.ckpt", "filename duplicate"), ("b/x.pt", "name duplicate")]
    {
        assert_eq!(problems(checkpoint::create(&db.pool, &fields(json!({"path": path}))).await), [problem]);
    }
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let db = database().await;
    let start =
        json!({"path": "a.pt", "rating": 0.5, "tags": ["a"], "metadata": {"keep": 1, "go": 2, "deep": {"x": 1}}});
    let made = lora::create(&db.pool, &fields(start)).await.unwrap();
    let patch = json!({"rating": null, "tags": null, "metadata": {"go": null, "deep": {"y": 2}}});
    let changed = lora::patch(&db.pool, made.id, &fields(patch), Some(made.revision())).await.unwrap();
    assert_eq!((changed.rating, changed.tags.len()), (None, 0));
    let metadata: Value = serde_json::from_str(changed.metadata.text()).unwrap();
    assert_eq!(metadata, json!({"keep": 1, "deep": {"x": 1, "y": 2}}));
    assert_eq!(changed.name.as_deref(), Some("a"));
    assert!(changed.revision() > made.revision());
    let same = lora::patch(&db.pool, made.id, &Map::new(), None).await.unwrap();
    assert_eq!(same.revision(), changed.revision());
}

#[tokio::test]
async fn a_stale_or_bad_write_changes_nothing() {
    let db = database().await;
    let made = lora::create(&db.pool, &fields(json!({"path": "a.pt"}))).await.unwrap();
    let now = lora::patch(&db.pool, made.id, &fields(json!({"rating": 0.1})), None).await.unwrap();
    let stale = Some(made.revision());
    assert!(matches!(
        lora::patch(&db.pool, made.id, &fields(json!({"rating": 0.9})), stale).await,
        Err(WriteError::Stale)
    ));
    assert!(matches!(lora::delete(&db.pool, made.id, stale).await, Err(WriteError::Stale)));
    assert_eq!(
        problems(lora::patch(&db.pool, made.id, &fields(json!({"path": null, "rating": 0.9})), None).await),
        ["path required"]
    );
    let read = lora::find(&db.pool, made.id).await.unwrap().unwrap();
    assert_eq!((read.rating, read.revision()), (Some(0.1), now.revision()));
    lora::delete(&db.pool, made.id, Some(now.revision())).await.unwrap();
    assert!(matches!(lora::delete(&db.pool, made.id, None).await, Err(WriteError::NotFound)));
    assert!(matches!(lora::patch(&db.pool, made.id, &Map::new(), None).await, Err(WriteError::NotFound)));
}

/// Of writers that have all seen the same revision, one wins.
#[tokio::test]
async fn one_of_many_concurrent_writers_wins() {
    let db = database().await;
    let made = lora::create(&db.pool, &fields(json!({"path": "a.pt"}))).await.unwrap();
    let writes = (0..8).map(|i| {
        let (pool, id, seen) = (db.pool.clone(), made.id, Some(made.revision()));
        tokio::spawn(
            async move { lora::patch(&pool, id, &fields(json!({"version": i.to_string()})), seen).await.is_ok() },
        )
    });
    let mut won = 0;
    for write in writes.collect::<Vec<_>>() {
        won += i32::from(write.await.unwrap());
    }
    assert_eq!(won, 1);
}

/// Nothing that fits into a request is too much for an index.
#[tokio::test]
async fn long_descriptions_and_long_lists_are_kept_whole() {
    let db = database().await;
    let letters = |from: u32, count: u32| (from..from + count).filter_map(char::from_u32).collect::<String>();
    let words: Vec<_> = (0..20_000).map(|i| format!("{i:030x}")).collect();
    for (path, description) in [("a.pt", letters(0x4e00, 20_000)), ("b.pt", "word ".repeat(50_000))] {
        let given = json!({"path": path, "description": description, "tags": words});
        let made = lora::create(&db.pool, &fields(given)).await.unwrap();
        assert_eq!((made.description.as_deref(), made.tags.len()), (Some(description.as_str()), 20_000));
    }
}
