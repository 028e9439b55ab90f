//! PyTorch files, read without loading them.

use std::io::Write;

use genonaut_sources::identify::Kind;
use genonaut_sources::model_file::{Format, ModelFile};

use crate::pickled::{Row, checkpoint, embedding, state_dict, torch, zip};
use crate::score::RULES;
use crate::{read_bytes, verdict};

fn read(name: &str, bytes: &[u8]) -> Result<ModelFile, genonaut_sources::not_read::NotRead> {
    read_bytes(tempfile::tempdir().unwrap().path(), name, bytes)
}

#[test]
fn names_and_shapes_are_read_without_loading_anything() {
    let rows: &[Row] = &[("model.diffusion_model.input_blocks.0.0.weight", &[320, 4, 3, 3]), ("a.b", &[])];
    let file = read("sd1.ckpt", &torch(&checkpoint(rows))).unwrap();
    assert_eq!(file.format, Format::Pickle);
    let tensor = &file.header.tensors[0];
    assert_eq!((tensor.name.as_str(), tensor.dtype.as_str(), tensor.bytes), (rows[0].0, "F16", 320 * 36 * 2));
    assert_eq!(tensor.shape.as_deref(), Some(rows[0].1));
    assert_eq!(file.header.tensors[1].shape.as_deref(), Some([].as_slice()));
    assert_eq!(file.header.metadata.get("global_step"), Some("1000"));
    assert!(file.header.warnings.is_empty());
}

#[test]
fn an_embedding_says_its_name() {
    let header = read("mystyle.pt", &torch(&embedding())).unwrap().header;
    assert_eq!(header.metadata.get("name"), Some("mystyle"));
    assert_eq!(header.tensors[0].name, "string_to_param.*");
    assert_eq!(header.tensors[0].shape.as_deref(), Some([3, 768].as_slice()));
}

#[test]
fn what_a_pickle_holds_is_identified_like_any_other_file() {
    let checkpoint = checkpoint(&[
        ("model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight", &[320, 768]),
        ("model.diffusion_model.input_blocks.0.0.weight", &[320, 4, 3, 3]),
        ("cond_stage_model.transformer.text_model.embeddings.position_ids", &[1, 77]),
        ("first_stage_model.decoder.conv_in.weight", &[512, 4, 3, 3]),
    ]);
    let lora = state_dict(&[
        ("lora_unet_up_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight", &[4, 2048]),
        ("lora_unet_up_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight", &[640, 4]),
    ]);
    let lora = [b"\x80\x02", lora.as_slice(), b"."].concat();
    let cases =
        [(checkpoint, Kind::Checkpoint, "sd1"), (lora, Kind::Lora, "sdxl"), (embedding(), Kind::Embedding, "sd1")];
    for (pickle, kind, architecture) in cases {
        let identity = RULES.identify(&read("model.pt", &torch(&pickle)).unwrap().header, "model");
        assert_eq!((identity.kind, identity.detection.architecture.as_deref()), (kind, Some(architecture)));
    }
}

#[test]
fn whatever_would_run_code_is_named_and_refused() {
    let hostile: [(&str, &[u8], &str); 8] = [
        ("global", b"\x80\x02}(X\x01\0\0\0acposix\nsystem\n(X\x04\0\0\0truetRu.", "posix.system"),
        ("stack_global", b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x0fNone.__class__x\x85R.", "builtins.eval"),
        ("memo", b"\x80\x04\x8c\x02os\x94\x8c\x06system\x940h\x00h\x01\x93\x8c\x04true\x85R.", "os.system"),
        ("inst", b"(S'true'\nios\nsystem\n.", "os.system"),
        ("computed", b"\x80\x04\x8c\x02os]\x93.", "something computed"),
        ("escaped", b"\x80\x04V\\u006fs\n\x8c\x06system\x93.", "something computed"),
        (
            "dotted",
            b"\x80\x04\x8c\x1dpytorch_lightning.callbacks.x\x8c\x09Path.home\x93.",
            "pytorch_lightning.callbacks.x.Path.home",
        ),
        ("extension", b"\x80\x02\x82\x01.", "an extension"),
    ];
    for (id, pickle, name) in hostile {
        let (got, reasons) = verdict(&read("hostile.ckpt", &torch(pickle)));
        assert_eq!((got, reasons), ("reject", vec![format!("unsafe-pickle:{name}")]), "{id}");
    }
}

#[test]
fn files_of_old_programs_are_read_and_marked() {
    let opening = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00.";
    assert!(read("raw.pt", opening).unwrap().header.warnings.contains(&"legacy-torch-pickle"));
    let rows: &[Row] = &[("conv_first.weight", &[64, 3, 3, 3])];
    let file = [opening.as_slice(), b"\x80\x02", &state_dict(rows), b".\x80\x02]."].concat();
    let header = read("old.pth", &file).unwrap().header;
    assert_eq!((header.tensors.len(), header.warnings), (1, vec!["legacy-torch-pickle"]));
}

#[test]
fn archives_of_other_things_and_bombs_are_refused() {
    assert_eq!(read("a.pt", &zip(&[("readme.txt", b"hi")])).unwrap_err().code(), "zip-without-data");
    assert_eq!(read("b.pt", &torch(b"\x80\x02}")).unwrap_err().code(), "pickle-truncated");
    assert_eq!(read("c.pt", &torch(checkpoint(&[]).as_slice())[..60]).unwrap_err().code(), "zip-damaged");
    let nested = [b"\x80\x02)".as_slice(), &b"\x85".repeat(1_000_000), b"."].concat();
    assert!(read("d.pt", &torch(&nested)).is_ok());
    let many = [b"\x80\x02".as_slice(), &b"N".repeat(2_000_000), b"."].concat();
    assert_eq!(read("e.pt", &torch(&many)).unwrap_err().code(), "pickle-too-large");
    let packed = packed(&b"N".repeat(80 << 20));
    assert_eq!(read("f.pt", &packed).unwrap_err().code(), "pickle-too-large");
}

/// An archive whose pickle is packed, as no program writes it.
fn packed(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    let packed = encoder.finish().unwrap();
    let mut bytes = zip(&[("archive/data.pkl", &packed)]);
    let table = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    bytes[8] = 8;
    bytes[table + 10] = 8;
    bytes[table + 24..table + 28].copy_from_slice(&(content.len() as u32).to_le_bytes());
    bytes
}
