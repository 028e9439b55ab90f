//! Which program wrote the texts of a file, and what they say together.

use serde_json::{Map, Value};

use super::super::infotext;
use super::{Made, Program, Texts, easy_diffusion, invokeai, json, midjourney, novelai};

/// Where the whole of it stands in one text.
const WHOLE: [&str; 9] = [
    "parameters",
    "UserComment",
    "Comment",
    "XPComment",
    "Description",
    "ImageDescription",
    "Title",
    "postprocessing",
    "Model",
];

/// Our own word says most, then a text or an object with all settings, then a graph.
pub fn read(texts: &Texts) -> Option<Made> {
    own(texts)
        .or_else(|| settings(texts))
        .or_else(|| easy(texts))
        .or_else(|| keyed(texts))
        .or_else(|| whole(texts))
        .or_else(|| graph(texts))
        .or_else(|| ["parameters", "UserComment"].iter().find_map(|key| infotext::prompts(texts.get(key)?)))
        .or_else(|| ["Description", "ImageDescription"].iter().find_map(|key| midjourney::read(texts.get(key)?)))
}

/// A text that hides within pixels: settings, or an object with all the texts that the file had.
pub fn add(hidden: &str, texts: &mut Texts) {
    for (key, value) in json::object(hidden).iter().flatten() {
        if let Some(text) = value.as_str() {
            texts.push(key, text);
        }
    }
    texts.push("parameters", hidden);
}

fn own(texts: &Texts) -> Option<Made> {
    let recipe = texts.all("genonaut").find_map(json::object)?;
    let rest = texts.get("parameters").and_then(infotext::read).unwrap_or_default();
    Some(Made { by: Program::Genonaut, recipe: Some(Value::Object(recipe)), ..rest })
}

/// What nodes of ComfyUI leave out of the settings stands in the graph beside them.
fn settings(texts: &Texts) -> Option<Made> {
    let made = texts.all("parameters").find_map(|text| match json::object(text) {
        Some(object) => json::read(&object),
        None => infotext::read(text),
    })?;
    Some(match graph(texts) {
        Some(graph) if made.by != Program::ComfyUi => with_graph(made, graph),
        _ => made,
    })
}

fn with_graph(mut made: Made, graph: Made) -> Made {
    let unknown =
        |made: &Made, name: &str| made.report.changed.iter().any(|item| item.field == "lora" && item.written == name);
    for lora in graph.loras {
        match made.loras.iter().position(|known| known.model.name.eq_ignore_ascii_case(&lora.model.name)) {
            Some(place) if unknown(&made, &made.loras[place].model.name) => {
                let name = made.loras[place].model.name.clone();
                made.report.changed.retain(|item| item.field != "lora" || item.written != name);
                made.report.take("lora", &format!("{name} {}", lora.weight));
                (made.loras[place].weight, made.loras[place].clip_weight) = (lora.weight, lora.clip_weight);
            }
            Some(_) => {}
            None => made.add_lora(lora.model, Some(lora.weight), lora.clip_weight),
        }
    }
    if let Some(checkpoint) = graph.checkpoint {
        made.know_checkpoint(checkpoint);
    }
    made
}

/// Each value under a keyword of its own.
fn easy(texts: &Texts) -> Option<Made> {
    easy_diffusion::KEYWORDS.iter().find_map(|key| texts.get(key))?;
    let object: Map<String, Value> = texts.iter().map(|(key, text)| (key.to_owned(), Value::from(text))).collect();
    easy_diffusion::read(&object)
}

fn keyed(texts: &Texts) -> Option<Made> {
    let object = |key: &str| texts.all(key).find_map(json::object);
    object("invokeai_metadata")
        .and_then(|object| invokeai::read(&object))
        .or_else(|| object("sd-metadata").and_then(|object| invokeai::version_2(&object)))
        .or_else(|| novelai(texts))
        .or_else(|| texts.get("Dream").and_then(invokeai::dream))
        .or_else(|| object("generation_data").and_then(|object| json::read(&object)))
        .or_else(|| object("parameters-json").and_then(|object| json::read(&object)))
}

/// Its first versions have the prompt in another text than the settings.
fn novelai(texts: &Texts) -> Option<Made> {
    let mut object = texts.all("Comment").chain(texts.all("UserComment")).find_map(json::object)?;
    if !json::is_novelai(&object) {
        return None;
    }
    if let (false, Some(prompt)) = (object.contains_key("prompt"), texts.get("Description")) {
        object.insert("prompt".to_owned(), Value::from(prompt));
    }
    novelai::read(&object)
}

fn whole(texts: &Texts) -> Option<Made> {
    let mut all = WHOLE.iter().flat_map(|key| texts.all(key));
    let read = |text: &str| match json::object(text) {
        Some(object) => json::read(&object),
        None => infotext::read(text),
    };
    let mut others = texts.iter().filter(|(key, _)| !WHOLE.iter().any(|known| known.eq_ignore_ascii_case(key)));
    all.find_map(read).or_else(|| {
        // Whatever the keyword, an object that is one of a known program's.
        others.find_map(|(_, text)| json::read(&json::object(text).filter(|object| !object.contains_key("nodes"))?))
    })
}

fn graph(texts: &Texts) -> Option<Made> {
    texts.all("prompt").find_map(|text| json::read(&json::object(text)?))
}
