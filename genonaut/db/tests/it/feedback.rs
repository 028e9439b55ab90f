//! What pictures teach: the counts stay exact whatever happens to the pictures, and the formula holds.

use std::collections::BTreeMap;

use genonaut_db::accounts::Viewer;
use genonaut_db::feedback::{self, Count};
use genonaut_db::jobs::{self, NewImage};
use genonaut_db::page::{PageRequest, Sort};
use genonaut_db::testing::{cases, database, run};
use genonaut_db::{PgPool, checkpoint, images, lora};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use uuid::Uuid;

const fn id(number: u128) -> Uuid {
    Uuid::from_u128(number + 1)
}

type Loras = Vec<(u128, i8)>;

/// Two checkpoints and three LoRAs, and what somebody does with them.
#[derive(Debug, Clone)]
enum Act {
    /// Of a checkpoint, with LoRAs at tenths of a weight, and so many steps. One image for each list of LoRAs that its
    /// prompt has drawn, or one that draws nothing.
    Make {
        checkpoint: Option<u128>,
        loras: Loras,
        drawn: Vec<Loras>,
        steps: u8,
    },
    Rate(usize, Option<i16>),
    Bin(usize),
    Restore(usize),
    EmptyBin,
    Given {
        lora: bool,
        model: u128,
        rating: Option<u8>,
    },
    Delete(u128),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let loras = || prop::collection::vec((0..3_u128, -9..10_i8), 0..4);
    let drawn = prop_oneof![Just(Vec::new()), prop::collection::vec(loras(), 1..4)];
    let make = (prop::option::weighted(0.9, 0..2_u128), loras(), drawn, 1..40_u8)
        .prop_map(|(checkpoint, loras, drawn, steps)| Act::Make { checkpoint, loras, drawn, steps });
    let given = (any::<bool>(), 0..2_u128, prop::option::of(0..=100_u8)).prop_map(|(lora, model, rating)| Act::Given {
        lora,
        model,
        rating,
    });
    let act = prop_oneof![
        6 => make,
        8 => (0..20_usize, prop::option::weighted(0.8, 1..=5_i16)).prop_map(|(at, stars)| Act::Rate(at, stars)),
        3 => (0..20_usize).prop_map(Act::Bin),
        1 => (0..20_usize).prop_map(Act::Restore),
        2 => Just(Act::EmptyBin),
        2 => given,
        1 => (0..3_u128).prop_map(Act::Delete),
    ];
    prop::collection::vec(act, 1..40)
}

/// What was made, as the test itself remembers it.
struct Made {
    id: Uuid,
    checkpoint: Option<u128>,
    loras: Vec<u128>,
    stars: Option<i16>,
    binned: bool,
    gone: bool,
}

#[test]
fn counts_are_those_of_a_recount_and_the_formula_holds_whatever_happens() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let held = runtime.block_on(database());
    let mut runner = TestRunner::new(Config { cases: cases(48), failure_persistence: None, ..Config::default() });
    let tried = runner.run(&acts(), |acts| {
        runtime.block_on(tried(&held.pool, &acts));
        Ok(())
    });
    tried.unwrap();
}

async fn tried(db: &PgPool, acts: &[Act]) {
    run(db, "TRUNCATE images, images_gone, feedback, grid_cells, jobs, models_checkpoints, models_loras").await;
    models(db).await;
    let (mut made, mut given) = (Vec::new(), BTreeMap::new());
    for act in acts {
        take(db, act, &mut made, &mut given).await;
    }
    for lora in [false, true] {
        for model in 0..3 {
            if let Some(row) = row(db, lora, id(model)).await {
                let mine = made
                    .iter()
                    .filter(|made| if lora { made.loras.contains(&model) } else { made.checkpoint == Some(model) });
                let stars: Vec<i32> = mine.clone().filter_map(|made| made.stars.map(i32::from)).collect();
                let known = (mine.count(), stars.len(), stars.iter().sum::<i32>());
                assert_eq!(row.0, known, "{lora} {model}");
                close(row.1, learned(given.get(&(lora, model)).copied(), &stars));
            }
        }
    }
    let before = everything(db).await;
    feedback::recount(db).await.unwrap();
    assert_eq!(before, everything(db).await);
}

async fn models(db: &PgPool) {
    for number in 0..3 {
        for (table, name) in [("models_checkpoints", "c"), ("models_loras", "l")] {
            let sql = format!("INSERT INTO {table} (id, path) VALUES ($1, $2)");
            let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id(number)).bind(format!("{name}{number}"));
            row.execute(db).await.unwrap();
        }
    }
}

/// One of those made; any number names one.
fn pick(made: &mut [Made], number: usize) -> Option<&mut Made> {
    let among = made.len().max(1);
    made.get_mut(number % among)
}

async fn take(db: &PgPool, act: &Act, made: &mut Vec<Made>, given: &mut BTreeMap<(bool, u128), f64>) {
    match act {
        Act::Make { checkpoint, loras, drawn, steps } => {
            let pictures = make_all(db, checkpoint.map(id), drawing(loras, drawn, *steps)).await;
            for (place, picture) in pictures.into_iter().enumerate() {
                let loras = applied(loras, drawn.get(place));
                made.push(Made {
                    id: picture,
                    checkpoint: *checkpoint,
                    loras,
                    stars: None,
                    binned: false,
                    gone: false,
                });
            }
        }
        Act::Rate(at, stars) => {
            let Some(made) = pick(made, *at) else { return };
            assert_eq!(images::rate(db, Viewer::EVERYTHING, made.id, *stars).await.unwrap(), !made.gone);
            if !made.gone {
                made.stars = *stars;
            }
        }
        Act::Bin(at) | Act::Restore(at) => {
            let Some(made) = pick(made, *at) else { return };
            let binned = matches!(act, Act::Bin(_));
            assert_eq!(images::bin(db, Viewer::EVERYTHING, made.id, binned).await.unwrap(), !made.gone);
            made.binned = binned && !made.gone;
        }
        Act::EmptyBin => {
            loop {
                let expired: Vec<_> = images::expired(db, 0).await.unwrap().iter().map(|image| image.id).collect();
                if images::purge(db, &expired).await.unwrap() == 0 {
                    break;
                }
            }
            made.iter_mut().for_each(|made| made.gone |= made.binned);
        }
        Act::Given { lora, model, rating } => {
            let rating = rating.map(|rating| f64::from(rating) / 100.0);
            let fields = json!({"rating": rating});
            let fields = fields.as_object().unwrap();
            let written = match lora {
                true => lora::patch(db, id(*model), fields, None).await.is_ok(),
                false => checkpoint::patch(db, id(*model), fields, None).await.is_ok(),
            };
            // What is in the trash keeps its rating.
            match rating {
                _ if !written => None,
                Some(rating) => given.insert((*lora, *model), rating),
                None => given.remove(&(*lora, *model)),
            };
        }
        // It may be in the trash already.
        Act::Delete(model) => _ = lora::delete(db, id(*model), None).await,
    }
}

/// What an image was made with: what it has drawn takes the place of the same in the recipe, and no weight is no LoRA.
fn applied(loras: &Loras, drawn: Option<&Loras>) -> Vec<u128> {
    let drawn = drawn.into_iter().flatten();
    let own = loras.iter().filter(|(lora, _)| drawn.clone().all(|(other, _)| other != lora));
    own.chain(drawn.clone()).filter(|(_, tenths)| *tenths != 0).map(|(lora, _)| *lora).collect()
}

fn recipe(loras: &[(u128, i8)], steps: u8) -> Value {
    json!({"loras": written(loras), "steps": steps, "cfg": 7.2, "sampler": "euler", "scheduler": "karras"})
}

/// A recipe with what each image has drawn.
fn drawing(loras: &[(u128, i8)], drawn: &[Loras], steps: u8) -> Value {
    let mut recipe = recipe(loras, steps);
    if !drawn.is_empty() {
        recipe["resolved"] = drawn.iter().map(|loras| json!({"prompt": "x", "loras": written(loras)})).collect();
    }
    recipe
}

fn written(loras: &[(u128, i8)]) -> Value {
    loras.iter().map(|(lora, tenths)| json!({"id": id(*lora), "weight": f64::from(*tenths) / 10.0})).collect()
}

/// A picture, through the queue.
async fn make(db: &PgPool, checkpoint: Option<Uuid>, recipe: Value) -> Uuid {
    make_all(db, checkpoint, recipe).await.remove(0)
}

/// One picture for each place that has drawn something, at least one.
async fn make_all(db: &PgPool, checkpoint: Option<Uuid>, recipe: Value) -> Vec<Uuid> {
    let images = recipe["resolved"].as_array().map_or(1, Vec::len).try_into().unwrap();
    jobs::add(db, None, &recipe, images, checkpoint).await.unwrap();
    let lease = crate::queue::claim(db).await.unwrap();
    let mut made = Vec::new();
    for place in 0..images {
        let id = Uuid::new_v4();
        let (file, thumbnail) = (format!("{id}.png"), format!("{id}.webp"));
        let image = NewImage { id, place, file, thumbnail, width: 64, height: 64, seed: 7, seconds: 0.1 };
        assert!(jobs::store(db, &lease, &image).await.unwrap());
        made.push(id);
    }
    made
}

/// Pictures, rated ones, their stars; and the learned rating.
async fn row(db: &PgPool, lora: bool, id: Uuid) -> Option<((usize, usize, i32), Option<f64>)> {
    let counts = |pictures: i32, rated: i32, stars| (pictures.try_into().unwrap(), rated.try_into().unwrap(), stars);
    if lora {
        let model = lora::find(db, id).await.unwrap()?;
        return Some((counts(model.pictures, model.rated_pictures, model.stars), model.learned_rating));
    }
    let model = checkpoint::find(db, id).await.unwrap()?;
    Some((counts(model.pictures, model.rated_pictures, model.stars), model.learned_rating))
}

/// Ten pictures of the given rating, and those there are.
fn learned(given: Option<f64>, stars: &[i32]) -> Option<f64> {
    if given.is_none() && stars.is_empty() {
        return None;
    }
    let evidence = stars.iter().map(|stars| f64::from(stars - 1) / 4.0);
    let pictures = std::iter::repeat_n(given.unwrap_or(0.5), 10).chain(evidence);
    Some(pictures.sum::<f64>() / (10 + stars.len()) as f64)
}

fn close(found: Option<f64>, expected: Option<f64>) {
    let near = found.zip(expected).is_some_and(|(found, expected)| (found - expected).abs() < 1e-12);
    assert!(near || found == expected, "{found:?} is not {expected:?}");
}

/// Every count, and every model's row but for the words that search looks at.
async fn everything(db: &PgPool) -> Vec<String> {
    let sql = "SELECT to_jsonb(f)::text FROM feedback f
        UNION ALL SELECT (to_jsonb(m) - 'search')::text FROM models_checkpoints m
        UNION ALL SELECT (to_jsonb(m) - 'search')::text FROM models_loras m ORDER BY 1";
    sqlx::query_scalar(sql).fetch_all(db).await.unwrap()
}

async fn formula(db: &PgPool, given: Option<f64>, rated: i32, stars: i32) -> Option<f64> {
    let asked = sqlx::query_scalar("SELECT learned_rating($1, $2, $3)").bind(given).bind(rated).bind(stars);
    asked.fetch_one(db).await.unwrap()
}

#[test]
fn the_formula_starts_at_the_given_rating_and_moves_to_the_evidence() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let held = runtime.block_on(database());
    let mut runner = TestRunner::new(Config { cases: cases(200), failure_persistence: None, ..Config::default() });
    let given = prop::option::of(0.0..=1.0_f64);
    let tried = runner.run(&(given, prop::collection::vec(1..=5_i32, 0..60)), |(given, stars)| {
        let (rated, sum) = (i32::try_from(stars.len()).unwrap(), stars.iter().sum::<i32>());
        let at = |rated, sum| runtime.block_on(formula(&held.pool, given, rated, sum));
        let learned = at(rated, sum);
        close(learned, self::learned(given, &stars));
        prop_assert_eq!(at(0, 0), given);
        if let (Some(learned), false) = (learned, stars.is_empty()) {
            let (prior, mean) = (given.unwrap_or(0.5), f64::from(sum - rated) / 4.0 / f64::from(rated));
            prop_assert!((-1e-12..=1.0 + 1e-12).contains(&learned));
            prop_assert!(learned >= prior.min(mean) - 1e-12 && learned <= prior.max(mean) + 1e-12);
            prop_assert!((learned - mean).abs() <= (prior - mean).abs() * 10.0 / f64::from(10 + rated) + 1e-12);
            prop_assert!(at(rated + 1, sum + 5) >= Some(learned - 1e-12), "five more stars never lower it");
            prop_assert!(at(rated + 1, sum + 1) <= Some(learned + 1e-12), "one star never raises it");
        }
        Ok(())
    });
    tried.unwrap();
}

#[tokio::test]
async fn a_picture_touches_no_revision_and_no_given_rating() {
    let held = database().await;
    models(&held.pool).await;
    let fields = json!({"rating": 0.4});
    let before = checkpoint::patch(&held.pool, id(0), fields.as_object().unwrap(), None).await.unwrap();
    let picture = make(&held.pool, Some(id(0)), recipe(&[], 20)).await;
    images::rate(&held.pool, Viewer::EVERYTHING, picture, Some(5)).await.unwrap();
    let after = checkpoint::find(&held.pool, id(0)).await.unwrap().unwrap();
    assert_eq!((after.rating, after.revision()), (Some(0.4), before.revision()));
    assert_eq!((after.pictures, after.average_stars()), (1, Some(5.0)));
    assert!(after.last_used.is_some() && after.learned_rating > before.learned_rating);
}

#[tokio::test]
async fn any_recipe_is_counted_as_far_as_it_can_be_read() {
    let held = database().await;
    models(&held.pool).await;
    let mine = id(1).to_string();
    for odd in [
        json!({}),
        json!({"loras": 7, "steps": "many", "cfg": null, "sampler": ["a"]}),
        json!({"loras": [1, null, {"id": "x", "weight": 1}, {"id": mine}, {"id": mine, "weight": "1"}]}),
        json!({"resolved": [{"loras": 7}]}),
        json!({"resolved": [7]}),
    ] {
        make(&held.pool, Some(id(0)), odd).await;
    }
    let twice = json!([{"id": mine, "weight": 0.62}, {"id": mine, "weight": 0.64}, {"id": mine, "weight": 0.04}]);
    let whole = json!({"loras": twice, "steps": 28, "cfg": 7.3, "sampler": "euler", "scheduler": "karras"});
    make(&held.pool, Some(id(0)), whole).await;
    make(&held.pool, Some(id(0)), json!({"steps": 4})).await;
    let found = feedback::settings(&held.pool, id(0), &[id(1)]).await.unwrap();
    let found: Vec<_> = found.iter().map(|count| format!("{} {}", count.setting, count.value)).collect();
    assert_eq!(
        found,
        ["cfg 7.5", "sampler [\"a\"]", "sampler euler", "scheduler karras", "steps 30", "steps 4", "weight 0.6"]
    );
    assert_eq!(checkpoint::find(&held.pool, id(0)).await.unwrap().unwrap().pictures, 7);
    assert_eq!(lora::find(&held.pool, id(1)).await.unwrap().unwrap().pictures, 1);
}

#[tokio::test]
async fn the_weight_that_is_rated_highest_is_found() {
    let held = database().await;
    models(&held.pool).await;
    for (tenths, stars) in [(6, 5), (6, 5), (6, 4), (10, 2), (10, 3), (10, 3), (3, 5)] {
        let picture = make(&held.pool, Some(id(0)), recipe(&[(1, tenths)], 20)).await;
        images::rate(&held.pool, Viewer::EVERYTHING, picture, Some(stars)).await.unwrap();
    }
    let found = feedback::settings(&held.pool, id(0), &[id(1)]).await.unwrap();
    let weights: Vec<Count> = found.into_iter().filter(|count| count.setting == "weight").collect();
    let best = feedback::best(&weights).unwrap();
    assert_eq!((best.value.as_str(), best.rated_pictures, best.stars), ("0.6", 3, 14));
    let partners = feedback::partners(&held.pool, id(1), 5).await.unwrap();
    assert_eq!((partners[0].checkpoint, partners[0].pictures, partners[0].rated_pictures), (id(0), 7, 7));
}

#[tokio::test]
async fn pictures_that_were_counted_by_another_rule_or_never_are_counted_anew_once() {
    let held = database().await;
    models(&held.pool).await;
    let picture = make(&held.pool, Some(id(0)), recipe(&[(1, 6)], 20)).await;
    images::rate(&held.pool, Viewer::EVERYTHING, picture, Some(4)).await.unwrap();
    let counted = everything(&held.pool).await;
    for before in ["TRUNCATE feedback_rule", "UPDATE feedback_rule SET rule = 'another'"] {
        run(&held.pool, "TRUNCATE feedback; UPDATE models_checkpoints SET pictures = 0, rated_pictures = 0, stars = 0, last_used = NULL").await;
        run(&held.pool, before).await;
        genonaut_db::schema::migrate(&held.pool).await.unwrap();
        assert_eq!(everything(&held.pool).await, counted);
    }
    run(&held.pool, "UPDATE feedback SET pictures = pictures + 1").await;
    let mended_by_nobody = everything(&held.pool).await;
    genonaut_db::schema::migrate(&held.pool).await.unwrap();
    assert_eq!(everything(&held.pool).await, mended_by_nobody, "once is enough");
}

/// What a choice of one image brings along is not what the others were made with.
#[tokio::test]
async fn a_lora_that_an_image_has_drawn_is_counted_for_that_image_alone() {
    let held = database().await;
    models(&held.pool).await;
    let drawn = [vec![(1, 4)], vec![], vec![(0, 7)]];
    let pictures = make_all(&held.pool, Some(id(0)), drawing(&[(0, 9)], &drawn, 20)).await;
    images::rate(&held.pool, Viewer::EVERYTHING, pictures[0], Some(5)).await.unwrap();
    images::rate(&held.pool, Viewer::EVERYTHING, pictures[2], Some(2)).await.unwrap();
    let of = async |model| {
        let lora = lora::find(&held.pool, id(model)).await.unwrap().unwrap();
        (lora.pictures, lora.rated_pictures, lora.stars)
    };
    assert_eq!((of(0).await, of(1).await), ((3, 2, 7), (1, 1, 5)));
    let found = feedback::settings(&held.pool, id(0), &[id(0), id(1)]).await.unwrap();
    let weights = found.iter().filter(|count| count.setting == "weight");
    let weights: Vec<_> = weights.map(|count| (count.lora, count.value.as_str(), count.pictures)).collect();
    assert_eq!(weights, [(id(0), "0.7", 1), (id(0), "0.9", 2), (id(1), "0.4", 1)]);
    images::bin(&held.pool, Viewer::EVERYTHING, pictures[0], true).await.unwrap();
    assert_eq!(images::purge(&held.pool, &pictures[..1]).await.unwrap(), 1);
    let counted = everything(&held.pool).await;
    feedback::recount(&held.pool).await.unwrap();
    assert_eq!(everything(&held.pool).await, counted, "its place is known when it is gone");
}

/// Many pictures counted at once, of the same models in all orders, wait for each other and are all counted.
#[tokio::test(flavor = "multi_thread")]
async fn pictures_rated_at_once_are_all_counted() {
    let held = database().await;
    models(&held.pool).await;
    let mut pictures = Vec::new();
    for number in 0..24_usize {
        let mut loras = vec![(0, 5), (1, 7), (2, 9)];
        loras.rotate_left(number % 3);
        pictures.push(make(&held.pool, Some(id(number as u128 % 2)), recipe(&loras, 20)).await);
    }
    let rated = pictures.into_iter().map(|picture| {
        let db = held.pool.clone();
        tokio::spawn(async move { images::rate(&db, Viewer::EVERYTHING, picture, Some(4)).await })
    });
    for rated in rated.collect::<Vec<_>>() {
        assert!(rated.await.unwrap().unwrap());
    }
    let lora = lora::find(&held.pool, id(2)).await.unwrap().unwrap();
    assert_eq!((lora.rated_pictures, lora.stars), (24, 96));
}

#[tokio::test]
async fn best_for_you_differs_from_best_rated_by_what_the_pictures_say() {
    let held = database().await;
    models(&held.pool).await;
    for (model, rating) in [(0, 0.8), (1, 0.7)] {
        checkpoint::patch(&held.pool, id(model), json!({"rating": rating}).as_object().unwrap(), None).await.unwrap();
    }
    let order = async |sort| {
        let request = PageRequest { sort, ..PageRequest::default() };
        let page = checkpoint::list(&held.pool, &checkpoint::Filter::default(), &request).await.unwrap();
        page.items.iter().map(|model| model.path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(order(Sort::Best).await, ["c0", "c1", "c2"]);
    for _ in 0..4 {
        let picture = make(&held.pool, Some(id(1)), recipe(&[], 20)).await;
        images::rate(&held.pool, Viewer::EVERYTHING, picture, Some(5)).await.unwrap();
        let picture = make(&held.pool, Some(id(0)), recipe(&[], 20)).await;
        images::rate(&held.pool, Viewer::EVERYTHING, picture, Some(2)).await.unwrap();
    }
    make(&held.pool, Some(id(2)), recipe(&[], 20)).await;
    assert_eq!(order(Sort::Rating).await, ["c0", "c1", "c2"]);
    // Unrated and without stars comes last, however often it was used.
    assert_eq!(order(Sort::Best).await, ["c1", "c0", "c2"]);
    assert_eq!(order(Sort::Used).await.last().unwrap(), "c2");
}
