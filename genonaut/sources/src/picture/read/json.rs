//! One JSON object, whichever program wrote it: under a keyword, in a comment, or pasted.

use serde_json::{Map, Value};

use super::{Made, comfyui, draw_things, easy_diffusion, fooocus, generic, invokeai, novelai, swarmui};

/// Larger texts (8 MiB) are no recipes.
const LONGEST: usize = 8 << 20;
/// Values of an object: each takes many times its letters of memory once it is read.
const MOST_VALUES: usize = 300_000;
/// Objects within objects.
const DEEPEST: usize = 3;

/// `None` when the text is no JSON object.
pub fn object(text: &str) -> Option<Map<String, Value>> {
    let text = text.trim();
    if !text.starts_with('{') || text.len() > LONGEST || most_values(text) > MOST_VALUES {
        return None;
    }
    // Python writes NaN for what is no number.
    let parsed = serde_json::from_str(text).or_else(|_| serde_json::from_str(&without_nan(text)));
    parsed.ok()
}

/// What the object says; the program is told by names that only it uses.
pub fn read(object: &Map<String, Value>) -> Option<Made> {
    read_within(object, 0)
}

fn read_within(object: &Map<String, Value>, depth: usize) -> Option<Made> {
    let has = |key: &str| object.contains_key(key);
    let inner = |key: &str| match object.get(key)? {
        Value::Object(inner) => Some(inner.clone()),
        Value::String(text) => self::object(text),
        _ => None,
    };
    match () {
        () if has("sui_image_params") => swarmui::read(object),
        () if has("positive_prompt") && (has("scheduler") || has("generation_mode") || has("app_version")) => {
            invokeai::read(object)
        }
        () if has("image") && (has("app_version") || has("model_weights")) => invokeai::version_2(object),
        () if is_novelai(object) => novelai::read(object),
        () if has("use_stable_diffusion_model") || has("Stable Diffusion model") => easy_diffusion::read(object),
        () if has("c") && (has("uc") || has("v2")) => draw_things::read(object),
        () if has("software") && has("Prompt") => fooocus::ruined(object),
        () if has("base_model") || has("base_model_name") || has("metadata_scheme") => fooocus::read(object),
        () if has("extraMetadata") => civitai(object, inner("extraMetadata")),
        () if is_graph(object) => comfyui::read(object),
        () => {
            // Some wrap it: `{"prompt": {…graph…}, "workflow": {…}}`, `{"parameters": "…"}`.
            const KEYS: [&str; 8] = [
                "invokeai_metadata",
                "sd-metadata",
                "Comment",
                "parameters",
                "generation_data",
                "prompt",
                "meta",
                "metadata",
            ];
            let wrapped = KEYS.iter().filter(|_| depth < DEEPEST);
            let wrapped = wrapped.filter_map(|key| inner(key)).find_map(|inner| read_within(&inner, depth + 1));
            let text = || super::super::infotext::read(object.get("parameters")?.as_str()?);
            wrapped.or_else(text).or_else(|| generic::read(object))
        }
    }
}

/// Civitai's generator: a graph, and the settings in words, which name no files.
fn civitai(graph: &Map<String, Value>, settings: Option<Map<String, Value>>) -> Option<Made> {
    let from_graph = comfyui::read(graph);
    let Some(mut made) = settings.and_then(|settings| generic::read(&settings)) else { return from_graph };
    let Some(from_graph) = from_graph else { return Some(made) };
    made.width = made.width.or(from_graph.width);
    made.height = made.height.or(from_graph.height);
    made.checkpoint = made.checkpoint.or(from_graph.checkpoint);
    for lora in from_graph.loras {
        made.add_lora(lora.model, Some(lora.weight), lora.clip_weight);
    }
    Some(made)
}

/// No fewer values than there are: signs within texts count too.
fn most_values(text: &str) -> usize {
    text.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count()
}

fn is_graph(object: &Map<String, Value>) -> bool {
    object.values().any(|node| node.get("class_type").is_some())
}

pub fn is_novelai(object: &Map<String, Value>) -> bool {
    let marks = ["uncond_scale", "v4_prompt", "noise_schedule", "signed_hash", "sm_dyn"];
    let has = |key: &str| object.contains_key(key);
    (has("uc") && has("scale") && !has("c")) || marks.iter().any(|key| object.contains_key(*key))
}

fn without_nan(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = ["-Infinity", "Infinity", "NaN"].into_iter().find(|word| !quoted && rest.starts_with(word));
        if let Some(word) = word {
            out.push_str("null");
            rest = &rest[word.len()..];
            continue;
        }
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}
