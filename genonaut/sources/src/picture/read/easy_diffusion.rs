//! Easy Diffusion: a PNG text for each value, or one JSON object; names for the program or for people.

use serde_json::{Map, Value};

use super::super::{Program, tags, values};
use super::{Fields, Made, Model};

/// The names of its PNG texts.
pub const KEYWORDS: [&str; 2] = ["use_stable_diffusion_model", "Stable Diffusion model"];
const NOTES: [&str; 10] = [
    "numoutputs",
    "outputformat",
    "outputquality",
    "outputlossless",
    "vramusagelevel",
    "usedrandomseed",
    "activetags",
    "inactivetags",
    "metadataoutputformat",
    "sessionid",
];

pub fn read(given: &Map<String, Value>) -> Option<Made> {
    let mut fields = Fields::of(Program::EasyDiffusion, given);
    let (prompt, negative) = (fields.text(&["prompt"]), fields.text(&["negativeprompt"]));
    loras(&mut fields);
    fields.prompts(&prompt.unwrap_or_default(), &negative.unwrap_or_default(), tags::Order::TextEncoderFirst);
    fields.checkpoint(&["usestablediffusionmodel", "stablediffusionmodel"], &[]);
    fields.vae(&["usevaemodel", "vaemodel"], &[]);
    fields.sides(&["width"], &["height"]);
    fields.steps(&["numinferencesteps", "steps"]);
    fields.cfg(&["guidancescale"]);
    fields.seed(&["seed"]);
    fields.sampling(&["samplername", "sampler"], &["schedulername", "scheduler"]);
    // Whether the last layer is skipped.
    let skips = fields.text(&["clipskip"]);
    fields.made.clip_skip = skips.map(|text| if text.eq_ignore_ascii_case("true") { 2 } else { 1 });
    fields.ignore(&NOTES);
    Some(fields.finish())
}

/// Names and weights, each one value or a list, a list as JSON or as Python writes it.
fn loras(fields: &mut Fields) {
    let names = list(fields.value(&["useloramodel", "loramodel"]));
    let weights = list(fields.value(&["loraalpha", "loraweight", "lorastrength"]));
    for (at, name) in names.iter().enumerate().filter(|(_, name)| !super::fields::is_none(name)) {
        let weight = weights.get(at).and_then(|weight| values::parse_float(weight));
        fields.made.add_lora(Model::named(name), weight, None);
    }
}

fn list(value: Option<Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().map(values::text).collect(),
        Some(Value::String(text)) => {
            let inner = text.trim().trim_matches(['[', ']']);
            inner.split(',').map(|item| item.trim().trim_matches(['\'', '"']).to_owned()).collect()
        }
        Some(value) => vec![values::text(&value)],
        None => Vec::new(),
    }
}
