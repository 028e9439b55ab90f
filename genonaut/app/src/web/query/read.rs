//! Reads a recipe from the pairs of an address or a form, and does what a pressed button asks for.

use std::fmt::Write;
use std::str::FromStr;

use genonaut_db::page::Sort;
use uuid::Uuid;

use super::row::{self, Row};
use super::{FitChoice, Recipe, ShownImages};
use crate::recipe;
use crate::settings::{LONGEST_PROMPT, MOST_IMAGES, MOST_LORAS, Settings};
use crate::web::words;

const LONGEST_SEARCH: usize = 200;
/// Filters that may be named several times.
const LISTS: [&str; 3] = ["lora", "tag", "base"];

/// What an address asks for, and what in it makes no sense.
#[derive(Debug, Default)]
pub struct Asked {
    pub recipe: Recipe,
    pub problems: Vec<String>,
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
            "prompt" => self.recipe.prompt = self.prompt(value),
            "negative_prompt" => self.recipe.negative_prompt = self.prompt(value),
            "checkpoint_q" => self.recipe.checkpoint_q = self.search(value),
            "image" => self.recipe.image = self.id(value, "n image"),
            "shown" => self.recipe.shown = shown(value),
            "picking" => self.recipe.picking = true,
            "since" => self.recipe.since = value.parse().ok(),
            _ => self.take_more(key, value),
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
                let otherwise = "There is no such fit; there are any, compatible and optimal.";
                self.recipe.picker.fit = self.parse::<FitChoice>(value, otherwise);
            }
            "cursor" => {
                self.recipe.picker.cursor = value.parse().ok();
                if self.recipe.picker.cursor.is_none() {
                    self.problem("That page of the list cannot be found; here is the first.".to_owned());
                }
            }
            _ => {
                if let Some(Err(reason)) = self.recipe.settings.take(key, value) {
                    self.problem(reason);
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
        let separate = self.recipe.separate_clip;
        for row in &mut self.recipe.loras {
            let Some(given) = value(&format!("weight.{}", row.id)) else { continue };
            row.weight = row::weight(given).or(row.weight);
            row.off = value(&format!("on.{}", row.id)).is_none();
            let clip = value(&format!("clip.{}", row.id)).and_then(row::weight);
            row.clip_weight = clip.or(row.clip_weight).filter(|_| separate);
        }
    }

    fn act(&mut self, key: &str, value: &str) {
        match key {
            "add" => self.add(value),
            "remove" => {
                let gone = self.id(value, "LoRA");
                self.recipe.loras.retain(|row| Some(row.id) != gone);
            }
            "word" => self.recipe.prompt = words::toggled(&self.recipe.prompt, value),
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
                let Some(id) = self.id(value, "n image") else { return };
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
            if let Some(Err(reason)) = self.recipe.settings.take(key, side) {
                self.problem(reason);
            }
        }
    }

    /// Gives a LoRA that is in the recipe another weight.
    fn weigh(&mut self, value: &str) {
        match Row::from_str(value) {
            Ok(Row { id, weight: Some(weight), .. }) => {
                self.recipe.loras.iter_mut().filter(|row| row.id == id).for_each(|row| row.weight = Some(weight));
            }
            _ => self.problem(format!("“{}” is no weight of a LoRA.", shortened(value))),
        }
    }

    fn add(&mut self, value: &str) {
        let Ok(row) = Row::from_str(value) else {
            self.problem(format!("“{}” is no id of a LoRA.", shortened(value)));
            return;
        };
        if self.recipe.has_lora(row.id) {
            return;
        }
        match self.recipe.loras.len() < MOST_LORAS {
            true => self.recipe.loras.push(row),
            false => self.problem(format!("A recipe holds at most {MOST_LORAS} LoRAs.")),
        }
    }

    fn id(&mut self, value: &str, what: &str) -> Option<Uuid> {
        let id = value.parse().ok();
        if id.is_none() {
            let what = what.strip_prefix("n ").map_or_else(|| format!("a {what}"), |what| format!("an {what}"));
            self.problem(format!("“{}” is no id of {what}.", shortened(value)));
        }
        id
    }

    fn seed(&mut self, value: &str) -> Option<i64> {
        let seed = value.trim().parse::<i64>();
        // Other programs write -1 for "another one each time".
        match seed {
            Ok(-1) => None,
            Ok(seed) if seed >= 0 => Some(seed),
            _ => {
                self.problem(format!("The seed “{}” is no whole number from 0 to {}.", shortened(value), i64::MAX));
                None
            }
        }
    }

    fn images(&mut self, value: &str) -> Option<u32> {
        let images = value.trim().parse().ok().filter(|images| (1..=MOST_IMAGES).contains(images));
        if images.is_none() {
            self.problem(format!("“{}” images cannot be made at once; from 1 to {MOST_IMAGES} can.", shortened(value)));
        }
        images
    }

    fn parse<T: FromStr + Default>(&mut self, value: &str, otherwise: &str) -> T {
        value.parse().unwrap_or_else(|_| {
            self.problem(otherwise.to_owned());
            T::default()
        })
    }

    fn sort(&mut self, value: &str) -> Sort {
        self.parse(value, "There is no such order; there are rating, best, used, name, newest and updated.")
    }

    fn search(&mut self, value: &str) -> String {
        let text = value.trim();
        if text.contains('\0') || text.chars().count() > LONGEST_SEARCH {
            self.problem(format!("A search is plain text of at most {LONGEST_SEARCH} characters."));
            return String::new();
        }
        text.to_owned()
    }

    fn file(&mut self, value: &str) -> Option<String> {
        let fits = value.chars().count() <= recipe::LONGEST_PATH && !value.contains('\0');
        if !fits {
            self.problem(format!("The VAE is named by a path of at most {} characters.", recipe::LONGEST_PATH));
        }
        fits.then(|| value.to_owned())
    }

    fn prompt(&mut self, value: &str) -> String {
        if value.chars().count() > LONGEST_PROMPT {
            self.problem(format!("A prompt has at most {LONGEST_PROMPT} characters; the rest was cut off."));
        }
        let text = value.replace("\r\n", "\n").replace('\0', "");
        text.chars().take(LONGEST_PROMPT).collect()
    }

    fn problem(&mut self, text: String) {
        if !self.problems.contains(&text) {
            self.problems.push(text);
        }
    }
}

fn shown(value: &str) -> ShownImages {
    let all = [ShownImages::All, ShownImages::Liked, ShownImages::Checkpoint];
    all.into_iter().find(|shown| shown.word() == value).unwrap_or_default()
}

/// A filter's value, unless it is there already or cannot be one.
fn listed(known: &[String], value: &str) -> Option<String> {
    let value = value.trim();
    let fits = !value.contains('\0') && value.len() <= 500 && known.len() < 20;
    (fits && !known.iter().any(|other| other == value)).then(|| value.to_owned())
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if text.chars().count() > 60 {
        let _ = short.write_char('…');
    }
    short
}
