//! SwarmUI: `{"sui_image_params": {…}, "sui_extra_data": {…}, "sui_models": [{"name", "param", "hash"}]}`.

use serde_json::{Map, Value};

use super::super::report::{Feature, Reason};
use super::super::{Program, tags, values};
use super::{Fields, Made, Model};

/// What describes the file, or chooses nothing about the image.
const NOTES: [&str; 24] = [
    "swarmversion",
    "date",
    "generationtime",
    "images",
    "batchsize",
    "aspectratio",
    "automaticvae",
    "nopreviews",
    "wildcardseed",
    "imageformat",
    "donotsave",
    "originalprompt",
    "originalnegativeprompt",
    "usedwildcards",
    "wildcardseedbehavior",
    "sidelength",
    "resolution",
    "model",
    "personalnote",
    "loraweights",
    "loratencweights",
    "lorasectionconfinement",
    "internalbackendtype",
    "exactbackendid",
];
/// Its parts of a prompt that make something else than a text.
const PARTS: [(&str, Feature); 9] = [
    ("<segment", Feature::Detailer),
    ("<region", Feature::RegionalPrompts),
    ("<object", Feature::RegionalPrompts),
    ("<refiner", Feature::Refiner),
    ("<base>", Feature::Refiner),
    ("<clear", Feature::Inpainting),
    ("<extend", Feature::Inpainting),
    ("<embed", Feature::Embeddings),
    ("<edit", Feature::ImageToImage),
];

pub fn read(given: &Map<String, Value>) -> Option<Made> {
    let mut fields = Fields::of(Program::SwarmUi, given.get("sui_image_params")?.as_object()?);
    let (prompt, negative) = (fields.text(&["prompt"]), fields.text(&["negativeprompt"]));
    let prompt = prompt.unwrap_or_default();
    loras(&mut fields, given);
    fields.prompts(&prompt, &negative.unwrap_or_default(), tags::Order::ModelFirst);
    fields.checkpoint(&["model"], &[]);
    if let Some(checkpoint) = &mut fields.made.checkpoint {
        checkpoint.hash = hash(given, "model", None);
    }
    fields.vae(&["vae"], &[]);
    fields.sides(&["width"], &["height"]);
    fields.steps(&["steps"]);
    fields.cfg(&["cfgscale"]);
    fields.seed(&["seed"]);
    sampling(&mut fields);
    clip_skip(&mut fields);
    for (part, feature) in PARTS.iter().filter(|(part, _)| prompt.contains(part)) {
        fields.made.report.leave_out(part.trim_matches(['<', '>']), part, Reason::Feature(*feature));
    }
    fields.ignore(&NOTES);
    Some(fields.finish())
}

/// It records neither where its own are used: Euler, and a schedule that depends on the model.
fn sampling(fields: &mut Fields) {
    const SIMPLE: [&str; 9] = ["flux", "qwen", "z_image", "z-image", "zimage", "chroma", "hidream", "lumina", "wan"];
    let names = (["sampler", "comfyuisampler", "comfysampler", "autowebuisampler"], ["scheduler", "comfyuischeduler"]);
    let (sampler, scheduler) = (fields.text(&names.0), fields.text(&names.1));
    let model = fields.made.checkpoint.as_ref().map(|model| model.name.to_lowercase()).unwrap_or_default();
    let own = SIMPLE.iter().any(|family| model.contains(family)).then_some("simple");
    fields.made.set_sampling(sampler.as_deref().unwrap_or("euler"), scheduler.as_deref().or(own));
    if sampler.is_none() {
        let reason = Reason::WriterDefault(Program::SwarmUi);
        fields.made.report.taken.retain(|item| item.field != "sampler");
        fields.made.report.change("sampler", "", "euler", reason);
    }
}

/// `clipstopatlayer` counts from the end: -2 skips one.
fn clip_skip(fields: &mut Fields) {
    let layer = fields.value(&["clipstopatlayer"]).and_then(|value| values::float(&value));
    fields.made.clip_skip = layer.filter(|layer| (-12.0..=-1.0).contains(layer)).map(|layer| (-layer) as u32);
    if let Some(skip) = fields.made.clip_skip {
        fields.made.report.take("clip_skip", &skip.to_string());
    }
}

/// Names and weights stand in lists, or each list in one text with commas.
fn loras(fields: &mut Fields, given: &Map<String, Value>) {
    let mut list = |key: &str| match fields.value(&[key]) {
        Some(Value::Array(items)) => items.iter().map(values::text).collect(),
        Some(Value::String(text)) => text.split(',').map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let (names, weights, clip): (Vec<String>, Vec<String>, Vec<String>) =
        (list("loras"), list("loraweights"), list("loratencweights"));
    let at = |list: &[String], at: usize| list.get(at).and_then(|weight| values::parse_float(weight));
    for (place, name) in names.iter().map(|name| name.trim()).enumerate().filter(|(_, name)| !name.is_empty()) {
        let model = Model { hash: hash(given, "loras", Some(name)), ..Model::named(name) };
        // No list of weights stands for 1 each.
        let weight = at(&weights, place).or_else(|| weights.is_empty().then_some(1.0));
        fields.made.add_lora(model, weight, at(&clip, place));
    }
}

fn hash(given: &Map<String, Value>, param: &str, name: Option<&str>) -> Option<String> {
    let models = given.get("sui_models")?.as_array()?;
    let text = |model: &Value, key: &str| model.get(key).and_then(Value::as_str).map(str::to_owned);
    let is_it = |model: &&Value| {
        let of = name.is_none_or(|name| {
            text(model, "name").is_some_and(|known| Model::named(&known).name == Model::named(name).name)
        });
        text(model, "param").as_deref() == Some(param) && of
    };
    values::hash(&text(models.iter().find(is_it)?, "hash")?)
}
