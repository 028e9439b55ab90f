//! InvokeAI before version 3: a prompt with its negative words in square brackets.

use serde_json::{Map, Value};

use super::super::super::{Program, tags};
use super::super::{Fields, Made};

const NOTES: [&str; 10] =
    ["type", "appid", "appversion", "modelhash", "model", "modelid", "postprocessing", "rfc266", "origprompt", "grid"];
const OPTIONS: [(&str, &str); 15] = [
    ("-s", "steps"),
    ("-S", "seed"),
    ("-W", "width"),
    ("-H", "height"),
    ("-C", "cfg_scale"),
    ("-A", "sampler"),
    ("-I", "init_image"),
    ("-f", "strength"),
    ("-G", "gfpgan"),
    ("-U", "upscale"),
    ("-V", "variations"),
    ("-v", "variation_amount"),
    ("--steps", "steps"),
    ("--seed", "seed"),
    ("--sampler", "sampler"),
];

/// `{"model_weights": "…", "image": {"prompt": [{"prompt": "… [negative]"}], "sampler": "k_euler_a", …}}`
pub fn version_2(given: &Map<String, Value>) -> Option<Made> {
    let image = given.get("image")?.as_object()?;
    let outer = given.iter().filter(|(key, _)| *key != "image");
    let all = image.iter().chain(outer).map(|(key, value)| (key.clone(), value.clone()));
    let mut fields = Fields::new(Program::InvokeAi, all);
    let prompt = match fields.value(&["prompt"])? {
        Value::Array(parts) => {
            let text = |part: &Value| part.get("prompt").unwrap_or(part).as_str().map(str::to_owned);
            parts.iter().filter_map(text).collect::<Vec<_>>().join(" ")
        }
        prompt => prompt.as_str()?.to_owned(),
    };
    take(&mut fields, &prompt);
    fields.checkpoint(&["modelweights", "modelname"], &[]);
    fields.ignore(&NOTES);
    Some(fields.finish())
}

/// `"prompt [negative]" -s 24 -S 3 -W 512 -H 768 -C 6.5 -A k_euler_a`
pub fn dream(text: &str) -> Option<Made> {
    let (prompt, options) = text.trim().strip_prefix('"')?.rsplit_once('"')?;
    let mut words = options.split_whitespace();
    let mut pairs = Vec::new();
    while let Some(word) = words.next() {
        // The value may follow without a blank: `-s24`.
        let named =
            |option: &str| OPTIONS.iter().find(|(short, _)| *short == option).map(|(_, name)| (*name).to_owned());
        match (named(word), word.get(..2).and_then(named)) {
            (Some(name), _) => pairs.push((name, Value::from(words.next()?))),
            (None, Some(name)) => pairs.push((name, Value::from(&word[2..]))),
            (None, None) => pairs.push((word.trim_start_matches('-').to_owned(), Value::from(true))),
        }
    }
    if pairs.is_empty() {
        return None;
    }
    let mut fields = Fields::new(Program::InvokeAi, pairs);
    take(&mut fields, prompt);
    Some(fields.finish())
}

fn take(fields: &mut Fields, prompt: &str) {
    let (positive, negative) = split(prompt);
    fields.prompts(&positive, &negative, tags::Order::TextEncoderFirst);
    fields.steps(&["steps"]);
    fields.seed(&["seed"]);
    fields.sides(&["width"], &["height"]);
    fields.cfg(&["cfgscale"]);
    fields.sampling(&["sampler", "samplername"], &[]);
}

/// Words in square brackets are negative; `\[` is a bracket.
fn split(prompt: &str) -> (String, String) {
    let (mut positive, mut negative, mut depth, mut escaped) = (String::new(), Vec::new(), 0_u32, false);
    for c in prompt.chars() {
        match c {
            '[' if !escaped => {
                depth += 1;
                if depth == 1 {
                    negative.push(String::new());
                }
            }
            ']' if !escaped && depth > 0 => depth -= 1,
            _ if depth > 0 => negative.last_mut().into_iter().for_each(|text: &mut String| text.push(c)),
            _ => positive.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    let negative: Vec<_> = negative.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    (positive.trim().to_owned(), negative.join(", "))
}
