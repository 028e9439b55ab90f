//! Files that strangers wrote, and files that nobody wrote.

use genonaut_sources::header::Metadata;
use genonaut_sources::meaning::sidecar::{self, Beside, SUFFIXES, Tool};
use genonaut_sources::meaning::{FileHashes, Said, embedded, merge};
use proptest::prelude::*;
use serde_json::{Map, Value};

const HERO: Beside = Beside { stem: "hero", hashes: FileHashes { sha256: None, tensors_sha256: None } };

/// Keys that the readers look for, so that arbitrary values reach them.
const KEYS: [&str; 24] = [
    "description",
    "activation text",
    "preferred weight",
    "modelVersions",
    "model_name",
    "civitai",
    "usage_tips",
    "tags",
    "trainedWords",
    "TrainedWords",
    "Hashes",
    "InferenceDefaults",
    "UserTitle",
    "files",
    "images",
    "meta",
    "model",
    "word",
    "modelspec.trigger_phrase",
    "ssmd_keywords",
    "ss_tag_frequency",
    "ss_dataset_dirs",
    "ss_datasets",
    "ss_sd_model_name",
];

/// Texts with what must never end up in a prompt.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "(<lora:|<LYCO:|<lo|ra:|a|,|>|\0|_| |10_|<p>|</script>|&#0;|None|\n|ss){0,12}",
        Just(r#"{"10_a": {"a\u0000<lora:x:1>": 9, "b": 9}}"#.to_owned()),
        Just(r#"[{"subsets": [{"class_tokens": "<lora:a"}, {"class_tokens": "\u0000"}]}]"#.to_owned()),
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![proptest::sample::select(&KEYS[..]).prop_map(str::to_owned), text()]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((key(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Nothing that would load a model or that the database refuses.
fn is_clean(said: &Said) -> bool {
    let mut words = said.words();
    let typed = |word: &str| !word.trim().is_empty() && !word.to_lowercase().contains("<lora:");
    words.all(typed) && !has_nul(&serde_json::to_value(said).unwrap())
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => list.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for (_, tool) in SUFFIXES {
            for statement in sidecar::parse(tool, "x", HERO, &bytes).into_iter().flatten() {
                prop_assert!(is_clean(&statement.said));
            }
        }
    }

    #[test]
    fn any_json_is_read_or_refused(given in json()) {
        let bytes = given.to_string();
        for (_, tool) in SUFFIXES {
            let statements = sidecar::parse(tool, "x", HERO, bytes.as_bytes()).unwrap_or_default();
            prop_assert!(is_clean(&merge(&statements).said), "{:?}", merge(&statements));
        }
    }

    #[test]
    fn any_metadata_is_read(pairs in proptest::collection::vec((key(), prop_oneof![text(), json().prop_map(|v| v.to_string())]), 0..8)) {
        // Readers of model files take NUL out of keys and texts.
        let pairs = pairs.into_iter().map(|(key, text)| (key.replace('\0', ""), text.replace('\0', "")));
        let read = embedded::read(&Metadata(pairs.collect()), "hero");
        prop_assert!(read.statements.iter().all(|statement| is_clean(&statement.said)));
        prop_assert!(!has_nul(&serde_json::to_value(&read.training).unwrap()));
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = format!("{{\"vae\": {}1{}, \"notes\": \"mine\"}}", "[".repeat(200_000), "]".repeat(200_000));
    let said = &sidecar::parse(Tool::A1111, "x.json", HERO, deep.as_bytes()).unwrap()[0].said;
    assert_eq!(said.notes.as_deref(), Some("mine"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let file = sidecar::SidecarFile { path: path.clone(), name: "x.json".to_owned(), tool: Tool::A1111 };
    std::fs::write(&path, format!("{{\"vae\": \"{}\", \"notes\": \"mine\"}}", "a".repeat(8 << 20))).unwrap();
    assert_eq!(sidecar::read(&file, HERO).unwrap()[0].said.notes.as_deref(), Some("mine"));
    std::fs::File::create(&path).unwrap().set_len((32 << 20) + 1).unwrap();
    assert_eq!(sidecar::read(&file, HERO).unwrap_err().code(), "bad-sidecar:x.json: it is larger than 32 MiB");
    let long = "ä".repeat(40_000);
    let said = &sidecar::parse(Tool::Text, "x.txt", HERO, long.as_bytes()).unwrap()[0].said;
    assert_eq!(said.description.as_ref().unwrap().len(), 64 << 10);
}
