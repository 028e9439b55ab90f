//! Draw Things: JSON in XMP's `exif:UserComment`.

use serde_json::{Map, Value};

use super::super::{Program, tags};
use super::{Fields, Made};

const NOTES: [&str; 3] = ["v2", "profile", "lora"];

pub fn read(given: &Map<String, Value>) -> Option<Made> {
    let mut fields = Fields::of(Program::DrawThings, given);
    let (prompt, negative) = (fields.text(&["c"]), fields.text(&["uc"]));
    fields.lora_objects(&["lora", "loras"]);
    if fields.made.loras.is_empty() {
        // The whole configuration of later versions.
        let later = given.get("v2").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut later = Fields::of(Program::DrawThings, &later);
        later.lora_objects(&["loras"]);
        fields.made.loras = later.made.loras;
        fields.made.report.taken.extend(later.made.report.taken);
    }
    fields.prompts(&prompt.unwrap_or_default(), &negative.unwrap_or_default(), tags::Order::TextEncoderFirst);
    fields.checkpoint(&["model"], &[]);
    fields.size(&["size"]);
    fields.steps(&["steps"]);
    fields.cfg(&["scale"]);
    fields.seed(&["seed"]);
    fields.sampling(&["sampler"], &[]);
    fields.clip_skip(&["clipskip"]);
    fields.ignore(&NOTES);
    Some(fields.finish())
}
