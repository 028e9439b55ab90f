//! Prompts that leave something open are kept as they were written; beside them stands what each image was made from.

use genonaut_db::images::Image;
use serde::{Deserialize, Serialize};

use super::{LoraUse, Recipe};

/// What the prompts came to for one image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolved {
    pub prompt: String,
    #[serde(default)]
    pub negative_prompt: String,
    /// LoRAs that a choice brought along.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loras: Vec<LoraUse>,
}

impl Recipe {
    /// The recipe of one of its images, at this place from 0: with what was open, and what it came to.
    #[must_use]
    pub fn at(&self, place: i32) -> Self {
        let own = usize::try_from(place).ok().and_then(|place| self.resolved.get(place)).cloned();
        Self { resolved: own.into_iter().collect(), ..self.clone() }
    }

    /// What an image was made from; `None` when that cannot be read.
    pub fn of_image(image: &Image) -> Option<Self> {
        serde_json::from_value::<Self>(image.recipe.clone()).ok().map(|recipe| recipe.at(image.place))
    }

    /// The recipe of the first image with nothing left open.
    #[must_use]
    pub fn plain(&self) -> Self {
        let Some(first) = self.resolved.first().cloned() else { return self.clone() };
        let other = |lora: &&LoraUse| !first.loras.iter().any(|brought| brought.model.id == lora.model.id);
        let own: Vec<_> = self.loras.iter().filter(other).cloned().collect();
        Self {
            prompt: first.prompt,
            negative_prompt: first.negative_prompt,
            loras: own.into_iter().chain(first.loras).collect(),
            resolved: Vec::new(),
            ..self.clone()
        }
    }
}
