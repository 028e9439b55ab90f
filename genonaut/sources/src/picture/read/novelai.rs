//! NovelAI 1 to 4: JSON under `Comment`, beside `Software: NovelAI`.

mod emphasis;

use serde_json::{Map, Value};

use super::super::report::{Feature, Reason};
use super::super::{Program, tags};
use super::{Fields, Made};

const NOTES: [&str; 22] = [
    "nsamples",
    "requesttype",
    "signedhash",
    "legacy",
    "legacyv3extend",
    "version",
    "paramsversion",
    "extrapassthroughtesting",
    "software",
    "source",
    "title",
    "description",
    "generationtime",
    "ucpreset",
    "qualitytoggle",
    "deliberateeulerancestralbug",
    "preferbrownian",
    "addoriginalimage",
    "paramsversion",
    "stream",
    "usenewsharedtrial",
    "comment",
];

pub fn read(given: &Map<String, Value>) -> Option<Made> {
    let mut fields = Fields::of(Program::NovelAi, given);
    let (base, characters) = caption(fields.value(&["v4prompt"]).as_ref());
    let (base_negative, negative_characters) = caption(fields.value(&["v4negativeprompt"]).as_ref());
    let (prompt, uc) = (fields.text(&["prompt", "input"]), fields.text(&["uc", "negativeprompt"]));
    let prompt = base.or(prompt)?;
    let negative = base_negative.or(uc).unwrap_or_default();
    let prompt = plain(&mut fields, "prompt", prompt);
    let negative = plain(&mut fields, "negative_prompt", negative);
    fields.prompts(&prompt, &negative, tags::Order::TextEncoderFirst);
    for (field, text) in characters
        .iter()
        .map(|text| ("character prompt", text))
        .chain(negative_characters.iter().map(|text| ("negative character prompt", text)))
    {
        fields.made.report.leave_out(field, text, Reason::Feature(Feature::RegionalPrompts));
    }
    fields.sides(&["width"], &["height"]);
    fields.steps(&["steps"]);
    fields.cfg(&["scale"]);
    fields.seed(&["seed"]);
    fields.sampling(&["sampler"], &["noiseschedule"]);
    // It records both for every image.
    let request = fields.text(&["requesttype"]).unwrap_or_default().to_lowercase();
    if !request.contains("img2img") && !request.contains("infill") {
        fields.ignore(&["strength", "noise"]);
    }
    fields.ignore(&NOTES);
    Some(fields.finish())
}

fn plain(fields: &mut Fields, field: &str, text: String) -> String {
    let Some(converted) = emphasis::converted(&text) else { return text };
    fields.made.report.change(field, &text, &converted, Reason::Emphasis);
    converted
}

/// The text for the whole image, and those for its characters.
fn caption(value: Option<&Value>) -> (Option<String>, Vec<String>) {
    let Some(caption) = value.and_then(|value| value.get("caption")) else { return (None, Vec::new()) };
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let characters = caption.get("char_captions").and_then(Value::as_array).into_iter().flatten();
    let characters =
        characters.filter_map(|character| text(character, "char_caption")).filter(|text| !text.trim().is_empty());
    (text(caption, "base_caption"), characters.take(20).collect())
}
