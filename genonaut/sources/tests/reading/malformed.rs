//! Broken and hostile files: each gets the verdict and the reason that a person is told.

use genonaut_sources::model_file;
use serde_json::{Value, json};

use crate::support;
use crate::verdict;

/// How a case's file is made.
enum Make {
    /// The whole file.
    Plain(Vec<u8>),
    /// A header of its true length, and data.
    Header(Vec<u8>, usize),
    /// A header that claims another length, and how long the file is made.
    Length(Vec<u8>, u64, Option<u64>),
}

use Make::{Header, Length, Plain};

type Case = (&'static str, &'static str, &'static str, Make);

#[test]
fn every_malformed_file_gets_its_verdict_and_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    for (id, verdict, reason, make) in
        lengths().into_iter().chain(json()).chain(offsets()).chain(texts()).chain(kinds())
    {
        let path = folder.path().join(id).with_extension("safetensors");
        match make {
            Plain(bytes) => std::fs::write(&path, bytes).unwrap(),
            Header(header, data) => drop(support::write(&path, &header, &vec![0; data], None)),
            Length(header, length, total) => {
                let bytes = [length.to_le_bytes().as_slice(), &header].concat();
                std::fs::write(&path, &bytes).unwrap();
                let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
                file.set_len(total.unwrap_or(bytes.len() as u64)).unwrap();
            }
        }
        let (got, reasons) = crate::verdict(&model_file::read(&path));
        assert_eq!(got, verdict, "{id}: {reasons:?}");
        assert!(reason.is_empty() || reasons.iter().any(|found| found == reason), "{id}: {reasons:?}");
    }
}

#[test]
fn a_pointer_of_git_lfs_says_which_file_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let error = crate::read_bytes(folder.path(), "model.safetensors", &pointer()).unwrap_err();
    let genonaut_sources::not_read::NotRead::Pointer(pointer) = error else { panic!("{error}") };
    assert_eq!(pointer.oid, Some("ab".repeat(32)));
    assert_eq!(pointer.size, Some(6_938_078_334));
}

#[test]
fn what_a_database_cannot_store_is_taken_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nul.safetensors");
    let metadata = json!({"k\u{0}ey": "bad\u{0}title", "modelspec.thumbnail": "data:image/png;base64,AAAA"});
    let header = text(&json!({"__metadata__": metadata, "a\u{0}b": t1()}));
    support::write(&path, &header, &[0; 8], None);
    let header = model_file::read(&path).unwrap().header;
    assert_eq!(header.metadata.0, [("key".to_owned(), "badtitle".to_owned())]);
    assert_eq!(header.tensors[0].name, "ab");
    assert_eq!(verdict(&model_file::read(&path)).0, "ok");
}

#[test]
fn half_a_surrogate_pair_is_replaced_and_a_whole_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half.safetensors");
    let header = br#"{"__metadata__":{"a":"x\ud800y","b":"\ud83d\ude00","c":"\\ud800"}}"#;
    support::write(&path, header, &[], None);
    let metadata = model_file::read(&path).unwrap().header.metadata;
    assert_eq!(
        [metadata.get("a"), metadata.get("b"), metadata.get("c")],
        [Some("x\u{fffd}y"), Some("😀"), Some(r"\ud800")]
    );
}

#[test]
fn equal_names_keep_the_first_tensor_and_the_last_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("twice.safetensors");
    let header = br#"{"__metadata__":{"x":"1","y":"1"},"__metadata__":{"x":"2"},
        "a":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#;
    support::write(&path, header, &[0; 16], None);
    let header = model_file::read(&path).unwrap().header;
    assert_eq!(header.metadata.0, [("x".to_owned(), "2".to_owned()), ("y".to_owned(), "1".to_owned())]);
    assert_eq!((header.tensors.len(), header.tensors[0].dtype.as_str()), (1, "F16"));
}

fn t1() -> Value {
    json!({"dtype": "F16", "shape": [2, 2], "data_offsets": [0, 8]})
}

/// The usual entry with some fields replaced.
fn t1_but(fields: Value) -> Value {
    let mut entry = t1();
    entry.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    entry
}

fn text(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn a(fields: Value) -> Vec<u8> {
    text(&json!({"a": t1_but(fields)}))
}

fn plain_a() -> Vec<u8> {
    text(&json!({"a": t1()}))
}

fn padded(length: usize) -> Vec<u8> {
    let mut header = plain_a();
    header.resize(length, b' ');
    header
}

fn pointer() -> Vec<u8> {
    let oid = "ab".repeat(32);
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 6938078334\n").into_bytes()
}

fn empty_tensors(names: impl Iterator<Item = String>) -> Vec<u8> {
    let entry = |name: String| format!(r#"{}:{{"dtype":"F16","shape":[0],"data_offsets":[0,0]}}"#, Value::from(name));
    format!("{{{}}}", names.map(entry).collect::<Vec<_>>().join(",")).into_bytes()
}

fn lengths() -> Vec<Case> {
    vec![
        ("m01_empty", "reject", "too-short", Plain(vec![])),
        ("m02_seven_bytes", "reject", "too-short", Plain(vec![0; 7])),
        ("m03_len_beyond_file", "reject", "header-length-exceeds-file", Length(b"{}".to_vec(), 5000, None)),
        ("m04_len_u64max", "reject", "header-too-large", Length(b"{}".to_vec(), u64::MAX, None)),
        ("m05_len_over_cap", "reject", "header-too-large", Length(b"{}".to_vec(), 100_000_001, Some(100_000_100))),
        ("m06_len_zero", "reject", "empty-header", Header(vec![], 0)),
        ("m07_no_tensors", "warn", "no-tensors", Header(b"{}".to_vec(), 0)),
        ("m47_all_zero_file", "reject", "empty-header", Plain(vec![0; 4104])),
        ("m49_length_640_looks_like_pickle", "ok", "", Header(padded(640), 8)),
        ("m50_length_1408_looks_like_pickle", "ok", "", Header(padded(1408), 8)),
    ]
}

fn json() -> Vec<Case> {
    let (entry, later) = (t1().to_string(), t1_but(json!({"data_offsets": [8, 16]})).to_string());
    let deep = [r#"{"__metadata__":{"x":"#, &"[".repeat(100_000), &"]".repeat(100_000), "}}"].concat();
    let twice = |second: &str| format!(r#"{{"a":{entry},"a":{second}}}"#).into_bytes();
    let metadata_twice = format!(r#"{{"__metadata__":{{"x":"1"}},"__metadata__":{{"x":"2"}},"a":{entry}}}"#);
    vec![
        ("m08_not_json", "reject", "header-not-json", Header(b"{not json!}".to_vec(), 0)),
        ("m09_json_array", "reject", "header-not-object", Header(b"[1,2,3]".to_vec(), 0)),
        (
            "m10_invalid_utf8",
            "reject",
            "header-not-utf8",
            Header([b"{\"\xff\xfe\":", entry.as_bytes(), b"}"].concat(), 8),
        ),
        ("m11_bom", "warn", "bom", Header([b"\xef\xbb\xbf".to_vec(), plain_a()].concat(), 8)),
        ("m12_trailing_nul_padding", "warn", "nul-padding", Header([plain_a(), vec![0; 3]].concat(), 8)),
        ("m13_trailing_spaces", "ok", "", Header([plain_a(), vec![b' '; 5]].concat(), 8)),
        ("m14_duplicate_tensor_same", "warn", "duplicate-key", Header(twice(&entry), 8)),
        ("m14_duplicate_tensor_differs", "warn", "duplicate-key", Header(twice(&later), 16)),
        ("m15_duplicate_metadata", "warn", "duplicate-key", Header(metadata_twice.into_bytes(), 8)),
        ("m30_deep_nesting", "reject", "header-not-json", Header(deep.into_bytes(), 0)),
        ("m31_200k_tensors", "ok", "", Header(empty_tensors((0..200_000).map(|n| format!("t.{n}.weight"))), 0)),
        (
            "m51_too_many_tensors",
            "reject",
            "too-many-tensors",
            Header(empty_tensors((0..300_001).map(|n| n.to_string())), 0),
        ),
        ("m44_extra_fields", "ok", "", Header(a(json!({"comment": "hi", "strides": [2, 1]})), 8)),
        (
            "m45_missing_shape",
            "reject",
            "bad-entry",
            Header(br#"{"a":{"dtype":"F16","data_offsets":[0,8]}}"#.to_vec(), 8),
        ),
    ]
}

fn offsets() -> Vec<Case> {
    let (far, overlap) =
        (json!({"a": t1(), "b": t1_but(json!({"data_offsets": [16, 24]}))}), json!({"a": t1(), "b": t1()}));
    let part = json!({"shape": [1000, 1000], "data_offsets": [0, 2_000_000]});
    let scalar = json!({"s": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]},
        "z": {"dtype": "F32", "shape": [0, 1u64 << 62], "data_offsets": [4, 4]}});
    let swapped = json!({"b": t1_but(json!({"data_offsets": [8, 16]})), "a": t1()});
    let huge = json!({"data_offsets": [1u64 << 60, (1u64 << 60) + 8]});
    vec![
        ("m16_overlap", "warn", "overlapping-offsets", Header(text(&overlap), 8)),
        ("m17_hole", "warn", "offset-gap", Header(text(&far), 24)),
        ("m18_truncated_download", "warn", "incomplete-file", Header(a(part), 1000)),
        ("m19_extra_bytes", "warn", "trailing-bytes", Header(plain_a(), 100)),
        ("m20_end_before_begin", "reject", "bad-offsets", Header(a(json!({"data_offsets": [8, 0]})), 8)),
        ("m21_shape_size_mismatch", "warn", "shape-size-mismatch", Header(a(json!({"shape": [3, 3]})), 8)),
        ("m22_shape_overflow", "reject", "shape-overflow", Header(a(json!({"shape": [1u64 << 63, 1u64 << 63]})), 8)),
        ("m23_negative_dim", "reject", "bad-shape", Header(a(json!({"shape": [-1, 4]})), 8)),
        ("m24_float_dim", "reject", "bad-shape", Header(a(json!({"shape": [2.0, 2]})), 8)),
        ("m25_unknown_dtype", "warn", "unknown-dtype", Header(a(json!({"dtype": "F3_E1M1"})), 8)),
        ("m26_lowercase_dtype", "warn", "unknown-dtype", Header(a(json!({"dtype": "f16"})), 8)),
        ("m42_scalar_and_zero_dims", "ok", "", Header(text(&scalar), 4)),
        ("m43_header_order_differs", "ok", "", Header(text(&swapped), 16)),
        ("m46_offsets_over_2p53", "reject", "bad-offsets", Header(a(huge), 8)),
        (
            "m48_partial_suffix",
            "warn",
            "incomplete-file",
            Header(a(json!({"shape": [512, 512], "data_offsets": [0, 524_288]})), 10),
        ),
    ]
}

fn texts() -> Vec<Case> {
    let with = |metadata: Value| Header(text(&json!({"__metadata__": metadata, "a": t1()})), 8);
    let picture = format!("data:image/png;base64,{}", "A".repeat(4_000_000));
    let half = format!(r#"{{"__metadata__":{{"modelspec.title":"x\ud800y"}},"a":{}}}"#, t1());
    let names = ["../../etc/passwd", "a\u{0}b", "\u{202e}gnp.exe", "<script>alert(1)</script>"];
    vec![
        ("m27_metadata_number", "warn", "metadata-not-string", with(json!({"epoch": 3, "ok": "yes"}))),
        ("m28_metadata_nested", "warn", "metadata-not-string", with(json!({"training_info": {"step": 1}}))),
        ("m29_metadata_null", "ok", "", with(Value::Null)),
        ("m32_megabyte_key", "warn", "oversized-key", Header(text(&json!({"k".repeat(1_000_000): t1()})), 8)),
        ("m33_hostile_names", "ok", "", Header(empty_tensors(names.map(str::to_owned).into_iter()), 0)),
        (
            "m34_huge_thumbnail",
            "ok",
            "thumbnail-not-stored",
            with(json!({"modelspec.title": "Thumb", "modelspec.thumbnail": picture})),
        ),
        (
            "m35_broken_embedded_json",
            "ok",
            "",
            with(json!({"ss_tag_frequency": r#"{"10_cat": {"cat": 5, "do"#, "ss_output_name": "cat"})),
        ),
        (
            "m36_nul_in_metadata",
            "ok",
            "nul-stripped",
            with(json!({"modelspec.title": "bad\u{0}title", "k\u{0}ey": "v"})),
        ),
        ("m37_lone_surrogate", "warn", "bad-unicode-escape", Header(half.into_bytes(), 8)),
    ]
}

fn kinds() -> Vec<Case> {
    let page = b"<!DOCTYPE html><html><body>Please log in</body></html>\n".repeat(20);
    vec![
        ("m38_html_error_page", "reject", "not-a-model:html", Plain(page)),
        ("m39_lfs_pointer", "reject", "not-a-model:git-lfs-pointer", Plain(pointer())),
        (
            "m40_zip_renamed",
            "reject",
            "wrong-format:pickle-zip",
            Plain(crate::pickled::zip(&[("archive/data.pkl", b"\x80\x02}.")])),
        ),
        ("m41_gguf_renamed", "reject", "wrong-format:gguf", Plain(crate::gguf::file(&[], &[]))),
    ]
}
