//! Lists: the orders are total, pages meet without gap or repetition, filters ask the whole table.

use std::collections::HashSet;

use genonaut_db::architecture::{Grade, Target};
use genonaut_db::page::{Page, PageRequest, Sort};
use genonaut_db::testing::database;
use genonaut_db::{PgPool, checkpoint, lora};

/// LoRAs with many equal and missing ratings, of several architectures.
async fn fill(db: &PgPool, rows: i32) {
    sqlx::query(
        "INSERT INTO models_loras (path, compatible_architectures, rating, tags, trigger_words, optimal_checkpoints, family, description)
         SELECT 'models/loras/lora_' || i || '.safetensors',
             CASE i % 5 WHEN 0 THEN '{}' WHEN 1 THEN '{SD 1.5}' WHEN 2 THEN '{SDXL 1.0,Pony}' WHEN 3 THEN '{flux}' ELSE '{Chroma}' END::text[],
             CASE WHEN i % 7 = 0 THEN NULL ELSE (i % 11) / 10.0 END,
             ARRAY['t' || i % 3, 'all'], ARRAY['word ' || i % 4], CASE WHEN i % 6 = 0 THEN '{Dream_8.safetensors}'::text[] END,
             'f' || i % 2, CASE WHEN i % 10 = 0 THEN 'Adds shimmering rain' END
         FROM generate_series(1, $1) i",
    )
    .bind(rows)
    .execute(db)
    .await
    .unwrap();
}

async fn page(db: &PgPool, filter: &lora::Filter, request: &PageRequest) -> Page<lora::Lora> {
    lora::list(db, filter, request).await.unwrap()
}

/// All names, page by page.
async fn walk(db: &PgPool, filter: &lora::Filter, sort: Sort, limit: u16) -> Vec<String> {
    let mut request = PageRequest { sort, limit, ..PageRequest::default() };
    let mut names = Vec::new();
    loop {
        let page = page(db, filter, &request).await;
        names.extend(page.items.iter().map(|lora| lora.label().to_owned()));
        assert!(names.len() <= 1000, "the walk does not end");
        match page.next {
            Some(next) => request.cursor = Some(next.to_string().parse().unwrap()),
            None => return names,
        }
    }
}

#[tokio::test]
async fn every_order_is_walked_whole_whatever_the_page_size() {
    let db = database().await;
    fill(&db.pool, 100).await;
    for sort in Sort::ALL {
        let whole = walk(&db.pool, &lora::Filter::default(), sort, 200).await;
        assert_eq!(whole.iter().collect::<HashSet<_>>().len(), 100, "{sort}");
        for limit in [1, 7, 99, 100] {
            assert_eq!(walk(&db.pool, &lora::Filter::default(), sort, limit).await, whole, "{sort} by {limit}");
        }
    }
}

#[tokio::test]
async fn best_rated_first_and_unrated_last() {
    let db = database().await;
    fill(&db.pool, 100).await;
    let all = page(&db.pool, &lora::Filter::default(), &PageRequest { limit: 200, ..PageRequest::default() }).await;
    let ratings: Vec<_> = all.items.iter().map(|lora| lora.rating.unwrap_or(-1.0)).collect();
    assert!(ratings.is_sorted_by(|a, b| a >= b), "{ratings:?}");
    assert_eq!(all.items.iter().filter(|lora| lora.rating.is_none()).count(), 14);
}

#[tokio::test]
async fn pages_lead_back_to_where_one_came_from() {
    let db = database().await;
    fill(&db.pool, 50).await;
    for sort in Sort::ALL {
        let mut request = PageRequest { sort, limit: 20, ..PageRequest::default() };
        let first = page(&db.pool, &lora::Filter::default(), &request).await;
        assert!(first.prev.is_none());
        request.cursor = first.next.clone();
        let second = page(&db.pool, &lora::Filter::default(), &request).await;
        request.cursor = second.next.clone();
        let last = page(&db.pool, &lora::Filter::default(), &request).await;
        assert!(last.next.is_none() && last.items.len() == 10);
        for (from, to) in [(&last, &second), (&second, &first)] {
            request.cursor = from.prev.clone();
            let back = page(&db.pool, &lora::Filter::default(), &request).await;
            let ids = |page: &Page<lora::Lora>| page.items.iter().map(|lora| lora.id).collect::<Vec<_>>();
            assert_eq!(ids(&back), ids(to), "{sort}");
            assert_eq!(back.prev.is_some(), to.prev.is_some());
        }
    }
}

#[tokio::test]
async fn each_filter_leaves_what_it_says() {
    let db = database().await;
    fill(&db.pool, 210).await;
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let filter = lora::Filter::default;
    for (name, filter, expected) in [
        ("architecture in another spelling", lora::Filter { architecture: words(&["sd1"]), ..filter() }, 42),
        ("one of two architectures", lora::Filter { architecture: words(&["PONY", "FLUX.1 D"]), ..filter() }, 84),
        ("an unknown architecture", lora::Filter { architecture: words(&["x'; DROP"]), ..filter() }, 0),
        ("family", lora::Filter { family: words(&["f1"]), ..filter() }, 105),
        ("all tags", lora::Filter { tags_all: words(&["t1", "all"]), ..filter() }, 70),
        ("tags that nothing has together", lora::Filter { tags_all: words(&["t1", "t2"]), ..filter() }, 0),
        ("any tag", lora::Filter { tags_any: words(&["t1", "t2"]), ..filter() }, 140),
        ("trigger words", lora::Filter { trigger_words: words(&["word 1", "nothing"]), ..filter() }, 53),
        ("rating", lora::Filter { min_rating: Some(1.0), ..filter() }, 16),
        ("rating from 0 leaves out the unrated", lora::Filter { min_rating: Some(0.0), ..filter() }, 180),
        ("search by the beginning of a word", lora::Filter { q: Some("shim".into()), ..filter() }, 21),
        ("search by stem", lora::Filter { q: Some("shimmer rains".into()), ..filter() }, 21),
        ("search by name", lora::Filter { q: Some("lora_199".into()), ..filter() }, 1),
        ("search by trigger word and tag", lora::Filter { q: Some("WORD t2".into()), ..filter() }, 70),
        ("signs alone find signs", lora::Filter { q: Some(" %&|!' ".into()), ..filter() }, 0),
    ] {
        let request = PageRequest { limit: 200, total: true, ..PageRequest::default() };
        let found = page(&db.pool, &filter, &request).await;
        assert_eq!(found.total, Some(expected), "{name}");
        assert_eq!(walk(&db.pool, &filter, Sort::Rating, 13).await.len() as i64, expected, "{name}");
    }
}

fn targets() -> Vec<Target> {
    let target = |name: &str, base: Option<&str>| Target {
        names: vec![name.to_owned()],
        base: base.map(str::to_owned),
        label: name.to_owned(),
    };
    vec![
        target("dream_8", Some("sd1")),
        target("DREAM_8", Some("sdxl")),
        target("x", Some("sdxl")),
        target("x", Some("pony")),
        target("x", Some("chroma")),
        target("x", Some("nobody knows")),
        target("dream_8", None),
    ]
}

/// The database's answer for any choice of grades is the one that the reasons shown are made from.
#[tokio::test]
async fn the_fit_filter_agrees_with_the_fit_that_is_shown() {
    let db = database().await;
    fill(&db.pool, 60).await;
    let all =
        page(&db.pool, &lora::Filter::default(), &PageRequest { limit: 200, ..PageRequest::default() }).await.items;
    for target in targets() {
        for choice in 1..32 {
            let grades: Vec<Grade> = (0..5).filter(|bit| choice & (1 << bit) != 0).map(|bit| Grade::ALL[bit]).collect();
            let shown = all.iter().filter(|lora| grades.contains(&lora.fit(&target).grade)).map(|lora| lora.id);
            let fit = lora::FitFilter { checkpoint: target.clone(), grades: grades.clone() };
            let filter = lora::Filter { fit: Some(fit), ..lora::Filter::default() };
            let found = page(&db.pool, &filter, &PageRequest { limit: 200, ..PageRequest::default() }).await;
            let found: Vec<_> = found.items.iter().map(|lora| lora.id).collect();
            assert_eq!(found, shown.collect::<Vec<_>>(), "{target:?} {grades:?}");
        }
    }
}

#[tokio::test]
async fn facets_count_what_the_filter_leaves() {
    let db = database().await;
    fill(&db.pool, 30).await;
    let facets =
        lora::facets(&db.pool, &lora::Filter { q: Some("t1".into()), ..lora::Filter::default() }).await.unwrap();
    assert_eq!(facets.architectures.iter().map(|facet| facet.count).sum::<i64>(), 10, "{facets:?}");
    assert!(facets.architectures.iter().all(|facet| !facet.value.starts_with(['=', '?'])));
    let tags: Vec<_> = facets.tags.iter().map(|facet| (facet.value.as_str(), facet.count)).collect();
    assert_eq!(tags, [("all", 10), ("t1", 10)]);
    let none = checkpoint::facets(&db.pool, &checkpoint::Filter::default()).await.unwrap();
    assert!(none.architectures.is_empty() && none.families.is_empty() && none.tags.is_empty());
}

#[tokio::test]
async fn a_model_is_found_by_whatever_names_it() {
    let db = database().await;
    fill(&db.pool, 3).await;
    let by_name = lora::find_by_name(&db.pool, "lora_2").await.unwrap().expect("by name");
    for name in ["lora_2.safetensors", "models/loras/lora_2.safetensors", &by_name.id.to_string()] {
        let found = lora::find_by_name(&db.pool, name).await.unwrap();
        assert_eq!(found.map(|lora| lora.id), Some(by_name.id), "{name}");
    }
    assert!(lora::find_by_name(&db.pool, "lora").await.unwrap().is_none());
    assert_eq!(lora::find(&db.pool, by_name.id).await.unwrap().map(|lora| lora.path), Some(by_name.path));
}

/// A page costs the same at any size only while it is read along its order's index.
#[tokio::test]
async fn every_order_is_read_along_its_index() {
    let db = database().await;
    fill(&db.pool, 3000).await;
    genonaut_db::testing::run(&db.pool, "ANALYZE models_loras").await;
    let indexes = ["by_rating", "by_learned", "by_pictures", "by_name", "by_created", "by_updated"];
    for (sort, index) in Sort::ALL.into_iter().zip(indexes) {
        let plan = genonaut_db::testing::plan(&db.pool, sort).await;
        assert!(plan.contains(&format!("Index Scan using models_loras_{index}")), "{sort}: {plan}");
    }
}
