//! InvokeAI 3 to 6 (`invokeai_metadata`), 2 (`sd-metadata`), and its first versions (`Dream`).

mod legacy;

use serde_json::{Map, Value};

pub use legacy::{dream, version_2};

use super::super::report::Reason;
use super::super::{Program, tags, values};
use super::{Fields, Made, Model};

const NOTES: [&str; 12] = [
    "generationmode",
    "appversion",
    "createdby",
    "randdevice",
    "workflow",
    "graph",
    "type",
    "id",
    "isintermediate",
    "usecache",
    "canvasv2metadata",
    "seedbehaviour",
];

pub fn read(given: &Map<String, Value>) -> Option<Made> {
    let mut fields = Fields::of(Program::InvokeAi, given);
    let (prompt, negative) = (fields.text(&["positiveprompt"]), fields.text(&["negativeprompt"]));
    let prompt = with_style(&mut fields, "prompt", prompt.unwrap_or_default(), "positivestyleprompt");
    let negative = with_style(&mut fields, "negative_prompt", negative.unwrap_or_default(), "negativestyleprompt");
    fields.lora_objects(&["loras"]);
    fields.prompts(&prompt, &negative, tags::Order::TextEncoderFirst);
    fields.made.checkpoint = fields.value(&["model"]).and_then(|value| model(&value));
    if let Some(name) = fields.made.checkpoint.as_ref().map(|model| model.name.clone()) {
        fields.made.report.take("checkpoint", &name);
    }
    fields.made.vae = fields.value(&["vae"]).and_then(|value| model(&value));
    if let Some(name) = fields.made.vae.as_ref().map(|model| model.name.clone()) {
        fields.made.report.take("vae", &name);
    }
    fields.sides(&["width"], &["height"]);
    fields.steps(&["steps"]);
    fields.cfg(&["cfgscale"]);
    fields.seed(&["seed"]);
    sampling(&mut fields, given);
    // It counts the layers left out.
    fields.clip_skip(&["clipskip"]);
    fields.made.clip_skip = fields.made.clip_skip.map(|skipped| skipped.saturating_add(1));
    fields.ignore(&NOTES);
    Some(fields.finish())
}

/// FLUX and what came after it have one sampler and record none.
fn sampling(fields: &mut Fields, given: &Map<String, Value>) {
    let mode = given.get("generation_mode").and_then(Value::as_str).unwrap_or_default();
    let has_choice =
        matches!(mode.split('_').next(), Some("" | "txt2img" | "img2img" | "inpaint" | "outpaint" | "sdxl"));
    match fields.text(&["scheduler"]) {
        Some(name) if has_choice => fields.made.set_sampling(&name, None),
        Some(name) => fields.made.set_sampling(&name, Some("simple")),
        None if !has_choice => fields.made.set_sampling("euler", Some("simple")),
        None => {}
    }
}

/// SDXL's second prompt, which it encodes together with the first.
fn with_style(fields: &mut Fields, field: &str, prompt: String, key: &str) -> String {
    match fields.text(&[key]) {
        Some(style) if style != prompt => {
            fields.made.report.change(field, &style, &style, Reason::Joined);
            if prompt.is_empty() { style } else { format!("{prompt}, {style}") }
        }
        _ => prompt,
    }
}

/// `{"name", "hash": "blake3:…"}`; `model_name` in version 3, a bare name before.
fn model(value: &Value) -> Option<Model> {
    let name = value.get("name").or(value.get("model_name")).unwrap_or(value).as_str()?;
    let hash = value.get("hash").and_then(Value::as_str).and_then(values::hash);
    Some(Model { hash, ..Model::named(name) })
}
