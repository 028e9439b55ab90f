//! What tells two images apart, setting by setting.

use genonaut_db::images::Image;
use genonaut_sources::picture::{SAMPLERS, SCHEDULERS};

use crate::recipe::{LoraUse, Recipe};
use crate::web::row::written;

/// A setting that two images do not share.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    pub name: String,
    pub left: String,
    pub right: String,
}

/// What stands where an image has no such setting.
const NONE: &str = "none";

pub fn between(left: &Image, right: &Image) -> Vec<Difference> {
    compared(&settings(left), &settings(right))
}

/// Name and value.
type Setting = (String, String);

/// In the order of the first; what only the second has comes last.
fn compared(left: &[Setting], right: &[Setting]) -> Vec<Difference> {
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in left.iter().chain(right) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let value = |side: &[Setting], name: &String| {
        let found = side.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        found.filter(|value| !value.is_empty()).unwrap_or_else(|| NONE.to_owned())
    };
    let row = |name: &String| Difference { name: name.clone(), left: value(left, name), right: value(right, name) };
    names.into_iter().map(row).filter(|row| row.left != row.right).collect()
}

fn settings(image: &Image) -> Vec<Setting> {
    let recipe = Recipe::of_image(image).map(|recipe| recipe.plain());
    let mut all = recipe.as_ref().map(of_recipe).unwrap_or_default();
    all.push(("Seed".to_owned(), image.seed.to_string()));
    all.push(("Size".to_owned(), format!("{}×{}", image.width, image.height)));
    all.push(("Engine".to_owned(), image.engine.clone().unwrap_or_default()));
    all
}

fn of_recipe(recipe: &Recipe) -> Vec<Setting> {
    let settings = &recipe.settings;
    let named = |list: &[(&str, &str)], id: &str| {
        list.iter().find(|(known, _)| *known == id).map_or(id, |(_, name)| name).to_owned()
    };
    let texts = [("Prompt", &recipe.prompt), ("Negative prompt", &recipe.negative_prompt)];
    let texts = texts.map(|(name, text)| (name.to_owned(), text.trim().to_owned()));
    let models = [("Checkpoint".to_owned(), recipe.checkpoint.name.clone())];
    let loras = recipe.loras.iter().map(|lora| (format!("LoRA {}", lora.model.name), weights(lora)));
    let rest = [
        ("VAE", recipe.vae.clone().unwrap_or_default()),
        ("Steps", settings.steps.to_string()),
        ("CFG", settings.cfg.to_string()),
        ("Sampler", named(SAMPLERS, &settings.sampler)),
        ("Scheduler", named(SCHEDULERS, &settings.scheduler)),
        ("Clip skip", settings.clip_skip.to_string()),
    ];
    let rest = rest.map(|(name, value)| (name.to_owned(), value));
    texts.into_iter().chain(models).chain(loras).chain(rest).collect()
}

fn weights(lora: &LoraUse) -> String {
    match lora.clip_weight {
        Some(clip) => format!("{}, CLIP {}", written(lora.weight), written(clip)),
        None => written(lora.weight),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Vec<Setting> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_what_differs_is_named_and_what_one_lacks_is_none() {
        let left = settings(&[("Prompt", "dunes"), ("LoRA film", "0.80"), ("Steps", "20")]);
        let right = settings(&[("Prompt", "dunes"), ("Steps", "30"), ("LoRA detail", "1.00")]);
        let rows: Vec<_> = compared(&left, &right).into_iter().map(|row| [row.name, row.left, row.right]).collect();
        assert_eq!(rows, [["LoRA film", "0.80", "none"], ["Steps", "20", "30"], ["LoRA detail", "none", "1.00"]]);
        assert_eq!(compared(&left, &left), []);
    }

    #[test]
    fn an_empty_text_is_none() {
        let rows = compared(&settings(&[("Negative prompt", "")]), &settings(&[("Negative prompt", "blur")]));
        assert_eq!((rows[0].left.as_str(), rows[0].right.as_str()), ("none", "blur"));
        assert_eq!(compared(&settings(&[("VAE", "")]), &settings(&[])), []);
    }
}
