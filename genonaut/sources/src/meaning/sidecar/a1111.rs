//! `<stem>.json`, where A1111 and Forge keep what the user wrote on a model's card. SD.Next keeps there what Civitai
//! answered, and sd-civitai-browser-plus adds the hash and the ids there.

use super::super::{Civitai, Claim, Said, Trust, Usage, words};
use super::json::{self, Read};
use super::{Beside, Fields, Found, civitai};

const KEYS: [&str; 13] = [
    "description",
    "sd version",
    "sd_version_str",
    "activation text",
    "preferred weight",
    "negative text",
    "notes",
    "vae",
    "vae_te",
    "sha256",
    "modelId",
    "modelVersionId",
    "unpackList",
];

pub fn read(given: &Fields, beside: Beside) -> Found {
    if given.contains_key("modelVersions") {
        return Ok(vec![(Trust::Store, civitai::model(given, beside))]);
    }
    if !KEYS.iter().any(|key| given.contains_key(*key)) {
        return Err("it has no keys of A1111, Forge or SD.Next");
    }
    let version = given.text("sd version").or_else(|| given.text("sd_version_str"));
    let activation = given.long("activation text");
    let said = Said {
        description: given.page("description"),
        trigger_words: words::from_lists(activation.as_deref(), ""),
        // Until 1.7 the version was written as Python prints it.
        base: version
            .map(|version| version.trim_start_matches("SdVersion.").to_owned())
            .filter(|version| version != "Unknown"),
        notes: given.long("notes"),
        usage: Usage {
            // The card's slider stands at 0 until it is moved.
            preferred_weight: given.number("preferred weight").filter(|weight| *weight != 0.0),
            negative_text: given.long("negative text"),
            ..Usage::default()
        },
        // Other programs add these.
        hashes: given.text("sha256").and_then(|digits| Claim::new("sha256", &digits)).into_iter().collect(),
        extra: json::extra(given),
        ..Said::default()
    };
    // "Model not found" stands there for what Civitai does not know.
    let civitai = given.get("modelId").filter(|id| !id.is_null()).map(|_| Civitai {
        known: given.id("modelId").is_some(),
        model_id: given.id("modelId"),
        version_id: given.id("modelVersionId"),
        ..Civitai::default()
    });
    let store = Said { civitai, ..Said::default() };
    Ok(vec![(Trust::User, said), (Trust::Store, store)])
}
