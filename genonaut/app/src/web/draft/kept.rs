//! A draft as the database keeps it: JSON, in which a letter of any script is one character. An address has up to nine for
//! one, and is what older versions kept.

use super::super::query::Recipe;

pub fn write(recipe: &Recipe) -> String {
    let pairs: Vec<_> = recipe.pairs().into_iter().map(|(key, text)| (key, printable(&text))).collect();
    serde_json::to_string(&pairs).unwrap_or_default()
}

/// JSON takes six characters for most of the others, which only programs write.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

pub fn read(kept: &str) -> Vec<(String, String)> {
    serde_json::from_str(kept).unwrap_or_else(|_| form_urlencoded::parse(kept.as_bytes()).into_owned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::LONGEST_PATH;
    use crate::settings::LONGEST_PROMPT;

    #[test]
    fn the_longest_prompts_of_any_script_fit_into_the_table() {
        for letter in ["雨", "\u{1f327}", "\\", "\"", "é"] {
            let prompt = letter.repeat(LONGEST_PROMPT);
            let texts = [("vae", letter.repeat(LONGEST_PATH)), ("prompt", prompt.clone()), ("negative_prompt", prompt)];
            let [(_, vae), (_, prompt), (_, negative_prompt)] = texts.clone();
            let recipe = Recipe { prompt, negative_prompt, vae: Some(vae), ..Recipe::default() };
            let kept = write(&recipe);
            assert!(kept.chars().count() <= 62_000, "{letter}: {}", kept.chars().count());
            assert_eq!(read(&kept), texts.map(|(key, text)| (key.to_owned(), text)));
        }
    }

    #[test]
    fn what_programs_write_fits_too() {
        let prompt = "\u{1}a".repeat(LONGEST_PROMPT / 2);
        let kept = write(&Recipe { negative_prompt: prompt.clone(), prompt, ..Recipe::default() });
        assert_eq!(read(&kept)[0].1, "a".repeat(LONGEST_PROMPT / 2));
    }

    #[test]
    fn drafts_of_older_versions_are_read() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(read("steps=12&prompt=a+b"), [pair("steps", "12"), pair("prompt", "a b")]);
        assert_eq!(read(""), []);
    }
}
