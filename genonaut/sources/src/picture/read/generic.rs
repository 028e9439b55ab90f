//! JSON of programs that nothing more is known of: names that nearly all use (NMKD, StabilityMatrix, TensorArt, AI
//! Horde, Civitai, Hugging Face's pages).

use serde_json::{Map, Value};

use super::super::{Program, tags};
use super::{Fields, Made, Model};

const PROMPT: [&str; 6] = ["prompt", "positiveprompt", "positive", "inputprompt", "textprompt", "textprompts"];
const NEGATIVE: [&str; 8] =
    ["negativeprompt", "negative", "promptneg", "negativeprompts", "uc", "negprompt", "unconditionalprompt", "nprompt"];
const STEPS: [&str; 4] = ["steps", "numinferencesteps", "samplingsteps", "ddimsteps"];
const CFG: [&str; 6] = ["cfgscale", "guidancescale", "cfg", "scale", "scaletxt", "guidance"];

/// `None` when it holds no prompt with settings.
pub fn read(given: &Map<String, Value>) -> Option<Made> {
    let params = given.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
    let all = given.iter().filter(|(key, _)| *key != "params").chain(&params);
    let mut fields = Fields::new(Program::Other, all.map(|(key, value)| (key.clone(), value.clone())));
    let (prompt, negative) = (fields.text(&PROMPT)?, fields.text(&NEGATIVE));
    // AI Horde has both in one text.
    let (prompt, behind) =
        prompt.split_once("###").map_or((prompt.as_str(), None), |(prompt, rest)| (prompt, Some(rest)));
    let negative = negative.or(behind.map(str::to_owned)).unwrap_or_default();
    for names in ["loras", "lora", "additionalnetworks", "models"] {
        fields.lora_objects(&[names]);
    }
    fields.prompts(prompt, &negative, tags::Order::TextEncoderFirst);
    fields.steps(&STEPS);
    fields.cfg(&CFG);
    fields.seed(&["seed", "seeds"]);
    fields.size(&["size", "resolution", "res"]);
    if fields.made.width.is_none() {
        fields.sides(&["width", "w"], &["height", "h"]);
    }
    fields.clip_skip(&["clipskip"]);
    fields.checkpoint(
        &["model", "modelname", "checkpoint", "ckpt", "basemodel", "sdmodelcheckpoint", "modelweights"],
        &["modelhash", "hash"],
    );
    // AI Horde has a list of names, of which it took one.
    if let (None, Some(name)) = (&fields.made.checkpoint, given.get("models").and_then(|list| list.get(0)?.as_str())) {
        fields.made.know_checkpoint(Model::named(name));
    }
    fields.vae(&["vae"], &[]);
    fields.sampling(&["sampler", "samplername", "samplerindex"], &["scheduler", "scheduletype", "schedulername"]);
    let told = [
        fields.made.steps.is_some(),
        fields.made.seed.is_some(),
        fields.made.cfg.is_some(),
        fields.made.sampler.is_some(),
    ];
    (told.iter().filter(|told| **told).count() >= 2).then(|| fields.finish())
}
