//! The limits of settings, written into the document's schemas from the one table of them.

use genonaut_sources::setting_limits::{
    Allowed, CFG, DEFAULTS, RATING, RECOMMENDED_WEIGHT, Range, SettingLimit, WEIGHT,
};
use serde_json::{Value, json};
use utoipa::Modify;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};

pub struct SettingLimits;

/// Schemas whose properties are settings, or have the limits of one: the schema, the property, and the limit.
fn places() -> impl Iterator<Item = (&'static str, &'static str, SettingLimit)> {
    let settings = ["JobFields", "DefaultFields"].into_iter();
    let settings = settings.flat_map(|schema| DEFAULTS.map(|limit| (schema, limit.key, limit)));
    settings.chain([
        ("JobFields", "cfg_scale", CFG),
        ("JobLora", "weight", WEIGHT),
        ("JobLora", "clip_weight", WEIGHT),
        ("LoraMetadata", "recommended_weight", RECOMMENDED_WEIGHT),
        ("CheckpointFields", "rating", RATING),
        ("LoraFields", "rating", RATING),
    ])
}

impl Modify for SettingLimits {
    fn modify(&self, document: &mut OpenApi) {
        let Some(components) = &mut document.components else { return };
        for (schema, property, limit) in places() {
            if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(schema)
                && let Some(property) = object.properties.get_mut(property)
            {
                hold(property, &limit);
            }
        }
    }
}

/// By way of JSON, in which every kind of schema has its limits at the same place.
fn hold(property: &mut RefOr<Schema>, limit: &SettingLimit) {
    let Ok(mut value) = serde_json::to_value(&*property) else { return };
    match limit.allowed {
        Allowed::Number(range) => hold_number(&mut value, range),
        Allowed::Choice(choices) => {
            let names = choices.iter().flat_map(|(id, label)| [Some(*id), (id != label).then_some(*label)]);
            value["enum"] = names.flatten().map(Value::from).chain([Value::Null]).collect();
        }
    }
    if let Ok(held) = serde_json::from_value(value) {
        *property = held;
    }
}

fn hold_number(schema: &mut Value, Range { min, max, step, exact }: Range) {
    schema["minimum"] = json!(min);
    schema["maximum"] = json!(max);
    if exact && step > 1.0 {
        schema["multipleOf"] = json!(step);
    }
}
