//! `<stem>.metadata.json` of ComfyUI-Lora-Manager: what its user edited, and in `civitai` what Civitai answered.

use super::super::{Claim, Said, Trust, Usage, text, words};
use super::json::{self, Read};
use super::{Fields, Found, civitai};

pub fn read(given: &Fields, stem: &str) -> Found {
    const KEYS: [&str; 5] = ["file_name", "model_name", "sha256", "base_model", "civitai"];
    if !KEYS.iter().any(|key| given.contains_key(*key)) {
        return Err("Lora-Manager does not write such a file");
    }
    let claims = [("sha256", "sha256"), ("autov3", "autov3")];
    let said = Said {
        // Lora-Manager puts the file's name until someone writes another.
        name: given.text("model_name").filter(|name| name != stem),
        description: given.page("modelDescription"),
        tags: text::tags(given.texts("tags")),
        trigger_words: words::from_lists(given.texts("trainedWords"), ""),
        base: given.text("base_model"),
        notes: given.long("notes"),
        favorite: given.get("favorite").and_then(serde_json::Value::as_bool),
        usage: given.long("usage_tips").and_then(|tips| usage(&tips)).unwrap_or_default(),
        hashes: claims.iter().filter_map(|(kind, key)| Claim::new(kind, &given.text(key)?)).collect(),
        extra: json::extra(given),
        ..Said::default()
    };
    let store = given.object("civitai").filter(|answer| !answer.is_empty()).map(civitai::version);
    Ok([(Trust::Library, said)].into_iter().chain(store.map(|store| (Trust::Store, store))).collect())
}

/// A JSON object as text.
fn usage(tips: &str) -> Option<Usage> {
    let tips = json::parse(tips.as_bytes()).ok()?;
    Some(Usage {
        preferred_weight: tips.number("strength").filter(|weight| *weight != 0.0),
        clip_weight: tips.number("clip_strength"),
        weight_range: tips.number("strength_min").zip(tips.number("strength_max")),
        clip_skip: tips.count("clip_skip"),
        ..Usage::default()
    })
}
