//! What a program recorded, taken value by value; what nobody took is reported as left out.

mod models;

use serde_json::{Map, Value};

use super::super::report::{Feature, Reason};
use super::super::{Program, values};
use super::{Made, Model};

/// Names and values of one image, and what was made of them so far.
pub struct Fields {
    list: Vec<Field>,
    pub made: Made,
}

struct Field {
    name: String,
    /// Letters and digits of the name, lower-case.
    folded: String,
    value: Value,
    used: bool,
}

/// More values are no recipe.
const MOST: usize = 1000;

impl Fields {
    pub fn new(by: Program, list: impl IntoIterator<Item = (String, Value)>) -> Self {
        let field = |(name, value): (String, Value)| Field { folded: fold(&name), name, value, used: false };
        Self { list: list.into_iter().take(MOST).map(field).collect(), made: Made { by, ..Made::default() } }
    }

    pub fn of(by: Program, object: &Map<String, Value>) -> Self {
        Self::new(by, object.iter().map(|(name, value)| (name.clone(), value.clone())))
    }

    /// The first value of one of these names (folded: `cfgscale` is `CFG scale` and `cfg_scale`), whose name and value
    /// are to be reported by who takes it.
    pub fn get(&mut self, names: &[&str]) -> Option<(String, Value)> {
        let mut found = None;
        for name in names {
            for field in self.list.iter_mut().filter(|field| field.folded == *name) {
                field.used = true;
                if found.is_none() && !field.value.is_null() {
                    found = Some((field.name.clone(), field.value.clone()));
                }
            }
        }
        found
    }

    pub fn value(&mut self, names: &[&str]) -> Option<Value> {
        self.get(names).map(|(_, value)| value)
    }

    /// Not empty.
    pub fn text(&mut self, names: &[&str]) -> Option<String> {
        let text = values::text(&self.value(names)?);
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// What describes the file or its writer, and makes no other image.
    pub fn ignore(&mut self, names: &[&str]) {
        self.list.iter_mut().filter(|field| names.contains(&field.folded.as_str())).for_each(|field| field.used = true);
    }

    pub fn steps(&mut self, names: &[&str]) {
        self.made.steps = self.count("steps", names).and_then(|steps| u32::try_from(steps).ok());
    }

    pub fn seed(&mut self, names: &[&str]) {
        // -1 stands for one that is drawn later; nobody knows which.
        let drawn = |field: &Field| names.contains(&field.folded.as_str()) && values::text(&field.value) == "-1";
        if self.list.iter().any(drawn) {
            self.ignore(names);
            return;
        }
        self.made.seed = self.count("seed", names);
    }

    pub fn sides(&mut self, width: &[&str], height: &[&str]) {
        self.made.width = self.count("width", width).and_then(|side| u32::try_from(side).ok());
        self.made.height = self.count("height", height).and_then(|side| u32::try_from(side).ok());
    }

    /// As A1111 counts.
    pub fn clip_skip(&mut self, names: &[&str]) {
        self.made.clip_skip = self.count("clip_skip", names).and_then(|skip| u32::try_from(skip).ok());
    }

    pub fn size(&mut self, names: &[&str]) {
        let Some((name, value)) = self.get(names) else { return };
        let written = values::text(&value);
        match values::size(&value) {
            Some((width, height)) => {
                (self.made.width, self.made.height) = (Some(width), Some(height));
                self.made.report.take("size", &written);
            }
            None => self.made.report.leave_out(&name, &written, Reason::Unreadable),
        }
    }

    pub fn cfg(&mut self, names: &[&str]) {
        let Some((name, value)) = self.get(names) else { return };
        let written = values::text(&value);
        self.made.cfg = values::float(&value);
        match self.made.cfg {
            Some(_) => self.made.report.take("cfg", &written),
            None => self.made.report.leave_out(&name, &written, Reason::Unreadable),
        }
    }

    fn count(&mut self, field: &str, names: &[&str]) -> Option<u64> {
        let (name, value) = self.get(names)?;
        let written = values::text(&value);
        let Some((number, rounded)) = values::whole(&value) else {
            if !written.trim().is_empty() {
                self.made.report.leave_out(&name, &written, Reason::Unreadable);
            }
            return None;
        };
        self.made.report.add(field, &written, &number.to_string(), rounded.then_some(Reason::Rounded));
        Some(number)
    }

    pub fn checkpoint(&mut self, names: &[&str], hashes: &[&str]) {
        let given = self.value(names);
        let hash = self.text(hashes).and_then(|hash| values::hash(&hash));
        let Some(model) = models::checkpoint(given.as_ref(), hash) else { return };
        self.made.report.take(
            "checkpoint",
            if model.name.is_empty() { model.hash.as_deref().unwrap_or_default() } else { &model.name },
        );
        self.made.checkpoint = Some(model);
    }

    pub fn vae(&mut self, names: &[&str], hashes: &[&str]) {
        let (name, hash) = (self.text(names), self.text(hashes).and_then(|hash| values::hash(&hash)));
        let Some(name) = name.filter(|name| !is_none(name)) else { return };
        self.made.report.take("vae", &name);
        self.made.vae = Some(Model { hash, ..Model::named(&name) });
    }

    /// Both names, of which the second may be missing.
    pub fn sampling(&mut self, sampler: &[&str], scheduler: &[&str]) {
        let (sampler, scheduler) = (self.text(sampler), self.text(scheduler));
        if let Some(sampler) = sampler {
            self.made.set_sampling(&sampler, scheduler.as_deref());
        } else if let Some(scheduler) = scheduler {
            self.made.set_scheduler(&scheduler);
        }
    }

    /// What nobody took, unless it is switched off.
    pub fn finish(mut self) -> Made {
        let is_hires = |field: &Field| Feature::of(&field.name) == Some(Feature::HiresFix) && !is_off(&field.value);
        let hires = self.list.iter().any(is_hires);
        for field in self.list.iter().filter(|field| !field.used && !is_off(&field.value)) {
            let feature = match Feature::of(&field.name) {
                // From nothing but noise.
                Some(Feature::ImageToImage) if values::float(&field.value) == Some(1.0) => continue,
                Some(Feature::ImageToImage) if hires => Some(Feature::HiresFix),
                feature => feature,
            };
            let reason = feature.map_or(Reason::UnknownSetting, Reason::Feature);
            self.made.report.leave_out(&field.name, &values::text(&field.value), reason);
        }
        self.made
    }
}

pub(super) fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(100).collect()
}

/// Programs write these where nothing is chosen.
pub(super) fn is_none(name: &str) -> bool {
    let name = name.trim().trim_end_matches(".safetensors").to_lowercase();
    matches!(
        name.as_str(),
        "" | "none"
            | "null"
            | "automatic"
            | "auto"
            | "default"
            | "default (model)"
            | "unknown"
            | "undefined"
            | "baked vae"
    )
}

fn is_off(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => {
            is_none(text)
                || matches!(
                    text.trim().to_lowercase().as_str(),
                    "false" | "off" | "disable" | "disabled" | "0" | "0.0" | "[]" | "{}"
                )
        }
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
    }
}
