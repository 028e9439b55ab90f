//! LoRAs that a prompt names, like `<lora:film:0.8>`: which one of the catalogue is meant, and at which weight.

use genonaut_db::architecture::Target;
use genonaut_db::lora::{self, Lora};
use genonaut_db::{DbError, PgPool};
use genonaut_sources::picture::Model;
use genonaut_sources::picture::tags::{self, Kind, Order, Tag};

use crate::recipe::{self, LoraUse};
use crate::settings::{WEIGHTS, recommended_weight};
use crate::wildcards;

/// What the tags of a prompt came to.
pub struct Looked {
    /// Without the tags of what was found.
    pub prompt: String,
    pub found: Vec<Found>,
    /// Tags of what nothing here is called by, and of what is not made with here; they are left in the prompt.
    pub unknown: Vec<Tag>,
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
        let within = |weight: f64| weight.clamp(*WEIGHTS.start(), *WEIGHTS.end());
        let (model, text_encoder) = self.tag.weights(order);
        (model.map(within), text_encoder.map(within))
    }

    pub fn used(&self) -> LoraUse {
        let (weight, clip_weight) = self.weights(Order::default());
        let Lora { id, path, .. } = &self.lora;
        let model = recipe::Model { id: *id, name: self.lora.label().to_owned(), path: path.clone() };
        LoraUse { model, weight: weight.unwrap_or_else(|| recommended_weight(&self.lora)), clip_weight }
    }
}

/// Finds what the prompt names. A tag within `{a|b}` may or may not be chosen, so it stays for the image to tell.
pub async fn look(db: &PgPool, prompt: &str, target: Option<&Target>) -> Result<Looked, DbError> {
    let mut looked = Looked { prompt: prompt.to_owned(), found: Vec::new(), unknown: Vec::new() };
    for tag in tags::find(prompt).into_iter().rev() {
        let stays = wildcards::is_within_choice(prompt, &tag.range);
        match find(db, &tag, target).await? {
            Some(_) if stays => {}
            Some(found) => {
                looked.prompt = tags::without(&looked.prompt, &tag.range);
                looked.found.insert(0, found);
            }
            // Which one it will name is open.
            None if tag.name.contains(['{', '|', '}']) || !wildcards::names(&tag.name).is_empty() => {}
            None => looked.unknown.insert(0, tag),
        }
    }
    Ok(looked)
}

/// The prompt without any tag.
pub fn bare(prompt: &str) -> String {
    tags::find(prompt).iter().rev().fold(prompt.to_owned(), |text, tag| tags::without(&text, &tag.range))
}

async fn find(db: &PgPool, tag: &Tag, target: Option<&Target>) -> Result<Option<Found>, DbError> {
    let name = Model::named(&tag.name).name;
    if tag.kind != Kind::Lora || name.is_empty() || name.contains('\0') {
        return Ok(None);
    }
    let mut called = lora::called(db, &name).await?;
    let namesakes = called.len().saturating_sub(1);
    // Best rated first already, which stays among those that fit alike.
    called.sort_by_key(|lora| (lora.missing_since.is_some(), target.map(|target| lora.fit(target).grade as u8)));
    Ok(called.into_iter().next().map(|lora| Found { lora, tag: tag.clone(), namesakes }))
}
