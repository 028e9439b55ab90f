//! GGUF files: what is in them, and what is refused.

use genonaut_sources::identify::Kind;
use genonaut_sources::model_file::Format;

use crate::score::RULES;
use crate::{read_bytes, verdict};

/// A key's value as the format has it.
pub enum Value {
    Number(u32),
    Text(&'static str),
    Numbers(&'static [i32]),
}

use Value::{Number, Numbers, Text};

/// Name, number of the type, shape as PyTorch has it.
pub type Row = (&'static str, u32, &'static [u64]);

pub const FLUX: &[Row] = &[
    ("double_blocks.0.img_attn.norm.key_norm.scale", 0, &[128]),
    ("img_in.weight", 1, &[3072, 64]),
    ("guidance_in.in_layer.weight", 8, &[3072, 256]),
    ("double_blocks.0.img_attn.qkv.weight", 2, &[9216, 3072]),
];

/// Writes a header, version 3.
pub fn file(tensors: &[Row], keys: &[(&str, Value)]) -> Vec<u8> {
    let counts = (tensors.len() as u64, keys.len() as u64);
    let mut bytes = opening(3, counts);
    for (key, value) in keys {
        bytes.extend(text(key));
        bytes.extend(value_bytes(value));
    }
    let mut offset = 0;
    for (name, kind, shape) in tensors {
        bytes.extend(text(name));
        bytes.extend((shape.len() as u32).to_le_bytes());
        shape.iter().rev().for_each(|length| bytes.extend(length.to_le_bytes()));
        bytes.extend(kind.to_le_bytes());
        bytes.extend(u64::to_le_bytes(offset));
        offset += size(*kind, shape).next_multiple_of(32);
    }
    bytes.resize(bytes.len().next_multiple_of(32), 0);
    bytes
}

pub fn opening(version: u32, (tensors, keys): (u64, u64)) -> Vec<u8> {
    [b"GGUF".as_slice(), &version.to_le_bytes(), &tensors.to_le_bytes(), &keys.to_le_bytes()].concat()
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

fn value_bytes(value: &Value) -> Vec<u8> {
    match value {
        Number(number) => [4u32.to_le_bytes(), number.to_le_bytes()].concat(),
        Text(words) => [8u32.to_le_bytes().to_vec(), text(words)].concat(),
        Numbers(numbers) => {
            let elements = numbers.iter().flat_map(|number| number.to_le_bytes());
            let length = (numbers.len() as u64).to_le_bytes();
            let opening = [9u32.to_le_bytes().as_slice(), &5u32.to_le_bytes(), &length].concat();
            opening.into_iter().chain(elements).collect()
        }
    }
}

fn size(kind: u32, shape: &[u64]) -> u64 {
    let numbers = shape.iter().product::<u64>();
    match kind {
        0 => numbers * 4,
        2 => numbers / 32 * 18,
        8 => numbers / 32 * 34,
        _ => numbers * 2,
    }
}

#[test]
fn shapes_keys_and_types_come_out_as_other_formats_have_them() {
    let keys = [
        ("general.architecture", Text("sdxl")),
        ("general.file_type", Number(7)),
        ("tokenizer.scores", Numbers(&[1, 2, 3])),
        ("comfy.gguf.orig_shape.input_blocks.0.0.weight", Numbers(&[320, 4, 3, 3])),
    ];
    let rows: &[Row] = &[("input_blocks.0.0.weight", 8, &[90, 128]), ("img_in.weight", 1, &[3072, 64])];
    let folder = tempfile::tempdir().unwrap();
    let read = read_bytes(folder.path(), "unet.gguf", &file(rows, &keys)).unwrap();
    assert_eq!(read.format, Format::Gguf);
    let header = read.header;
    let metadata: Vec<_> = header.metadata.0.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let expected = [("GGUF.version", "3"), ("general.architecture", "sdxl"), ("general.file_type", "7")];
    assert_eq!(metadata, expected);
    assert_eq!(header.tensors[0].shape.as_deref(), Some([320, 4, 3, 3].as_slice()));
    assert_eq!((header.tensors[0].dtype.as_str(), header.tensors[0].bytes), ("Q8_0", 90 * 128 / 32 * 34));
    assert_eq!(header.tensors[1].shape.as_deref(), Some([3072, 64].as_slice()));
    assert_eq!(header.warnings, ["incomplete-file"]);
}

/// Tensors, the file's own claim, and what it has to come out as.
type Identified = (&'static [Row], Option<&'static str>, Kind, Option<&'static str>);

#[test]
fn shapes_decide_what_a_file_is_and_its_architecture_key_only_agrees() {
    let unet: &'static [Row] = &[
        ("input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight", 8, &[640, 2048]),
        ("input_blocks.0.0.weight", 1, &[320, 4, 3, 3]),
        ("label_emb.0.0.weight", 1, &[1280, 2816]),
    ];
    let z_image: &'static [Row] = &[
        ("cap_embedder.1.weight", 8, &[3840, 2560]),
        ("layers.0.attention.qkv.weight", 8, &[11520, 3840]),
        ("noise_refiner.0.attention.qkv.weight", 8, &[11520, 3840]),
    ];
    let t5: &'static [Row] = &[("enc.blk.0.attn_q.weight", 8, &[4096, 4096])];
    let language_model: &'static [Row] = &[("blk.0.attn_q.weight", 8, &[4096, 4096])];
    let cases: [Identified; 7] = [
        (FLUX, Some("flux"), Kind::DiffusionModel, Some("flux1")),
        (FLUX, None, Kind::DiffusionModel, Some("flux1")),
        (unet, Some("sdxl"), Kind::DiffusionModel, Some("sdxl")),
        (z_image, Some("lumina2"), Kind::DiffusionModel, Some("z-image")),
        (&[("renamed.weight", 8, &[4096, 4096])], Some("flux"), Kind::DiffusionModel, Some("flux1")),
        (t5, Some("t5encoder"), Kind::TextEncoder, None),
        (language_model, Some("llama"), Kind::TextEncoder, None),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (rows, key, kind, architecture) in cases {
        let keys: Vec<_> = key.map(|key| ("general.architecture", Text(key))).into_iter().collect();
        let read = read_bytes(folder.path(), "model.gguf", &file(rows, &keys)).unwrap();
        let identity = RULES.identify(&read.header, "model");
        assert_eq!((identity.kind, identity.detection.architecture.as_deref()), (kind, architecture), "{rows:?}");
    }
    let flux = read_bytes(folder.path(), "flux.gguf", &file(FLUX, &[])).unwrap();
    let identity = RULES.identify(&flux.header, "flux");
    assert_eq!((identity.variant.as_deref(), identity.precision.as_deref()), (Some("dev"), Some("Q4_0")));
}

#[test]
fn damaged_and_hostile_files_are_refused_with_their_reason() {
    let architecture = [("general.architecture", Text("flux"))];
    let with_version = |version: u32| {
        let mut bytes = file(FLUX, &architecture);
        bytes[4..8].copy_from_slice(&version.to_le_bytes());
        bytes
    };
    let string = [opening(3, (0, 1)), (1u64 << 62).to_le_bytes().to_vec(), b"x".to_vec()].concat();
    let big_endian = [b"GGUF".as_slice(), &3u32.to_be_bytes(), &[0; 64]].concat();
    let cases = [
        ("bad_version_99", "gguf-version", with_version(99)),
        ("big_endian_version", "gguf-big-endian", big_endian),
        ("huge_counts", "gguf-counts", opening(3, (1 << 60, 1 << 60))),
        ("huge_string_length", "gguf-string-length", string),
        ("truncated_in_kv", "gguf-truncated", file(FLUX, &architecture)[..40].to_vec()),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (id, reason, bytes) in cases {
        let (got, reasons) = verdict(&read_bytes(folder.path(), &format!("{id}.gguf"), &bytes));
        assert_eq!((got, reasons), ("reject", vec![reason.to_owned()]), "{id}");
    }
    assert!(read_bytes(folder.path(), "version_2.gguf", &with_version(2)).is_ok());
}
