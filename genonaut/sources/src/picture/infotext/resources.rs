//! Models that are listed among the settings, with their hashes and weights: `Lora hashes`, `Lora weights` (Fooocus),
//! `Hashes` and `Civitai resources` (Civitai's generator and nodes of ComfyUI).

use serde_json::Value;

use crate::picture::read::{Fields, Model};
use crate::picture::report::{Feature, Reason};
use crate::picture::values;

/// A model of a list, and what kind it is there.
struct Resource {
    kind: String,
    name: String,
    hash: Option<String>,
    weight: Option<f64>,
}

/// Takes LoRAs and, where nothing else names it, the checkpoint; tells the report of embeddings.
pub fn take(fields: &mut Fields) {
    let weights = fields.text(&["loraweights"]).map(|text| weights(&text)).unwrap_or_default();
    let mut named = fields.text(&["lorahashes"]).map(|text| lora_hashes(&text)).unwrap_or_default();
    named.extend(fields.value(&["hashes"]).map(|value| hashes(&value)).unwrap_or_default());
    let listed = fields.value(&["civitairesources"]).map(|value| listed(&value)).unwrap_or_default();
    for (name, weight) in weights {
        let same = named.iter_mut().find(|resource| resource.kind == "lora" && resource.name == name);
        match same {
            Some(resource) => resource.weight = Some(weight),
            None => named.push(Resource { kind: "lora".into(), name, hash: None, weight: Some(weight) }),
        }
    }
    let listed = pair(fields, &mut named, listed);
    named.into_iter().chain(listed).for_each(|resource| add(fields, resource));
}

fn add(fields: &mut Fields, Resource { kind, name, hash, weight }: Resource) {
    let model = Model { hash, ..Model::named(&name) };
    match kind.as_str() {
        "lora" | "lycoris" | "locon" | "dora" | "lyco" => fields.made.add_lora(model, weight, None),
        "checkpoint" | "model" => fields.made.know_checkpoint(model),
        "embed" | "embedding" | "textualinversion" => {
            fields.made.report.leave_out("embedding", &name, Reason::Feature(Feature::Embeddings));
        }
        _ => {}
    }
}

/// Gives files' names the weights that are listed under the models' titles; returns what is listed of others.
///
/// A title need not be the file's name, so where both lists are equally long their order tells.
fn pair(fields: &Fields, named: &mut [Resource], listed: Vec<Resource>) -> Vec<Resource> {
    let in_prompt = fields.made.loras.len();
    let open: Vec<_> = (0..named.len()).filter(|at| named[*at].kind == "lora" && named[*at].weight.is_none()).collect();
    let (loras, mut rest): (Vec<_>, Vec<_>) = listed.into_iter().partition(|resource| resource.kind == "lora");
    let same_length = loras.len() == open.len();
    for (at, resource) in loras.into_iter().enumerate() {
        let by_name = open.iter().copied().find(|at| named[*at].name.eq_ignore_ascii_case(&resource.name));
        match by_name.or_else(|| open.get(at).copied().filter(|_| same_length)) {
            Some(place) => named[place].weight = resource.weight,
            // The prompt names its LoRAs itself, by their files.
            None if in_prompt > 0 => {}
            None => rest.push(resource),
        }
    }
    rest
}

/// `name: 12hex, …`; Fooocus before 2.2 has the weight behind the hash.
fn lora_hashes(text: &str) -> Vec<Resource> {
    let resource = |entry: &str| {
        let mut parts = entry.split(':').map(str::trim);
        let (name, hash, weight) = (parts.next()?, parts.next()?, parts.next());
        let weight = weight.and_then(values::parse_float);
        Some(Resource { kind: "lora".into(), name: name.to_owned(), hash: values::hash(hash), weight })
    };
    text.split(',').filter_map(resource).collect()
}

/// `name: 0.45, …`
fn weights(text: &str) -> Vec<(String, f64)> {
    let weight = |entry: &str| {
        let (name, weight) = entry.rsplit_once(':')?;
        Some((name.trim().to_owned(), values::parse_float(weight)?))
    };
    text.split(',').filter_map(weight).collect()
}

/// `{"model": "10hex", "LORA:name": "10hex", "embed:name": "…"}`
fn hashes(value: &Value) -> Vec<Resource> {
    let resource = |(key, hash): (&String, &Value)| {
        let (kind, name) = key.split_once(':').unwrap_or((key, ""));
        Some(Resource {
            kind: kind.to_lowercase(),
            name: name.to_owned(),
            hash: values::hash(hash.as_str()?),
            weight: None,
        })
    };
    value.as_object().into_iter().flatten().filter_map(resource).collect()
}

/// `[{"type": "lora", "weight": 0.55, "modelName": "film"}]`, or with an `air` (`urn:air:sdxl:lora:civitai:2@12`).
fn listed(value: &Value) -> Vec<Resource> {
    let resource = |entry: &Value| {
        let text = |key: &str| entry.get(key).and_then(Value::as_str);
        let kind = text("type").or_else(|| text("air")?.split(':').nth(3))?.to_lowercase();
        let kind = if matches!(kind.as_str(), "lycoris" | "locon" | "dora") { "lora".to_owned() } else { kind };
        let name = text("modelName").unwrap_or_default().to_owned();
        let hash = text("hash").and_then(values::hash);
        Some(Resource { kind, name, hash, weight: entry.get("weight").and_then(values::float) })
    };
    value.as_array().into_iter().flatten().take(200).filter_map(resource).collect()
}
