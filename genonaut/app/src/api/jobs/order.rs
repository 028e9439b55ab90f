//! Reads a job that a program asks for; every field that is wrong is named.

use genonaut_db::PgPool;
use genonaut_db::architecture::Target;
use genonaut_db::checkpoint::{self, Checkpoint};
use genonaut_db::lora::{self, Lora};
use genonaut_db::write::FieldProblem;
use genonaut_sources::picture;
use genonaut_sources::setting_limits::{self, WEIGHT, whole};
use serde_json::{Map, Value};

use crate::lookup;
use crate::problem::{Problem, ProblemType};
use crate::recipe::{LONGEST_PATH, LoraUse, Model, Recipe};
use crate::settings::{self, LONGEST_PROMPT, MOST_IMAGES, MOST_LORAS, Settings, WEIGHTS};
use crate::tagged;

pub struct Ordered {
    /// Whole.
    pub recipe: Recipe,
    /// What of its settings was given.
    pub set: Settings,
    pub images: u32,
}

/// # Errors
/// Every field that is wrong.
pub async fn read(db: &PgPool, fields: &Map<String, Value>) -> Result<Ordered, Problem> {
    let mut order = Order { fields, problems: Vec::new() };
    let chosen = order.checkpoint(db).await?;
    let target = chosen.as_ref().map(Checkpoint::target);
    let loras = order.loras(db, target.as_ref()).await?;
    let set = order.settings();
    let prompt = order.prompt("prompt");
    let (prompt, loras) = order.named(db, prompt, loras, target.as_ref()).await?;
    let negative_prompt = order.prompt("negative_prompt");
    let vae = order.file("vae");
    let seed = order.seed();
    let images =
        order.whole("images", 1..=i64::from(MOST_IMAGES)).and_then(|images| u32::try_from(images).ok()).unwrap_or(1);
    let (Some(chosen), true) = (chosen, order.problems.is_empty()) else {
        return Err(Problem::new(ProblemType::InvalidField, "nothing was queued").with(order.problems));
    };
    let settings = set.or(&settings::defaults(&chosen)).effective();
    for refused in settings.too_long(chosen.base.as_deref()) {
        order.problem(refused.limit.key, "out_of_range", refused.reason);
    }
    if !order.problems.is_empty() {
        return Err(Problem::new(ProblemType::InvalidField, "nothing was queued").with(order.problems));
    }
    let checkpoint = Model::from(&chosen);
    let recipe = Recipe { prompt, negative_prompt, checkpoint, loras, settings, vae, seed, resolved: Vec::new() };
    Ok(Ordered { recipe, set, images })
}

/// By what is unique of it, else as an image or a prompt would name it.
async fn named_checkpoint(db: &PgPool, name: &str) -> Result<Option<Checkpoint>, Problem> {
    if let Some(found) = checkpoint::find_by_name(db, name).await? {
        return Ok(Some(found));
    }
    Ok(lookup::checkpoint(db, &picture::Model::named(name)).await?.map(|found| found.model))
}

async fn named_lora(db: &PgPool, name: &str, target: Option<&Target>) -> Result<Option<Lora>, Problem> {
    if let Some(found) = lora::find_by_name(db, name).await? {
        return Ok(Some(found));
    }
    Ok(lookup::lora(db, &picture::Model::named(name), target).await?.map(|found| found.model))
}

/// Fields that are no settings.
const OWN: [&str; 7] = ["checkpoint", "loras", "prompt", "negative_prompt", "vae", "seed", "images"];
/// Fields of a LoRA.
const LORA: [&str; 3] = ["model", "weight", "clip_weight"];

struct Order<'a> {
    fields: &'a Map<String, Value>,
    problems: Vec<FieldProblem>,
}

impl Order<'_> {
    /// The named one, else the best rated.
    async fn checkpoint(&mut self, db: &PgPool) -> Result<Option<Checkpoint>, Problem> {
        let found = match self.fields.get("checkpoint") {
            None | Some(Value::Null) => checkpoint::best(db).await?,
            Some(named) => match self.name("checkpoint", named) {
                Some(name) => named_checkpoint(db, name).await?,
                None => return Ok(None),
            },
        };
        if found.is_none() {
            let reason = match self.fields.get("checkpoint") {
                None | Some(Value::Null) => "the catalogue has no checkpoint with a file; name the one to use",
                Some(_) => "no checkpoint with this ID, name, filename or path",
            };
            self.problem("checkpoint", "not_found", reason);
        }
        Ok(found)
    }

    async fn loras(&mut self, db: &PgPool, target: Option<&Target>) -> Result<Vec<LoraUse>, Problem> {
        let asked = match self.fields.get("loras") {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(asked)) if asked.len() <= MOST_LORAS => asked,
            Some(_) => {
                let reason = format!("must be a list of at most {MOST_LORAS} objects");
                self.problem("loras", "wrong_type", reason);
                return Ok(Vec::new());
            }
        };
        let mut used = Vec::new();
        for (at, lora) in asked.iter().enumerate() {
            used.extend(self.lora(db, &format!("loras[{at}]"), lora, target).await?);
        }
        Ok(used)
    }

    async fn lora(
        &mut self,
        db: &PgPool,
        field: &str,
        asked: &Value,
        target: Option<&Target>,
    ) -> Result<Option<LoraUse>, Problem> {
        for name in
            asked.as_object().into_iter().flat_map(|fields| fields.keys()).filter(|name| !LORA.contains(&name.as_str()))
        {
            self.problem(&format!("{field}.{name}"), "unknown_field", "is not a field of a LoRA");
        }
        let Some(named) = self.name(&format!("{field}.model"), &asked["model"]) else { return Ok(None) };
        let Some(found) = named_lora(db, named, target).await? else {
            self.problem(&format!("{field}.model"), "not_found", "no LoRA with this ID, name, filename or path");
            return Ok(None);
        };
        let weight = self.weight(&format!("{field}.weight"), &asked["weight"]);
        let clip_weight = self.weight(&format!("{field}.clip_weight"), &asked["clip_weight"]);
        let weight = weight.unwrap_or_else(|| settings::recommended_weight(&found));
        Ok(Some(LoraUse { model: Model::from(&found), weight, clip_weight }))
    }

    /// LoRAs that the prompt names, like `<lora:film:0.8>`, are used as if they were listed; the prompt's weight counts.
    async fn named(
        &mut self,
        db: &PgPool,
        prompt: String,
        mut loras: Vec<LoraUse>,
        target: Option<&Target>,
    ) -> Result<(String, Vec<LoraUse>), Problem> {
        let looked = tagged::look(db, &prompt, target).await?;
        for tag in &looked.unknown {
            self.problem("prompt", "not_found", format!("no LoRA named “{}”", tag.name));
        }
        for found in looked.found.iter().map(tagged::Found::used) {
            loras.retain(|listed| listed.model.id != found.model.id);
            loras.push(found);
        }
        if loras.len() > MOST_LORAS || looked.too_many {
            self.problem(
                "prompt",
                "out_of_range",
                format!("together with the LoRAs in the prompt there are more than {MOST_LORAS} LoRAs"),
            );
        }
        Ok((looked.prompt, loras))
    }

    fn weight(&mut self, field: &str, given: &Value) -> Option<f64> {
        let weight = given.as_f64().filter(|weight| WEIGHTS.contains(weight));
        if weight.is_none() && !given.is_null() {
            self.problem(field, "out_of_range", WEIGHT.rule());
        }
        weight
    }

    fn settings(&mut self) -> Settings {
        let mut settings = Settings::default();
        for (name, value) in self.fields.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
            // Null is the same as absent, for a field that there is.
            if value.is_null() {
                if Settings::default().take(name, "").is_none() {
                    self.unknown(name);
                }
                continue;
            }
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let limit = setting_limits::named(name);
            let key = limit.map_or(name.as_str(), |limit| limit.key);
            if key != name && self.fields.get(key).is_some_and(|value| !value.is_null()) {
                self.problem(name, "contradiction", format!("is an alias of {key}; use only one"));
                continue;
            }
            // Forms write numbers as texts; a program that does has mistaken the type.
            if let Some(limit) = limit.filter(|limit| value.is_string() && limit.range().is_some()) {
                self.problem(name, "wrong_type", limit.rule());
                continue;
            }
            match settings.take(name, &text) {
                Some(Ok(())) => {}
                Some(Err(refused)) => self.problem(name, "out_of_range", refused.reason),
                None => self.unknown(name),
            }
        }
        settings
    }

    fn unknown(&mut self, name: &str) {
        self.problem(name, "unknown_field", "is not a field of a job");
    }

    fn prompt(&mut self, field: &'static str) -> String {
        match self.fields.get(field) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) if text.chars().count() <= LONGEST_PROMPT && !text.contains('\0') => text.clone(),
            Some(_) => {
                let reason = format!("must be text of at most {LONGEST_PROMPT} characters without NUL");
                self.problem(field, "bad_text", reason);
                String::new()
            }
        }
    }

    fn file(&mut self, field: &'static str) -> Option<String> {
        match self.fields.get(field)? {
            Value::Null => None,
            Value::String(path) if path.chars().count() <= LONGEST_PATH && !path.contains('\0') => Some(path.clone()),
            _ => {
                let reason = format!("must be a path or file name of at most {LONGEST_PATH} characters, or “built-in”");
                self.problem(field, "bad_text", reason);
                None
            }
        }
    }

    /// What a model may be called by.
    fn name<'v>(&mut self, field: &str, given: &'v Value) -> Option<&'v str> {
        let name = given.as_str().unwrap_or_default();
        if name.contains('\0') {
            self.problem(field, "bad_text", "holds a NUL character");
            return None;
        }
        Some(name)
    }

    /// `None` is another one each time, for which other programs write -1.
    fn seed(&mut self) -> Option<i64> {
        let is_random = self.fields.get("seed").and_then(whole) == Some(-1);
        if is_random { None } else { self.whole("seed", 0..=i64::MAX) }
    }

    fn whole(&mut self, field: &'static str, bounds: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let given = self.fields.get(field).filter(|value| !value.is_null())?;
        let number = whole(given).filter(|number| bounds.contains(number));
        if number.is_none() {
            self.problem(
                field,
                "out_of_range",
                format!("must be a whole number from {} to {}", bounds.start(), bounds.end()),
            );
        }
        number
    }

    fn problem(&mut self, field: &str, code: &'static str, reason: impl Into<String>) {
        self.problems.push(FieldProblem { field: field.to_owned(), code, reason: reason.into(), hint: None });
    }
}
