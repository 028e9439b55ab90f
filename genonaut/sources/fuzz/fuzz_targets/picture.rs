//! Any bytes as an image of any format, and as a text that somebody pasted.

#![no_main]

use genonaut_sources::picture::{read, read_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|given: &[u8]| {
    if let Ok(made) = read(given) {
        assert!(made.report.left_out.len() <= 100 && made.loras.len() <= 200);
    }
    let _ = std::str::from_utf8(given).map(read_text);
});
