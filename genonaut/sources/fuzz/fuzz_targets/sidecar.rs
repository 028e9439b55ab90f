//! Any bytes as any program's file beside a model.

#![no_main]

use genonaut_sources::meaning::merge;
use genonaut_sources::meaning::sidecar::{Beside, SUFFIXES, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|given: &[u8]| {
    let Some((tool, bytes)) = given.split_first() else { return };
    let (_, tool) = SUFFIXES[usize::from(*tool) % SUFFIXES.len()];
    let merged = merge(&parse(tool, "hero", Beside { stem: "hero", ..Beside::default() }, bytes).unwrap_or_default());
    assert!(merged.said.words().all(|word| !word.trim().is_empty() && !word.contains("<lora:")));
});
