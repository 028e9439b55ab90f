//! What Civitai answers about a model or a version, as programs save it: `<stem>.civitai.info`, `<stem>.api_info.json`, and
//! in parts of other files.

use serde_json::Value;

use super::super::{Civitai, Claim, Said, Trust, text, words};
use super::json::{self, Read};
use super::{Beside, Fields, Found, examples};

/// A version has a handful of files with six hashes each.
const MOST_HASHES: usize = 200;

pub fn read(given: &Fields, beside: Beside) -> Found {
    const KEYS: [&str; 5] = ["id", "modelId", "baseModel", "trainedWords", "model"];
    if given.contains_key("modelVersions") {
        return Ok(vec![(Trust::Store, model(given, beside))]);
    }
    if given.is_empty() || given.contains_key("error") {
        return Ok(vec![(Trust::Store, not_known())]);
    }
    if !KEYS.iter().any(|key| given.contains_key(*key)) {
        return Err("it has no keys of the Civitai API");
    }
    Ok(vec![(Trust::Store, version(given))])
}

/// Civitai was asked for the file's hash and does not have it.
pub fn not_known() -> Said {
    Said { civitai: Some(Civitai::default()), ..Said::default() }
}

/// A version, as `model-versions/by-hash` gives it; with or without its model inside.
pub fn version(given: &Fields) -> Said {
    let of_model = given.object("model").map(about_model).unwrap_or_default();
    let trained_words: Vec<&str> = given.texts("trainedWords").into_iter().take(words::MOST).collect();
    Said {
        version: given.text("name"),
        description: given.page("description").or(of_model.description),
        trigger_words: words::from_lists(trained_words.iter().copied(), ""),
        base: given.text("baseModel"),
        author: given.object("creator").and_then(|creator| creator.text("username")).or(of_model.author),
        usage: examples::agreed(given.list("images")),
        examples: examples::hints(given.list("images")),
        hashes: all_hashes(given).take(MOST_HASHES).collect(),
        // Lora-Manager keeps words there that its user wrote about a model of no store.
        civitai: given.id("id").or(given.id("modelId")).map(|_| Civitai {
            known: true,
            model_id: given.id("modelId"),
            version_id: given.id("id"),
            air: given.text("air"),
            trained_words: trained_words.into_iter().filter_map(text::long).collect(),
        }),
        extra: json::extra(given),
        ..of_model
    }
}

/// A model with all its versions, of which one is beside a file.
pub fn model(given: &Fields, beside: Beside) -> Said {
    let of_model = about_model(given);
    let versions: Vec<&Fields> = given.list("modelVersions").iter().filter_map(Value::as_object).collect();
    let Some(found) = version_of(&versions, beside) else {
        // Whether it is about this model at all shows once the model's hash is known.
        let hashes = versions.iter().flat_map(|version| all_hashes(version)).take(MOST_HASHES).collect();
        return Said { hashes, extra: json::extra(given), ..of_model };
    };
    let version = version(found);
    Said {
        name: of_model.name,
        tags: of_model.tags,
        author: of_model.author,
        description: version.description.or(of_model.description),
        civitai: version.civitai.map(|civitai| Civitai { model_id: given.id("id"), ..civitai }),
        ..version
    }
}

fn all_hashes(version: &Fields) -> impl Iterator<Item = Claim> {
    version.list("files").iter().filter_map(Value::as_object).flat_map(hashes)
}

/// The hashes of each model file of a version; configurations and training data are files too.
fn hashes(file: &Fields) -> Vec<Claim> {
    let of_model = file.text("type").is_none_or(|kind| kind.contains("Model"));
    let hashes = file.object("hashes").filter(|_| of_model).into_iter().flatten();
    hashes.filter_map(|(kind, digits)| Claim::new(kind, digits.as_str()?)).collect()
}

fn about_model(given: &Fields) -> Said {
    Said {
        name: given.text("name"),
        description: given.page("description"),
        tags: text::tags(given.texts("tags")),
        author: given.object("creator").and_then(|creator| creator.text("username")),
        ..Said::default()
    }
}

/// The version with the very file, else with a file of that name, or the only one.
fn version_of<'a>(versions: &[&'a Fields], beside: Beside) -> Option<&'a Fields> {
    let same = |version: &&&Fields| all_hashes(version).any(|claim| beside.hashes.matches(&claim));
    let named = |version: &&&Fields| {
        let mut files = version.list("files").iter().filter_map(|file| file.get("name")?.as_str());
        files.any(|name| crate::picture::Model::named(name).name == beside.stem)
    };
    let only = || versions.first().filter(|_| versions.len() == 1);
    versions.iter().find(same).or_else(|| versions.iter().find(named)).or_else(only).copied()
}
