//! Any bytes as any program's file beside a model.

#![no_main]

use genonaut_sources::meaning::merge;
use genonaut_sources::meaning::sidecar::{self, Tool};
use libfuzzer_sys::fuzz_target;

const TOOLS: [Tool; 8] = [
    Tool::A1111,
    Tool::SwarmUi,
    Tool::Text,
    Tool::LdmConfig,
    Tool::LoraManager,
    Tool::StabilityMatrix,
    Tool::Rgthree,
    Tool::Civitai,
];

fuzz_target!(|given: &[u8]| {
    let Some((tool, bytes)) = given.split_first() else { return };
    let tool = TOOLS[usize::from(*tool) % TOOLS.len()];
    let merged = merge(&sidecar::parse(tool, "hero", "hero", bytes).unwrap_or_default());
    assert!(merged.said.words().all(|word| !word.trim().is_empty() && !word.contains("<lora:")));
});
