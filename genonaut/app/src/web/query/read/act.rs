//! What a pressed button does to the recipe.

use std::str::FromStr;

use super::super::row::Row;
use super::Asked;
use super::values::shortened;
use crate::settings::{MOST_LORAS, Settings};
use crate::web::words;

impl Asked {
    pub(super) fn act(&mut self, key: &str, value: &str) {
        match key {
            "add" => self.add(value),
            "remove" => {
                let gone = self.id(value, "LoRA");
                self.recipe.loras.retain(|row| Some(row.id) != gone);
            }
            "word" => {
                let prompt = words::toggled(&self.recipe.prompt, value);
                self.recipe.prompt = self.prompt("prompt", &prompt);
            }
            "recommended" => {
                let id = self.id(value, "LoRA");
                self.recipe.loras.iter_mut().filter(|row| Some(row.id) == id).for_each(|row| row.weight = None);
            }
            // `tags::look` does what it asks for.
            "tags" => return,
            "weigh" => self.weigh(value),
            "size" => self.resize(value),
            "close" => self.recipe.picker.open = false,
            "defaults" => {
                self.recipe.settings = Settings::default();
                self.recipe.vae = None;
            }
            "random" => self.recipe.seed = None,
            "use_seed" => self.recipe.seed = self.seed(value),
            "from" => {
                let Some(id) = self.id(value, "image") else { return };
                self.from = Some((id, String::new()));
            }
            "use" => {
                if let Some((_, part)) = &mut self.from {
                    value.clone_into(part);
                }
            }
            _ => return,
        }
        self.acts = true;
    }

    fn resize(&mut self, value: &str) {
        let sides = value.split_once('x').map(|(width, height)| [("width", width), ("height", height)]);
        for (key, side) in sides.into_iter().flatten() {
            if let Some(Err(refused)) = self.recipe.settings.take(key, side) {
                self.problem(refused.into());
            }
        }
    }

    /// Gives a LoRA that is in the recipe another weight.
    fn weigh(&mut self, value: &str) {
        match Row::from_str(value) {
            Ok(Row { id, weight: Some(weight), .. }) => {
                self.recipe.loras.iter_mut().filter(|row| row.id == id).for_each(|row| row.weight = Some(weight));
            }
            _ => self.problem(format!("“{}” is not a valid LoRA weight.", shortened(value)).into()),
        }
    }

    pub(super) fn add(&mut self, value: &str) {
        let Ok(row) = Row::from_str(value) else {
            self.problem(format!("This link names an unknown LoRA: “{}” is not a valid ID.", shortened(value)).into());
            return;
        };
        if self.recipe.has_lora(row.id) {
            return;
        }
        match self.recipe.loras.len() < MOST_LORAS {
            true => self.recipe.loras.push(row),
            false => self.problem(format!("A recipe can use at most {MOST_LORAS} LoRAs.").into()),
        }
    }
}
