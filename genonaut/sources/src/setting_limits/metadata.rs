//! Settings inside of a model's metadata: one key for each, and what in it is no setting.

use serde_json::{Map, Value};

use super::{DEFAULTS, RECOMMENDED_WEIGHT, Refused, SettingLimit};

/// A value that is not used, because it is not what its setting may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Misfit {
    /// Below the metadata: `defaults.steps`.
    pub path: String,
    pub refused: Refused,
}

/// Renames what `defaults` holds under another name to the setting's own key. Where both are there, the key's own value
/// stays: it is the one that the model editor writes.
pub fn canonical_metadata(metadata: &mut Map<String, Value>) {
    if let Some(Value::Object(defaults)) = metadata.get_mut("defaults") {
        canonical_settings(defaults);
    }
}

/// The same for the settings alone.
pub fn canonical_settings(settings: &mut Map<String, Value>) {
    for limit in DEFAULTS {
        for alias in limit.aliases {
            if let Some(value) = settings.remove(*alias) {
                settings.entry(limit.key).or_insert(value);
            }
        }
    }
}

/// What in a model's metadata is not what its setting may be; null is nothing.
pub fn misfits(metadata: &Map<String, Value>) -> Vec<Misfit> {
    let defaults = metadata.get("defaults").and_then(Value::as_object);
    let settings = DEFAULTS.into_iter().filter_map(|limit| {
        let value = defaults?.get(limit.key)?;
        misfit(format!("defaults.{}", limit.key), limit, value)
    });
    let weight = metadata.get(RECOMMENDED_WEIGHT.key);
    let weight = weight.and_then(|weight| misfit(RECOMMENDED_WEIGHT.key.to_owned(), RECOMMENDED_WEIGHT, weight));
    settings.chain(weight).collect()
}

fn misfit(path: String, limit: SettingLimit, value: &Value) -> Option<Misfit> {
    let refused = limit.check(value).err().filter(|_| !value.is_null())?;
    Some(Misfit { path, refused })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn another_name_of_a_setting_becomes_its_key_and_never_beats_it() {
        for (given, kept) in [
            (json!({"defaults": {"cfg_scale": 5}}), json!({"defaults": {"cfg": 5}})),
            (json!({"defaults": {"cfg_scale": 5, "cfg": 7}}), json!({"defaults": {"cfg": 7}})),
            (json!({"defaults": {"cfg": 7}, "cfg_scale": 1}), json!({"defaults": {"cfg": 7}, "cfg_scale": 1})),
            (json!({"defaults": "none"}), json!({"defaults": "none"})),
        ] {
            let mut metadata = object(given);
            canonical_metadata(&mut metadata);
            assert_eq!(Value::Object(metadata), kept);
        }
    }

    #[test]
    fn what_no_recipe_takes_is_found() {
        let metadata = json!({
            "defaults": {"steps": 200, "width": 1001, "height": 832, "clip_skip": 0, "cfg": "6.5", "sampler": null, "vae": "x"},
            "recommended_weight": 9
        });
        let found = misfits(&object(metadata));
        let paths: Vec<_> = found.iter().map(|misfit| misfit.path.as_str()).collect();
        assert_eq!(paths, ["defaults.width", "defaults.steps", "defaults.clip_skip", "recommended_weight"]);
        assert_eq!(found[1].refused.sentence(), "Steps must be a whole number from 1 to 150, not “200”.");
        assert!(misfits(&object(json!({"defaults": 1}))).is_empty());
    }
}
