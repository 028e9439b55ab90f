//! LoRAs, as they come together from several places of one file.

use serde_json::Value;

use super::super::super::report::Reason;
use super::super::super::{tags, values};
use super::super::{Lora, Made, Model};
use super::{Fields, fold};
use crate::setting_limits::MOST_LORAS;

/// Where an entry of a list has the name of its file.
const NAMES: [&str; 7] = ["modelFileName", "name", "model_name", "lora_name", "model", "file", "lora"];
/// LoRAs of one text that are looked at; those behind them are only taken out of it.
const MOST_READ: usize = 1000;

impl Fields {
    /// The prompt without its LoRAs, which are taken, and the negative prompt.
    pub fn prompts(&mut self, prompt: &str, negative: &str, order: tags::Order) {
        self.made.prompt = self.made.take_tags(prompt, order);
        self.made.negative_prompt = negative.trim().to_owned();
    }

    /// Objects with a name and a weight under one of these keys each; a `model` or `lora` within may hold the name.
    pub fn lora_objects(&mut self, names: &[&str]) {
        let Some(Value::Array(list)) = self.value(names) else { return };
        let is_lora = |entry: &&Value| {
            let kind = entry.get("type").and_then(Value::as_str).unwrap_or("lora").to_lowercase();
            ["lora", "lycoris", "locon", "dora"].iter().any(|known| kind.contains(known))
        };
        for entry in list.iter().filter(is_lora).take(MOST_READ) {
            let inner = ["model", "lora"].iter().find_map(|key| entry.get(key).filter(|inner| inner.is_object()));
            let inner = inner.unwrap_or(entry);
            let text = |keys: &[&str]| keys.iter().find_map(|key| inner.get(key)?.as_str().map(str::to_owned));
            let Some(name) = text(&NAMES) else { continue };
            let hash = text(&["hash", "sha256"]).and_then(|hash| values::hash(&hash));
            let weight = ["weight", "strength", "scale", "model_weight", "strength_model"];
            let weight = weight.iter().find_map(|key| values::float(entry.get(key)?));
            self.made.add_lora(Model { hash, ..Model::named(&name) }, weight, None);
        }
    }
}

/// A name, a title with the hash behind it (`base_xl [dbbc28c4a9]`), or an object. `None` when nothing names a model.
pub(super) fn checkpoint(given: Option<&Value>, hash: Option<String>) -> Option<Model> {
    let text = |keys: &[&str]| keys.iter().find_map(|key| given?.get(*key)?.as_str());
    let name = given.and_then(Value::as_str).or_else(|| text(&["modelFileName", "model_name", "name", "modelName"]));
    let name = name.map(str::trim).filter(|name| !super::is_none(name)).unwrap_or_default();
    let titled = name.strip_suffix(']').and_then(|name| name.rsplit_once(" ["));
    let titled = titled.and_then(|(name, hash)| Some((name, values::hash(hash)?)));
    let (name, behind) = titled.map_or((name, None), |(name, hash)| (name, Some(hash)));
    let hash = hash.or(behind).or_else(|| values::hash(text(&["hash", "sha256"])?));
    (!name.is_empty() || hash.is_some()).then(|| Model { hash, ..Model::named(name) })
}

impl Made {
    /// Takes LoRAs out of a prompt.
    pub(in super::super::super) fn take_tags(&mut self, prompt: &str, order: tags::Order) -> String {
        let mut found = Vec::new();
        for tag in tags::iter(prompt).filter(|tag| tag.kind == tags::Kind::Lora) {
            if found.len() < MOST_READ {
                let (weight, clip_weight) = tag.weights(order);
                self.add_lora(Model::named(&tag.name), weight, clip_weight);
                self.report_issues(&tag, &prompt[tag.range.clone()], weight.unwrap_or(1.0));
            }
            found.push(tag.range);
        }
        tags::without_all(prompt, &found).trim().to_owned()
    }

    fn report_issues(&mut self, tag: &tags::Tag, written: &str, weight: f64) {
        for issue in &tag.issues {
            let reason = match issue {
                tags::WeightIssue::Steps => Reason::WeightOverSteps,
                tags::WeightIssue::Blocks => Reason::BlockWeights,
                tags::WeightIssue::NotANumber(_) => Reason::Unreadable,
            };
            self.report.change("lora", written, &weight.to_string(), reason);
        }
    }

    /// One more, or what else is known of one that is there. `None` as weight is 1, and reported. So is one that is more
    /// than a recipe holds.
    pub(in super::super::super) fn add_lora(&mut self, model: Model, weight: Option<f64>, clip_weight: Option<f64>) {
        if model.name.is_empty() {
            return;
        }
        let name = fold(&model.name);
        let same = |lora: &&mut Lora| fold(&lora.model.name) == name;
        if let Some(known) = self.loras.iter_mut().find(same) {
            known.model.hash = known.model.hash.take().or(model.hash);
            return;
        }
        if self.loras.len() >= MOST_LORAS {
            self.report.leave_out("lora", &model.name, Reason::TooManyLoras);
            return;
        }
        match weight {
            Some(weight) => self.report.take("lora", &format!("{} {weight}", model.name)),
            None => self.report.change("lora", &model.name, "1", Reason::WeightUnknown),
        }
        let clip_weight = clip_weight.filter(|clip| Some(*clip) != weight);
        self.loras.push(Lora { model, weight: weight.unwrap_or(1.0), clip_weight });
    }
}
