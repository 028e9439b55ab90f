//! Search: parts of words, every script, letters in any form, signs, and what a person has noted.

use genonaut_db::page::{PageRequest, Sort};
use genonaut_db::testing::{database, run};
use genonaut_db::{PgPool, checkpoint, lora, schema};
use serde_json::{Value, json};

async fn add(db: &PgPool, fields: Value) {
    lora::create(db, fields.as_object().unwrap()).await.unwrap();
}

/// The names of what is found, in order.
async fn find(db: &PgPool, q: &str) -> Vec<String> {
    let filter = lora::Filter { q: Some(q.to_owned()), ..lora::Filter::default() };
    let request = PageRequest { limit: 200, sort: Sort::Name, ..PageRequest::default() };
    let page = lora::list(db, &filter, &request).await.unwrap();
    page.items.iter().map(|lora| lora.label().to_owned()).collect()
}

/// What is searched, and in which of these names it is found.
const PARTS: &[(&str, &[&str])] = &[
    ("offset", &["epinoiseoffset"]),
    ("details", &["moredetails_xl"]),
    ("lora", &["FluxRealismLoRA", "ＬｏＲＡ_wide", "LoRAがある模型"]),
    ("xl", &["moredetails_xl", "ponyXL-v1.5"]),
    ("realism flux", &["FluxRealismLoRA"]),
    ("1.5", &["ponyXL-v1.5"]),
    ("more-details", &["moredetails_xl"]),
    ("moredetails-xl", &["moredetails_xl"]),
    ("floccinaucinihilipilification", &["floccinaucinihilipilification"]),
    ("水墨", &["数字水墨风格"]),
    ("墨", &["数字水墨风格"]),
    ("数字水墨风格", &["数字水墨风格"]),
    ("数字水墨画格", &[]),
    ("スタイル", &["アニメ塗りスタイル"]),
    ("ｱﾆﾒ", &["アニメ塗りスタイル"]),
    ("が", &["LoRAがある模型"]),
    ("か", &[]),
    ("스타일", &["수채화스타일"]),
    ("\u{1109}\u{1173}\u{1110}\u{1161}\u{110b}\u{1175}\u{11af}", &["수채화스타일"]),
    ("模型", &["LoRAがある模型"]),
    ("lora模型", &["LoRAがある模型"]),
    ("งาม", &["ความสวยงาม"]),
    ("тил", &["Стиль"]),
    ("cafe", &["Cafe\u{301}_noir", "Crème café"]),
    ("CAFÉ", &["Cafe\u{301}_noir", "Crème café"]),
    ("cafe\u{301}", &["Cafe\u{301}_noir", "Crème café"]),
    ("creme", &["Crème café"]),
    ("ｎｏｉｒ", &["Cafe\u{301}_noir"]),
    ("strasse", &["Straße"]),
    ("istanbul", &["İstanbul"]),
    ("C++", &["C++ style"]),
    ("c#", &[]),
    (":3", &["smile :3"]),
    ("smile :3", &["smile :3"]),
    ("smile :D", &[]),
    ("[]", &[]),
    ("🔥", &["on🔥fire"]),
    ("🔥 fire", &["on🔥fire"]),
    ("smile - style", &[]),
    ("style - C++", &["C++ style"]),
    ("(moredetails) [xl]", &["moredetails_xl"]),
    ("%&|!'", &[]),
    ("-", &[]),
    ("\u{301}", &[]),
    ("'\\':* & | !", &[]),
];

const NAMES: &[&str] = &[
    "epinoiseoffset",
    "moredetails_xl",
    "FluxRealismLoRA",
    "ＬｏＲＡ_wide",
    "ponyXL-v1.5",
    "floccinaucinihilipilification",
    "数字水墨风格",
    "アニメ塗りスタイル",
    "수채화스타일",
    "LoRAがある模型",
    "ความสวยงาม",
    "Стиль",
    "Cafe\u{301}_noir",
    "Crème café",
    "Straße",
    "İstanbul",
    "C++ style",
    "smile :3",
    "on🔥fire",
];

#[tokio::test]
async fn parts_of_names_are_found_in_every_script_and_form() {
    let db = database().await;
    for name in NAMES {
        add(&db.pool, json!({"path": format!("{name}.safetensors")})).await;
    }
    for (q, expected) in PARTS {
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        let mut found = find(&db.pool, q).await;
        found.sort();
        assert_eq!(found, expected, "{q}");
    }
    assert_eq!(find(&db.pool, " \u{3000} ").await.len(), NAMES.len(), "blanks ask for nothing");
}

#[tokio::test]
async fn tags_words_and_notes_are_searched_and_so_is_civitai() {
    let db = database().await;
    add(
        &db.pool,
        json!({"path": "one.safetensors", "tags": ["semi-realistic"], "trigger_words": [">_<", "glowingeyes style"],
        "description": "Brings steady raining 星空の背景 to it", "family": "Illustrious",
        "metadata": {"notes": "Quieter with half weight", "negative_text": "lowres", "favorite": true,
            "civitai": {"known": true, "model_id": 122_359, "version_id": 135_867}}}),
    )
    .await;
    add(&db.pool, json!({"path": "two.safetensors", "metadata": {"favorite": false, "civitai": {"known": false, "model_id": null}}})).await;
    for q in [
        "realistic",
        ">_<",
        "eyes",
        "rains",
        "背景",
        "lustrious",
        "quiet",
        "weight half",
        "lowres",
        "favourite",
        "favorite",
        "122359",
        "https://civitai.com/models/122359",
        "https://civitai.com/models/122359/some-name?modelVersionId=135867",
        "https://civitai.red/models/122359",
        "https://civitai.com/api/download/models/135867",
        "urn:air:sdxl:lora:civitai:122359@135867",
    ] {
        assert_eq!(find(&db.pool, q).await, ["one"], "{q}");
    }
    for q in
        ["https://civitai.com/models/12235", "https://civitai.com/models/122359?modelVersionId=1", "uieter", "null"]
    {
        assert!(find(&db.pool, q).await.is_empty(), "{q}");
    }
    assert_eq!(find(&db.pool, "safetensors").await, ["one", "two"]);
    assert!(find(&db.pool, "tensors").await.is_empty(), "of a file's ending no part is a name");
}

/// A row is never refused for what search makes of it.
#[tokio::test]
async fn the_longest_texts_of_any_letters_can_be_searched() {
    let db = database().await;
    let letters = |from: u32, count: u32| -> String {
        (0..count).filter_map(|at| char::from_u32(from + at * 7919 % 20_000)).collect()
    };
    for (at, text) in [letters(0x4e00, 21_000), letters(0x20000, 21_000), letters(0x900, 100), "🔥x".repeat(10_000)]
        .iter()
        .enumerate()
    {
        let words: Vec<String> =
            text.chars().collect::<Vec<_>>().chunks(400).map(|word| word.iter().collect()).collect();
        add(
            &db.pool,
            json!({"path": format!("{at}.pt"), "description": text, "tags": words, "trigger_words": words,
            "metadata": {"notes": text}}),
        )
        .await;
        let beginning: String = text.chars().take(3).collect();
        assert!(find(&db.pool, &beginning).await.contains(&at.to_string()), "{beginning}");
    }
}

#[tokio::test]
async fn checkpoints_are_searched_the_same_way() {
    let db = database().await;
    let fields = json!({"path": "国风水墨.safetensors", "architecture": "SDXL 1.0", "metadata": {"notes": "mine"}});
    checkpoint::create(&db.pool, fields.as_object().unwrap()).await.unwrap();
    for q in ["风水", "DXL", "mine", "sdxl 水墨"] {
        let filter = checkpoint::Filter { q: Some(q.to_owned()), ..checkpoint::Filter::default() };
        assert_eq!(checkpoint::count(&db.pool, &filter).await.unwrap(), 1, "{q}");
    }
}

/// Models of an older program have other search words, until `migrate` has made them again.
#[tokio::test]
async fn migrate_makes_the_search_words_of_older_rows_again_once() {
    let db = database().await;
    add(&db.pool, json!({"path": "epinoiseoffset.pt"})).await;
    checkpoint::create(&db.pool, json!({"path": "a.pt"}).as_object().unwrap()).await.unwrap();
    let stamps = "SELECT array_agg(last_updated::text) FROM (SELECT last_updated FROM models_loras
        UNION ALL SELECT last_updated FROM models_checkpoints) models";
    let before: Vec<String> = sqlx::query_scalar(stamps).fetch_one(&db.pool).await.unwrap();
    for rule in ["TRUNCATE search_rule", "UPDATE search_rule SET rule = 'another'"] {
        run(&db.pool, "SET session_replication_role = replica; UPDATE models_loras SET search = 'old'; RESET session_replication_role").await;
        run(&db.pool, rule).await;
        assert!(find(&db.pool, "offset").await.is_empty());
        assert_eq!(schema::migrate(&db.pool).await.unwrap().searchable, 2);
        assert_eq!(find(&db.pool, "offset").await, ["epinoiseoffset"]);
    }
    assert_eq!(schema::migrate(&db.pool).await.unwrap().searchable, 0, "once is enough");
    let after: Vec<String> = sqlx::query_scalar(stamps).fetch_one(&db.pool).await.unwrap();
    assert_eq!(after, before, "nothing has changed that anybody wrote");
}
