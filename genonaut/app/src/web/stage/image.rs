//! An image as the stage and the history show it.

use genonaut_db::images::Image;
use genonaut_engines::scripted;
use genonaut_sources::picture::{SAMPLERS, SCHEDULERS};
use uuid::Uuid;

use crate::recipe::Recipe;
use crate::web::row::written;

pub struct ImageView {
    pub id: Uuid,
    pub job: Uuid,
    pub width: i32,
    pub height: i32,
    pub seed: i64,
    /// 0 is none.
    pub stars: i16,
    pub prompt: String,
    /// The prompt as it was written, which may leave something open.
    pub template: String,
    /// What it is, for who cannot see it.
    pub alt: String,
    /// Name and value of what it was made with.
    pub facts: Vec<(String, String)>,
    pub current: bool,
    /// The demo engine drew it, without a model.
    pub demo: bool,
}

const LONGEST_ALT: usize = 80;

impl From<&Image> for ImageView {
    fn from(image: &Image) -> Self {
        let whole = Recipe::of_image(image);
        let template = whole.as_ref().map(|recipe| recipe.prompt.clone()).unwrap_or_default();
        let recipe = whole.map(|recipe| recipe.plain());
        let prompt = recipe.as_ref().map(|recipe| recipe.prompt.clone()).unwrap_or_default();
        Self {
            id: image.id,
            job: image.job,
            width: image.width,
            height: image.height,
            seed: image.seed,
            stars: image.rating.unwrap_or_default(),
            alt: alt(&prompt),
            facts: recipe.map(|recipe| facts(&recipe, image)).unwrap_or_default(),
            prompt,
            template,
            current: false,
            demo: image.engine.as_deref() == Some(scripted::NAME),
        }
    }
}

impl ImageView {
    /// The same, told by its prompt as it was written.
    #[must_use]
    pub fn with_what_was_written(self) -> Self {
        Self { alt: alt(&self.template), ..self }
    }

    pub fn stars_in_words(&self) -> String {
        match self.stars {
            0 => String::new(),
            1 => ", 1 star".to_owned(),
            stars => format!(", {stars} stars"),
        }
    }
}

fn alt(prompt: &str) -> String {
    let prompt = prompt.trim();
    let mut short: String = prompt.chars().take(LONGEST_ALT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if prompt.chars().nth(LONGEST_ALT).is_some() {
        short.push('…');
    }
    if short.is_empty() { "Image without a prompt".to_owned() } else { short }
}

fn facts(recipe: &Recipe, image: &Image) -> Vec<(String, String)> {
    let settings = &recipe.settings;
    let named = |list: &[(&str, &str)], id: &str| {
        list.iter().find(|(known, _)| *known == id).map_or_else(|| id.to_owned(), |(_, name)| (*name).to_owned())
    };
    let sampler = format!("{} {}", named(SAMPLERS, &settings.sampler), named(SCHEDULERS, &settings.scheduler));
    let mut facts = vec![("Checkpoint".to_owned(), recipe.checkpoint.name.clone())];
    facts.extend(recipe.loras.iter().map(|lora| (lora.model.name.clone(), written(lora.weight))));
    let more = [
        ("Seed", image.seed.to_string()),
        ("Size", format!("{}×{}", image.width, image.height)),
        ("Steps", settings.steps.to_string()),
        ("CFG", settings.cfg.to_string()),
        ("Sampler", sampler),
        ("Time", format!("{:.1} s", image.seconds)),
        ("Engine", image.engine.clone().unwrap_or_default()),
    ];
    facts.extend(more.map(|(name, value)| (name.to_owned(), value)));
    facts
}
