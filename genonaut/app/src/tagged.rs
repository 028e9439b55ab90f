//! LoRAs that a prompt names, like `<lora:film:0.8>`: which one of the catalogue is meant, and at which weight.

use std::collections::HashMap;

use genonaut_db::architecture::Target;
use genonaut_db::lora::Lora;
use genonaut_db::{DbError, PgPool};
use genonaut_sources::picture::Model;
use genonaut_sources::picture::tags::{self, Kind, Order, Tag, WeightIssue};

use crate::lookup::{self, ModelMatch};
use crate::recipe::{self, LoraUse};
use crate::settings::{MOST_LORAS, WEIGHTS, recommended_weight};
use crate::wildcards;

/// What the tags of a prompt came to.
pub struct Looked {
    /// Without the tags of what was found.
    pub prompt: String,
    pub found: Vec<Found>,
    /// Tags of what nothing here is called by, and of what is not made with here; they are left in the prompt.
    pub unknown: Vec<Tag>,
    /// It names more LoRAs than a recipe holds; those behind them were not looked for.
    pub too_many: bool,
}

/// A LoRA of the catalogue, as a prompt names it.
pub struct Found {
    pub lora: Lora,
    pub tag: Tag,
    /// How many are called the same; the one that fits the checkpoint best was taken.
    pub namesakes: usize,
}

impl Found {
    /// Weights of the model and of the text encoder, the second where it is another.
    pub fn weights(&self, order: Order) -> (Option<f64>, Option<f64>) {
        let (model, text_encoder) = self.tag.weights(order);
        (model.map(within), text_encoder.map(within))
    }

    pub fn used(&self) -> LoraUse {
        let (weight, clip_weight) = self.weights(Order::default());
        let weight = weight.unwrap_or_else(|| recommended_weight(&self.lora));
        LoraUse { model: recipe::Model::from(&self.lora), weight, clip_weight }
    }

    /// Where a weight is not the one that was written, one sentence for each reason.
    pub fn weight_notes(&self) -> Vec<String> {
        let (label, used) = (self.lora.label(), self.used().weight);
        let issue = |issue: &WeightIssue| match issue {
            WeightIssue::Steps => {
                format!("{label}: weights that change over the steps are not supported. Using {used} for all steps.")
            }
            WeightIssue::Blocks => {
                format!("{label}: block weights are not supported. Using {used} for all blocks.")
            }
            WeightIssue::NotANumber(text) => {
                let text: String = text.chars().take(40).collect();
                format!("{label}: “{text}” is not a number. Using weight {used}.")
            }
        };
        let (model, text_encoder) = self.tag.weights(Order::default());
        let outside = [model, text_encoder].into_iter().flatten().filter_map(|weight| outside(label, weight));
        self.tag.issues.iter().map(issue).chain(outside).collect()
    }
}

/// What to say where several LoRAs are called by that name.
pub fn namesakes(name: &str, label: &str, others: usize) -> Option<String> {
    let count = others + 1;
    (others > 0).then(|| format!("{count} LoRAs are named “{name}”. Using the best match, {label}."))
}

/// The nearest weight that there can be.
pub fn within(weight: f64) -> f64 {
    weight.clamp(*WEIGHTS.start(), *WEIGHTS.end())
}

/// Why another weight is used, if there is a reason.
pub fn outside(label: &str, weight: f64) -> Option<String> {
    let (least, most) = (WEIGHTS.start(), WEIGHTS.end());
    let reason = || format!("{label}: weight {weight} is out of range ({least} to {most}). Using {}.", within(weight));
    (!WEIGHTS.contains(&weight)).then(reason)
}

/// Finds what the prompt names. A tag within `{a|b}` may or may not be chosen, so it stays for the image to tell.
pub async fn look(db: &PgPool, prompt: &str, target: Option<&Target>) -> Result<Looked, DbError> {
    let tags = tags::find(prompt);
    let choices = wildcards::choices(prompt);
    let matches = matches(db, &tags, target).await?;
    let (mut found, mut unknown, mut too_many) = (Vec::new(), Vec::new(), false);
    for tag in tags {
        match matches.get(&tag.name).filter(|_| tag.kind == Kind::Lora) {
            Some(Some(_)) if wildcards::is_within(&choices, &tag.range) => {}
            Some(Some(ModelMatch { model, namesakes })) => {
                found.push(Found { lora: model.clone(), tag, namesakes: *namesakes });
            }
            _ if is_open(prompt, &tag) => {}
            None if tag.kind == Kind::Lora => too_many = true,
            _ => unknown.push(tag),
        }
    }
    let prompt = tags::without_all(prompt, found.iter().map(|found| &found.tag.range));
    Ok(Looked { prompt, found, unknown, too_many })
}

/// The prompt without any tag.
pub fn bare(prompt: &str) -> String {
    tags::without_all(prompt, tags::find(prompt).iter().map(|tag| &tag.range))
}

/// What each name stands for, of as many as a recipe holds; only LoRAs are made with here.
async fn matches(
    db: &PgPool,
    tags: &[Tag],
    target: Option<&Target>,
) -> Result<HashMap<String, Option<ModelMatch<Lora>>>, DbError> {
    let mut names: Vec<&str> = Vec::new();
    for tag in tags.iter().filter(|tag| tag.kind == Kind::Lora) {
        if names.len() < MOST_LORAS && !names.contains(&tag.name.as_str()) {
            names.push(&tag.name);
        }
    }
    let wanted: Vec<_> = names.iter().map(|name| Model::named(name)).collect();
    let found = lookup::loras(db, &wanted, target).await?;
    Ok(names.into_iter().map(str::to_owned).zip(found).collect())
}

/// Which LoRA it will name is not drawn yet.
fn is_open(prompt: &str, tag: &Tag) -> bool {
    tag.name.contains(['{', '|', '}']) || !wildcards::names(&prompt[tag.range.clone()]).is_empty()
}
