//! Programs that write one JSON object: SwarmUI and InvokeAI.

use serde_json::Value;

use super::{Lora, Made, Model, Program};

/// SwarmUI: `{"sui_image_params": {…}, "sui_models": [{"name", "param", "hash"}]}`.
pub fn swarmui(given: &Value) -> Option<Made> {
    let params = given.get("sui_image_params")?;
    let text = |key: &str| params.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (sampler, scheduler) =
        (params.get("sampler").and_then(Value::as_str), params.get("scheduler").and_then(Value::as_str));
    let mut made = Made {
        by: Program::SwarmUi,
        prompt: text("prompt"),
        negative_prompt: text("negativeprompt"),
        checkpoint: params.get("model").and_then(Value::as_str).map(Model::named),
        loras: swarm_loras(params),
        width: number(params, "width"),
        height: number(params, "height"),
        steps: number(params, "steps"),
        cfg: params.get("cfgscale").and_then(float),
        seed: params.get("seed").and_then(whole),
        ..Made::default()
    };
    // It records neither where its own are used.
    made.set_sampling(sampler.unwrap_or("euler"), scheduler);
    let hash = |param: &str| {
        let models = given.get("sui_models")?.as_array()?;
        let model = models.iter().find(|model| model.get("param").and_then(Value::as_str) == Some(param))?;
        Some(model.get("hash")?.as_str()?.trim_start_matches("0x").to_lowercase())
    };
    if let Some(checkpoint) = &mut made.checkpoint {
        checkpoint.hash = hash("model");
    }
    Some(made)
}

/// Names and weights stand in two lists, or in one text with commas.
fn swarm_loras(params: &Value) -> Vec<Lora> {
    let list = |key: &str| match params.get(key) {
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
        }
        Some(Value::String(text)) => text.split(',').map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let (names, weights): (Vec<String>, Vec<String>) = (list("loras"), list("loraweights"));
    let lora = |(at, name): (usize, &String)| Lora {
        model: Model::named(name.trim()),
        weight: weights.get(at).and_then(|weight| weight.trim().parse().ok()).unwrap_or(1.0),
        clip_weight: None,
    };
    names.iter().enumerate().filter(|(_, name)| !name.trim().is_empty()).map(lora).collect()
}

/// InvokeAI 3 and later.
pub fn invokeai(given: &Value) -> Option<Made> {
    let text = |key: &str| given.get(key).and_then(Value::as_str);
    let model = |value: &Value| {
        let name = value.get("name").or(value.get("model_name"))?.as_str()?;
        let hash =
            value.get("hash").and_then(Value::as_str).and_then(|hash| Some(hash.split_once(':')?.1.to_lowercase()));
        Some(Model { hash, ..Model::named(name) })
    };
    let lora = |entry: &Value| {
        let model = model(entry.get("model").or(entry.get("lora"))?)?;
        Some(Lora { model, weight: entry.get("weight").and_then(float).unwrap_or(1.0), clip_weight: None })
    };
    let mut made = Made {
        by: Program::InvokeAi,
        prompt: text("positive_prompt")?.to_owned(),
        negative_prompt: text("negative_prompt").unwrap_or_default().to_owned(),
        checkpoint: given.get("model").and_then(model),
        loras: given
            .get("loras")
            .and_then(Value::as_array)
            .map(|list| list.iter().filter_map(lora).collect())
            .unwrap_or_default(),
        width: number(given, "width"),
        height: number(given, "height"),
        steps: number(given, "steps"),
        cfg: given.get("cfg_scale").and_then(float),
        seed: given.get("seed").and_then(whole),
        // It counts the layers left out.
        clip_skip: number(given, "clip_skip").map(|skipped: u32| skipped.saturating_add(1)),
        ..Made::default()
    };
    if let Some(name) = text("scheduler") {
        made.set_sampling(name, None);
    }
    Some(made)
}

pub(super) fn number(given: &Value, key: &str) -> Option<u32> {
    u32::try_from(whole(given.get(key)?)?).ok()
}

pub(super) fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

pub(super) fn float(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}
