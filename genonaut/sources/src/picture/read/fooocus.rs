//! Fooocus' own scheme (JSON under `parameters`, or in Exif), and RuinedFooocus.

use serde_json::{Map, Value};

use super::super::{Program, tags, values};
use super::{Fields, Made, Model};

const NOTES: [&str; 14] = [
    "version",
    "metadatascheme",
    "fullprompt",
    "fullnegativeprompt",
    "createdby",
    "refinerswitch",
    "refinerswapmethod",
    "overwriteswitch",
    "imagenumber",
    "software",
    "startstep",
    "rawprompt",
    "rawnegativeprompt",
    "promptexpansion",
];

pub fn read(given: &Map<String, Value>) -> Option<Made> {
    let mut fields = Fields::of(Program::Fooocus, given);
    let (prompt, negative) = (fields.text(&["prompt"]), fields.text(&["negativeprompt"]));
    loras(&mut fields, given);
    fields.prompts(&prompt?, &negative.unwrap_or_default(), tags::Order::TextEncoderFirst);
    fields.checkpoint(&["basemodel", "basemodelname"], &["basemodelhash"]);
    fields.cfg(&["guidancescale", "cfg"]);
    fields.size(&["resolution"]);
    rest(fields)
}

pub fn ruined(given: &Map<String, Value>) -> Option<Made> {
    let mut fields = Fields::of(Program::RuinedFooocus, given);
    let (prompt, negative) = (fields.text(&["prompt"]), fields.text(&["negative"]));
    loras(&mut fields, given);
    fields.prompts(&prompt.unwrap_or_default(), &negative.unwrap_or_default(), tags::Order::TextEncoderFirst);
    fields.checkpoint(&["basemodelname"], &["basemodelhash"]);
    fields.cfg(&["cfg"]);
    rest(fields)
}

fn rest(mut fields: Fields) -> Option<Made> {
    fields.steps(&["steps"]);
    fields.seed(&["seed"]);
    if fields.made.width.is_none() {
        fields.sides(&["width"], &["height"]);
    }
    fields.clip_skip(&["clipskip"]);
    fields.vae(&["vae"], &[]);
    fields.sampling(&["sampler", "samplername"], &["scheduler"]);
    fields.ignore(&NOTES);
    Some(fields.finish())
}

/// `"loras": [["film", 0.45, "hash"]]`, `"lora_combined_1": "film : 0.45"` or `"True : film : 0.45"`, and RuinedFooocus'
/// `[["hash", "0.45 - film"]]`.
fn loras(fields: &mut Fields, given: &Map<String, Value>) {
    for entry in fields.value(&["loras"]).as_ref().and_then(Value::as_array).into_iter().flatten() {
        let at = |at: usize| entry.get(at);
        let text = |place: usize| at(place).and_then(Value::as_str).unwrap_or_default();
        let (name, weight, hash) = match text(1).split_once(" - ") {
            Some((weight, name)) => (name, values::parse_float(weight), values::hash(text(0))),
            None => (text(0), at(1).and_then(values::float), values::hash(text(2))),
        };
        fields.made.add_lora(Model { hash, ..Model::named(name) }, weight, None);
    }
    for key in given.keys().filter(|key| key.starts_with("lora_combined") || key.starts_with("LoRA ")) {
        let Some(text) = fields.text(&[super::fields::fold(key).as_str()]) else { continue };
        let mut parts = text.rsplit(" : ");
        let (weight, name) = (parts.next().and_then(values::parse_float), parts.next().unwrap_or_default());
        // Of three parts the first says whether it was used.
        if parts.next() != Some("False") {
            fields.made.add_lora(Model::named(name), weight, None);
        }
    }
}
