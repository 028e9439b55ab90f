//! Whatever stands in a file: reading it neither panics nor takes memory that the file does not account for.

use std::io::Cursor;

use cap::Cap;
use genonaut_sources::model_file::read_any;
use genonaut_sources::{gguf, pickle, safetensors};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::pickled as pickles;
use crate::score::RULES;
use crate::support::cases;

/// Every test of this program has to do with this much memory (512 MiB): more, and it is ended.
#[global_allocator]
static MEMORY: Cap<std::alloc::System> = Cap::new(std::alloc::System, 512 << 20);

/// Reads bytes as every format, under the size that the file claims to have.
fn read_all(bytes: &[u8], size: u64) {
    let mut file = Cursor::new(bytes);
    for header in [
        safetensors::read(&mut file, size).ok(),
        gguf::read(&mut file, size).ok(),
        pickle::read(&mut file, size).ok(),
        read_any(&mut file, size).ok().map(|(_, header)| header),
    ] {
        header.iter().for_each(|header| drop(RULES.identify(header, "any")));
    }
}

fn sound_files() -> Vec<Vec<u8>> {
    let json = br#"{"__metadata__":{"a":"\u0000","b":[1]},"a.lora_down.weight":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]}}"#;
    let safetensors = [(json.len() as u64).to_le_bytes().as_slice(), json, &[0; 8]].concat();
    let keys = [
        ("general.architecture", crate::gguf::Value::Text("flux")),
        ("comfy.gguf.orig_shape.img_in.weight", crate::gguf::Value::Numbers(&[3, 4])),
    ];
    let rows: &[pickles::Row] = &[("a", &[2, 3]), ("b", &[])];
    let pickle = pickles::checkpoint(rows);
    vec![
        safetensors,
        crate::gguf::file(crate::gguf::FLUX, &keys),
        pickles::torch(&pickle),
        pickle,
        pickles::embedding(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(2000), ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..400), start in 0usize..6, size in any::<u64>()) {
        let starts: [&[u8]; 6] = [b"", b"GGUF\x03\0\0\0", b"PK\x03\x04", b"\x80\x02", b"\x40\0\0\0\0\0\0\0{", b"\x80\x04}("];
        let bytes = [starts[start], &bytes].concat();
        read_all(&bytes, bytes.len() as u64);
        read_all(&bytes, size);
    }

    #[test]
    fn sound_files_with_some_bytes_changed_are_read_or_refused(
        which in any::<Index>(),
        changes in vec((any::<Index>(), any::<u8>()), 1..6),
        cut in any::<Index>(),
    ) {
        let mut bytes = which.get(&sound_files()).clone();
        for (place, byte) in changes {
            *place.get_mut(&mut bytes) = byte;
        }
        read_all(&bytes, bytes.len() as u64);
        read_all(&bytes[..cut.index(bytes.len())], bytes.len() as u64);
    }
}
