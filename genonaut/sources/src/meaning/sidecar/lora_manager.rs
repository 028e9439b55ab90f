//! `<stem>.metadata.json` of ComfyUI-Lora-Manager: what its user edited, and in `civitai` what Civitai answered.

use super::super::{Claim, Said, Trust, Usage, text, words};
use super::json::{self, Read};
use super::{Fields, Found, civitai};

pub fn read(given: &Fields, stem: &str) -> Found {
    const KEYS: [&str; 5] = ["file_name", "model_name", "sha256", "base_model", "civitai"];
    if !KEYS.iter().any(|key| given.contains_key(*key)) {
        return Err("it has no keys of LoRA Manager");
    }
    let claims = [("sha256", "sha256"), ("autov3", "autov3")];
    let said = Said {
        // Lora-Manager puts the file's name, as it was then, until someone writes another.
        name: given.text("model_name").filter(|name| name != stem && given.text("file_name").as_ref() != Some(name)),
        description: given.page("modelDescription"),
        tags: text::tags(given.texts("tags")),
        trigger_words: words::from_lists(given.texts("trainedWords"), ""),
        base: given.text("base_model"),
        notes: given.long("notes"),
        favorite: given.truth("favorite"),
        usage: tips(given).as_ref().map(usage).unwrap_or_default(),
        hashes: claims.iter().filter_map(|(kind, key)| Claim::new(kind, &given.text(key)?)).collect(),
        extra: json::extra(given),
        ..Said::default()
    };
    let store = given.object("civitai").filter(|answer| !answer.is_empty()).map(civitai::version);
    Ok([(Trust::Library, said)].into_iter().chain(store.map(|store| (Trust::Store, store))).collect())
}

/// `0.3-0.8`
fn range(tips: &Fields) -> Option<(f64, f64)> {
    let text = tips.text("strength_range")?;
    let (least, most) = text.split_once(['-', '–', '~'])?;
    text::number(least).zip(text::number(most))
}

/// A JSON object as text; older versions wrote the object itself.
fn tips(given: &Fields) -> Option<Fields> {
    let tips = given.object("usage_tips").cloned();
    tips.or_else(|| json::parse(given.get("usage_tips")?.as_str()?.as_bytes()).ok())
}

fn usage(tips: &Fields) -> Usage {
    Usage {
        preferred_weight: tips.number("strength").filter(|weight| *weight != 0.0),
        clip_weight: tips.number("clip_strength"),
        weight_range: tips.number("strength_min").zip(tips.number("strength_max")).or_else(|| range(tips)),
        clip_skip: tips.count("clip_skip"),
        ..Usage::default()
    }
}
