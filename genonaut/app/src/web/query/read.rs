//! Reads a recipe from the pairs of an address or a form.

mod act;
mod values;

use genonaut_sources::setting_limits::WEIGHT;
use uuid::Uuid;

use super::{FitChoice, Recipe, ShownImages, packed};
use crate::settings::Settings;
use crate::web::notice::Notice;

/// Filters that may be named several times.
const LISTS: [&str; 3] = ["lora", "tag", "base"];

/// What an address asks for, and what in it makes no sense.
#[derive(Debug, Default)]
pub struct Asked {
    pub recipe: Recipe,
    pub problems: Vec<Notice>,
    /// It does something to the recipe instead of naming it; the result has an address of its own.
    pub acts: bool,
    /// It names a recipe, not only what to look at or what to do to one.
    pub names_recipe: bool,
    /// An image whose recipe is to be taken over, and which part of it.
    pub from: Option<(Uuid, String)>,
}

impl Asked {
    /// Later values win, so that a button's value overrides the hidden field before it.
    pub fn read(pairs: &[(String, String)]) -> Self {
        let mut asked = Self::default();
        let mut seen = Vec::new();
        for (key, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            asked.acts |= !LISTS.contains(&key.as_str()) && seen.contains(&key);
            seen.push(key);
            asked.take(key, value);
        }
        asked.take_form(pairs);
        let only_checkpoint = Recipe { checkpoint: asked.recipe.checkpoint, ..Recipe::default() };
        asked.names_recipe |= asked.recipe.draft() != only_checkpoint.draft();
        // After all else, because fields come in the order of the page.
        for (key, value) in pairs {
            asked.act(key, value);
        }
        if asked.acts {
            // What was searched for is found.
            asked.recipe.checkpoint_q.clear();
        }
        asked
    }

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "checkpoint" => self.recipe.checkpoint = self.id(value, "checkpoint").or(self.recipe.checkpoint),
            "lora" => self.add(value),
            "clip" => self.recipe.separate_clip = true,
            "seed" => self.recipe.seed = self.seed(value),
            "vae" => self.recipe.vae = self.file(value),
            "images" => self.recipe.images = self.images(value),
            "prompt" => self.recipe.prompt = self.prompt(key, value),
            "negative_prompt" => self.recipe.negative_prompt = self.prompt(key, value),
            "packed" => self.unpack(value),
            "checkpoint_q" => self.recipe.checkpoint_q = self.search(value),
            "image" => self.recipe.image = self.id(value, "image"),
            "shown" => self.recipe.shown = shown(value),
            "picking" => self.recipe.picking = true,
            "since" => self.recipe.since = value.parse().ok(),
            _ => self.take_more(key, value),
        }
    }

    fn unpack(&mut self, value: &str) {
        match packed::read(value) {
            Some(texts) => texts.iter().for_each(|(key, text)| self.take(key, text)),
            None => self.problem("The prompts in this link cannot be read. It may have been cut off.".into()),
        }
    }

    fn take_more(&mut self, key: &str, value: &str) {
        match key {
            "pick" => self.recipe.picker.open = true,
            "q" => self.recipe.picker.q = self.search(value),
            "tag" => self.recipe.picker.tags.extend(listed(&self.recipe.picker.tags, value)),
            "base" => self.recipe.picker.bases.extend(listed(&self.recipe.picker.bases, value)),
            "minr" => self.recipe.picker.min_rating = value.parse().ok().filter(|least| (0.01..=1.0).contains(least)),
            "sort" => self.recipe.picker.sort = self.sort(value),
            "checkpoint_sort" => self.recipe.checkpoint_sort = self.sort(value),
            "fit" => {
                let otherwise = "Unknown compatibility. Use any, compatible or optimal.";
                self.recipe.picker.fit = self.parse::<FitChoice>(value, otherwise);
            }
            "cursor" => {
                self.recipe.picker.cursor = value.parse().ok();
                if self.recipe.picker.cursor.is_none() {
                    self.problem("Page not found. Showing the first page.".into());
                }
            }
            _ => {
                if let Some(Err(refused)) = self.recipe.settings.take(key, value) {
                    self.problem(refused.into());
                }
            }
        }
    }

    /// What only the page's own form sends: every field with its value, set by a person or not.
    fn take_form(&mut self, pairs: &[(String, String)]) {
        let value = |key: &str| pairs.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        let Some(follows) = value("follows") else { return };
        self.names_recipe = true;
        let mut followed = Settings::default();
        for (key, value) in form_urlencoded::parse(follows.as_bytes()) {
            let _ = followed.take(&key, &value);
        }
        self.recipe.settings = self.recipe.settings.without(&followed);
        // One that was chosen before says nothing: width and height may have been typed since.
        let ratio = value("ratio").filter(|ratio| Some(*ratio) != value("ratio_was"));
        if let Some(size) = ratio.map(str::to_owned) {
            self.act("size", &size);
        }
        let separate = self.recipe.separate_clip;
        let mut problems = Vec::new();
        for row in &mut self.recipe.loras {
            // Of a row that a script has just added the form has no fields yet.
            if value(&format!("weight.{}", row.id)).is_none() {
                continue;
            }
            row.off = value(&format!("on.{}", row.id)).is_none();
            let mut weight = |name: &str| {
                let field = format!("{name}.{}", row.id);
                let given = value(&field).filter(|given| !given.trim().is_empty())?;
                let read = WEIGHT.number(given);
                read.map_err(|refused| problems.push(Notice::at(field, refused.sentence()))).ok()
            };
            row.weight = weight("weight").or(row.weight);
            row.clip_weight = weight("clip").or(row.clip_weight).filter(|_| separate);
        }
        problems.into_iter().for_each(|problem| self.problem(problem));
    }
}

fn shown(value: &str) -> ShownImages {
    let all = [ShownImages::All, ShownImages::Liked, ShownImages::Checkpoint];
    all.into_iter().find(|shown| shown.word() == value).unwrap_or_default()
}

/// A filter's value, unless it is there already or cannot be one.
fn listed(known: &[String], value: &str) -> Option<String> {
    let value = value.trim();
    let fits = !value.contains('\0') && value.chars().count() <= 500 && known.len() < 20;
    (fits && !known.iter().any(|other| other == value)).then(|| value.to_owned())
}
