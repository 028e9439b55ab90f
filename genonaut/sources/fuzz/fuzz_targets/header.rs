//! Any bytes as a model file, read as whatever they look like, and judged: `cargo +nightly fuzz run header`.

#![no_main]

use std::io::Cursor;
use std::sync::LazyLock;

use genonaut_sources::architectures::TABLE;
use genonaut_sources::identify::Rules;
use genonaut_sources::model_file;
use libfuzzer_sys::fuzz_target;

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::from_json(TABLE).expect("the table is sound"));

fuzz_target!(|bytes: &[u8]| {
    if let Ok((_, header)) = model_file::read_any(&mut Cursor::new(bytes), bytes.len() as u64) {
        RULES.identify(&header, "fuzz");
    }
});
