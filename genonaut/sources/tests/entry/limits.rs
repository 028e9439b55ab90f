//! Whatever anyone wrote, the database takes it.

use std::fs;
use std::path::Path;

use genonaut_sources::entry::Entry;
use genonaut_sources::meaning::sidecar::SUFFIXES;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::only;
use crate::support::{Row, cases, write_safetensors};

const LORA: &[Row] = &[
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight", "F16", &[4, 2048]),
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_up.weight", "F16", &[640, 4]),
];

const KEYS: [&str; 27] = [
    "activation text",
    "base_model",
    "baseModel",
    "civitai",
    "description",
    "files",
    "hashes",
    "Hashes",
    "id",
    "InferenceDefaults",
    "model",
    "model_name",
    "modelId",
    "modelspec.architecture",
    "modelspec.tags",
    "modelspec.title",
    "modelspec.trigger_phrase",
    "name",
    "negative text",
    "notes",
    "ss_datasets",
    "ss_sd_model_name",
    "ss_tag_frequency",
    "tags",
    "trainedWords",
    "usage_tips",
    "UserTitle",
];

fn holds_the_limits(entry: &Entry) {
    let is_line = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= 500);
    for (field, value) in &entry.fields {
        match field.as_str() {
            "name" | "version" | "architecture" | "family" => assert!(is_line(value), "{field}: {value}"),
            "description" => assert!(value.as_str().is_some_and(|text| !text.is_empty() && text.len() <= 64 << 10)),
            "metadata" => assert!(value.to_string().len() <= 100_000, "{}", value.to_string().len()),
            _ => {
                assert!(value.as_array().is_some_and(|words| !words.is_empty() && words.iter().all(is_line)), "{field}")
            }
        }
        assert!(is_full(value), "{value}");
        assert!(entry.said_by.contains_key(field) || field == "metadata", "{field}");
    }
    assert!(entry.said_by.values().all(|source| !source.is_empty()), "{:?}", entry.said_by);
}

/// No NUL, no null, nothing empty.
fn is_full(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty() && !text.contains('\0'),
        Value::Array(list) => !list.is_empty() && list.iter().all(is_full),
        Value::Object(fields) => {
            !fields.is_empty() && fields.iter().all(|(key, value)| !key.contains('\0') && is_full(value))
        }
        _ => true,
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "(<lora:|a|,|>|\0|_| |<p>|&#0;|None|\n|\u{1}){0,12}",
        ("(a|ä|\u{1}|, b|\"){1,3}", 1usize..20_000).prop_map(|(part, times)| part.repeat(times)),
        (1usize..3000).prop_map(|count| (0..count).map(|n| format!("w{n},")).collect()),
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        text().prop_map(Value::from),
        Just(json!("SDXL 1.0")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| prop_oneof![vec(inner.clone(), 0..6).prop_map(Value::from), fields(inner)])
}

fn fields(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec((prop_oneof![proptest::sample::select(&KEYS[..]).prop_map(str::to_owned), text()], value), 0..8)
        .prop_map(|pairs| Value::Object(pairs.into_iter().collect()))
}

fn write(folder: &Path, metadata: &Value) {
    let given = metadata.as_object().unwrap();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let texts: Vec<_> = given.iter().map(|(key, value)| (key.as_str(), text(value))).collect();
    let pairs: Vec<_> = texts.iter().map(|(key, text)| (*key, text.as_str())).collect();
    write_safetensors(&folder.join("hero.safetensors"), LORA, Some(&pairs), b"");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(100), ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_in_a_model_and_beside_it_the_fields_fit(
        metadata in fields(json_value()),
        beside in vec((0..SUFFIXES.len(), prop_oneof![fields(json_value()).prop_map(|json| json.to_string().into_bytes()), vec(any::<u8>(), 0..200)]), 0..5),
    ) {
        let home = tempdir().unwrap();
        write(home.path(), &metadata);
        for (at, bytes) in beside {
            fs::write(home.path().join(format!("hero{}", SUFFIXES[at].0)), bytes).unwrap();
        }
        holds_the_limits(&only(home.path()));
    }
}

#[test]
fn what_does_not_fit_is_left_out_and_said() {
    let home = tempdir().unwrap();
    let words = |letter: &str| (0..900).map(|n| format!("{letter}{n}")).collect::<Vec<_>>().join(", ");
    write(home.path(), &json!({"modelspec.trigger_phrase": words("a"), "ssmd_keywords": words("b")}));
    let card = json!({"notes": "n".repeat(60_000), "negative text": "\u{1}".repeat(60_000)});
    fs::write(home.path().join("hero.json"), card.to_string()).unwrap();
    let entry = only(home.path());
    holds_the_limits(&entry);
    let metadata = &entry.fields["metadata"];
    assert_eq!(metadata["notes"].as_str().unwrap().len(), 60_000);
    assert!(metadata["negative_text"].as_str().unwrap().len() > 3000);
    assert_eq!(entry.warnings[..2], ["too-many-words:trigger_words", "cut:negative_text"]);
    assert_eq!(&json!(entry.warnings), &metadata["warnings"]);
}

#[test]
fn a_long_name_of_a_bundled_embedding_is_its_word() {
    let home = tempdir().unwrap();
    let name = format!("bundle_emb.{}.emb_params", "x".repeat(480));
    let rows = [LORA, &[(name.as_str(), "F16", &[1, 768]), ("bundle_emb.short.emb_params", "F16", &[1, 768])]].concat();
    write_safetensors(&home.path().join("hero.safetensors"), &rows, None, b"");
    assert_eq!(only(home.path()).fields["trigger_words"], json!(["short", "x".repeat(480)]));
}

#[test]
fn a_sentence_is_a_trigger_and_one_that_is_too_long_is_cut_and_said() {
    let home = tempdir().unwrap();
    let sentence = |letters: usize| "word ".repeat(letters / 5).trim().to_owned();
    write(home.path(), &json!({"modelspec.trigger_phrase": sentence(500)}));
    let entry = only(home.path());
    assert_eq!((&entry.fields["trigger_words"], entry.warnings.len()), (&json!([sentence(500)]), 0));
    write(home.path(), &json!({"modelspec.trigger_phrase": format!("{}a", "word ".repeat(100))}));
    let entry = only(home.path());
    assert_eq!(entry.fields["trigger_words"], json!([sentence(500)]));
    assert_eq!(entry.warnings, ["word-cut:trigger_words"]);
}
