//! What a model is, beyond what can be changed: facts with their sources, and what is odd about it.

use genonaut_db::architecture;
use genonaut_db::provenance::{Origin, Source};
use serde_json::Value;

use super::editor;
use super::record::Record;
use crate::settings;
use crate::web::{taught, view};

const CIVITAI: &str = "Civitai";

pub struct Fact {
    pub label: &'static str,
    pub value: String,
    /// Whose word it is.
    pub origin: Option<String>,
    /// Where more of it stands, elsewhere.
    pub link: Option<String>,
    /// The form of the model has it.
    pub edited: bool,
}

/// What the form of a model shows with its source.
const EDITED: [&str; 4] = ["version", "family", "metadata.notes", "metadata.weight_range"];

/// What is known, in the order in which people ask for it.
pub fn of(model: &Record, origins: &[Origin]) -> Vec<Fact> {
    let known = model.metadata.get::<Value>(&[]).unwrap_or_default();
    let spelled = if model.kind.is_lora() { "compatible_architectures" } else { "architecture" };
    let text = |key: &str| known[key].as_str().map(str::to_owned);
    let facts = [
        ("Path", Some(model.path.clone()), ""),
        ("Filename", model.filename.clone(), ""),
        ("Version", model.version.clone(), "version"),
        ("Base model", Some(model.bases.join(", ")), spelled),
        ("As written in the file", Some(model.architectures.join(", ")), ""),
        ("Detected", detected(&known["detection"]), ""),
        ("Family", model.family.clone(), "family"),
        ("Kind", kind(&known), ""),
        ("Precision", precision(&known), ""),
        ("Rank", rank(&known), ""),
        ("Author", text("author"), "metadata.author"),
        ("License", text("license"), "metadata.license"),
        ("Favorite", (known["favorite"] == true).then(|| "Yes".to_owned()), "metadata.favorite"),
        ("Notes", text("notes"), "metadata.notes"),
        ("Negative prompt", text("negative_text"), "metadata.negative_text"),
        ("Weight range", weight_range(&known["weight_range"]), "metadata.weight_range"),
        ("Text encoder weight", known["clip_weight"].as_f64().map(|weight| weight.to_string()), "metadata.clip_weight"),
        ("Recommended settings", settings(&known["usage"]), "metadata.usage"),
        ("Example images", settings(&known["examples"]), "metadata.examples"),
        (CIVITAI, civitai(&known["civitai"]), "metadata.civitai"),
        ("Your images", taught::stars(model.average_stars, model.rated_pictures), ""),
        ("Learned rating", learned(model), ""),
        ("Used", used(model), ""),
        ("Added", Some(model.created.clone()), ""),
        ("Updated", Some(model.updated.clone()), ""),
    ];
    let fact = |(label, value, field): (&'static str, Option<String>, &str)| {
        let value = value.filter(|value| !value.is_empty())?;
        let link = civitai_link(&known["civitai"]).filter(|_| label == CIVITAI);
        Some(Fact { label, value, origin: told(origins, field), link, edited: EDITED.contains(&field) })
    };
    facts.into_iter().filter_map(fact).collect()
}

fn weight_range(range: &Value) -> Option<String> {
    Some(format!("{} to {}", range[0].as_f64()?, range[1].as_f64()?))
}

/// How images are made with it, as far as somebody says it.
fn settings(known: &Value) -> Option<String> {
    let number = |key: &str, unit: &str| known[key].as_f64().map(|number| format!("{number}{unit}"));
    let sampler = known["sampler"].as_str().map(|sampler| match known["scheduler"].as_str() {
        Some(scheduler) => format!("{sampler}, {scheduler}"),
        None => sampler.to_owned(),
    });
    let size = known["width"].as_u64().zip(known["height"].as_u64());
    let parts = [
        number("steps", " steps"),
        known["cfg"].as_f64().map(|cfg| format!("CFG {cfg}")),
        sampler,
        size.map(|(width, height)| format!("{width}×{height}")),
        known["clip_skip"].as_u64().map(|skip| format!("clip skip {skip}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn civitai(known: &Value) -> Option<String> {
    match (known["known"].as_bool()?, known["model_id"].as_u64(), known["version_id"].as_u64()) {
        (false, ..) => Some("Not found on Civitai".to_owned()),
        (true, Some(model), Some(version)) => Some(format!("Model {model}, version {version}")),
        (true, Some(model), None) => Some(format!("Model {model}")),
        (true, None, Some(version)) => Some(format!("Version {version}")),
        (true, None, None) => None,
    }
}

/// Made of numbers alone: a file cannot lead elsewhere.
fn civitai_link(known: &Value) -> Option<String> {
    let version = known["version_id"].as_u64();
    match known["model_id"].as_u64() {
        Some(model) => {
            let version = version.map(|version| format!("?modelVersionId={version}")).unwrap_or_default();
            Some(format!("https://civitai.com/models/{model}{version}"))
        }
        None => version.map(|version| format!("https://civitai.com/model-versions/{version}")),
    }
}

/// Where the stars of its pictures have moved its rating.
fn learned(model: &Record) -> Option<String> {
    let learned = model.learned_rating.filter(|_| model.rated_pictures > 0)?;
    let from = model.rating.map_or_else(String::new, |given| format!(" and the rating ★ {}", view::of_five(given)));
    Some(format!("★ {}, from your stars{from}", view::of_five(learned)))
}

fn used(model: &Record) -> Option<String> {
    let last = model.last_used.as_ref()?;
    Some(format!("{}, last on {last}", taught::made(model.pictures)))
}

/// Sentences: what speaks against what, and what was met while the file was read.
pub fn warnings(model: &Record) -> Vec<String> {
    let known = model.metadata.get::<Value>(&[]).unwrap_or_default();
    let codes = known["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let not_used = settings::not_used(&model.metadata, model.base.as_deref());
    let not_used = not_used.iter().map(|refused| format!("{} This default is ignored.", refused.sentence()));
    conflict(&known["detection"]).into_iter().chain(codes.map(sentence)).chain(not_used).collect()
}

/// What Genonaut fills in by itself needs no word.
fn told(origins: &[Origin], field: &str) -> Option<String> {
    let origin = origins.iter().find(|origin| origin.field == field)?;
    (origin.source != Source::Genonaut).then(|| editor::told(&origin.source))
}

fn kind(known: &Value) -> Option<String> {
    let kind = known["kind"].as_str()?;
    let kind = if kind == "lora" { "LoRA".to_owned() } else { kind.replace('_', " ") };
    let adapter = known["adapter"].as_str().filter(|adapter| *adapter != "lora");
    let parts = [Some(kind.as_str()), adapter, known["variant"].as_str(), known["format"].as_str()];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn precision(known: &Value) -> Option<String> {
    let packed = known["quantization"].as_array().into_iter().flatten();
    let parts = [&known["precision"]].into_iter().chain(packed).filter_map(Value::as_str);
    let text = parts.collect::<Vec<_>>().join(", ");
    Some(text).filter(|text| !text.is_empty())
}

fn rank(known: &Value) -> Option<String> {
    let rank = &known["rank"];
    let (mode, least, most) = (rank["mode"].as_u64()?, rank["min"].as_u64()?, rank["max"].as_u64()?);
    let range = if least < most { format!(" ({least} to {most})") } else { String::new() };
    let alpha = known["alpha"].as_f64().map(|alpha| format!(", alpha {alpha}")).unwrap_or_default();
    Some(format!("{mode}{range}{alpha}"))
}

/// How sure it is, how that is known, and what else is possible.
fn detected(detection: &Value) -> Option<String> {
    let found = architecture::label(detection["architecture"].as_str()?);
    let how = match detection["source"].as_str() {
        Some("keys") => " from weights",
        Some("metadata") => " from the header",
        Some("keys+metadata") => " from weights and header",
        Some("sidecar") => " from a sidecar file",
        Some("keys+sidecar") => " from weights and a sidecar file",
        _ => "",
    };
    let sure = detection["confidence"].as_str().map(|sure| format!(", {sure} confidence")).unwrap_or_default();
    // Where it is sure, the others are only what cannot be excluded.
    let open = detection["alternatives"].as_array().filter(|_| detection["confidence"] != "high");
    let others = open.into_iter().flatten().filter_map(Value::as_str);
    let others = others.map(architecture::label).collect::<Vec<_>>().join(", ");
    let others = if others.is_empty() { others } else { format!("; could also be {others}") };
    Some(format!("{found}{how}{sure}{others}"))
}

fn conflict(detection: &Value) -> Option<String> {
    let claim = (detection["claim"]["by"].as_str(), detection["claim"]["base"].as_str());
    let found = detection["architecture"].as_str().map_or("another base model", architecture::label);
    match claim {
        (Some(by), Some(base)) => {
            let by = if matches!(by, "header" | "file name") { format!("The {by}") } else { by.to_owned() };
            Some(format!("{by} says {base}, the weights say {found}. Using {found}."))
        }
        _ if detection["conflict"] == true => {
            Some(format!("The header names another base model, the weights say {found}. Using {found}."))
        }
        _ => None,
    }
}

fn sentence(code: &str) -> String {
    let (what, about) = code.split_once(':').unwrap_or((code, ""));
    match what {
        "needs-conversion" => "This is a pickle file. Convert it to .safetensors for the engines.".to_owned(),
        "bad-sidecar" => match about.split_once(": ") {
            Some((file, why)) => format!("{file} could not be read: {why}."),
            None => format!("{about} could not be read."),
        },
        "stale-sidecar" => format!("{about} describes another file and was ignored."),
        "cut" => format!("{about} was too long and was cut.", about = about.replace('_', " ")),
        "word-cut" => format!("Some {} are longer than 500 characters and were cut.", about.replace('_', " ")),
        "word-too-long" => format!("Some {} were too long and were skipped.", about.replace('_', " ")),
        "too-many-words" => format!("There were too many {}. Some were skipped.", about.replace('_', " ")),
        _ if about.is_empty() => format!("Warning from the file reader: {}.", what.replace('-', " ")),
        _ => format!("Warning from the file reader: {}, {about}.", what.replace('-', " ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tensors_that_speak_against_a_file_beside_them_are_told_of() {
        let claimed = json!({"architecture": "sdxl", "conflict": true, "claim": {"base": "SD 1.5", "by": "a.json"}});
        assert_eq!(conflict(&claimed).as_deref(), Some("a.json says SD 1.5, the weights say SDXL. Using SDXL."));
        let claimed = json!({"architecture": "z-image", "conflict": true, "claim": {"base": "SDXL", "by": "header"}});
        assert_eq!(
            conflict(&claimed).as_deref(),
            Some("The header says SDXL, the weights say Z-Image. Using Z-Image.")
        );
        assert!(conflict(&json!({"architecture": "sdxl", "conflict": true})).is_some());
        assert_eq!(conflict(&json!({"architecture": "sdxl", "conflict": false})), None);
    }

    #[test]
    fn facts_are_said_as_far_as_they_are_known() {
        let detection =
            json!({"architecture": "sdxl", "confidence": "low", "source": "keys", "alternatives": ["pony"]});
        let said = "SDXL from weights, low confidence; could also be Pony";
        assert_eq!(detected(&detection).as_deref(), Some(said));
        let known = json!({"rank": {"mode": 16, "min": 8, "max": 32}, "alpha": 8.0, "kind": "lora", "adapter": "locon", "format": "safetensors"});
        assert_eq!(rank(&known).as_deref(), Some("16 (8 to 32), alpha 8"));
        assert_eq!(kind(&known).as_deref(), Some("LoRA, locon, safetensors"));
        let nothing = json!({});
        assert_eq!((detected(&nothing), rank(&nothing), kind(&nothing), precision(&nothing)), (None, None, None, None));
    }

    #[test]
    fn what_programs_know_of_a_model_is_shown() {
        let usage =
            json!({"steps": 28, "cfg": 5.5, "sampler": "euler", "scheduler": "karras", "width": 832, "height": 1216});
        assert_eq!(settings(&usage).as_deref(), Some("28 steps, CFG 5.5, euler, karras, 832×1216"));
        assert_eq!((settings(&json!(null)), weight_range(&json!([0.5]))), (None, None));
        assert_eq!(weight_range(&json!([0.5, 1.0])).as_deref(), Some("0.5 to 1"));
        let known = json!({"known": true, "model_id": 12, "version_id": 34});
        assert_eq!(civitai(&known).as_deref(), Some("Model 12, version 34"));
        assert_eq!(civitai_link(&known).as_deref(), Some("https://civitai.com/models/12?modelVersionId=34"));
        let odd = json!({"known": true, "model_id": "javascript:alert(1)"});
        assert_eq!((civitai(&odd), civitai_link(&odd)), (None, None));
        assert_eq!(civitai(&json!({"known": false})).as_deref(), Some("Not found on Civitai"));
    }

    #[test]
    fn every_code_becomes_a_sentence() {
        assert_eq!(sentence("stale-sidecar:a.json"), "a.json describes another file and was ignored.");
        assert_eq!(
            sentence("bad-sidecar:a.json: it is cut off in line 3"),
            "a.json could not be read: it is cut off in line 3."
        );
        assert_eq!(
            sentence("word-cut:trigger_words"),
            "Some trigger words are longer than 500 characters and were cut."
        );
        assert_eq!(sentence("odd-thing"), "Warning from the file reader: odd thing.");
        assert_eq!(sentence("odd-thing:x"), "Warning from the file reader: odd thing, x.");
    }
}
