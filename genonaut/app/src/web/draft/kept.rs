//! A draft as the database keeps it: JSON, in which a letter of any script is one character. An address has up to nine for
//! one, and is what older versions kept.

use super::super::query::Recipe;

pub fn write(recipe: &Recipe) -> String {
    serde_json::to_string(&recipe.pairs()).unwrap_or_default()
}

pub fn read(kept: &str) -> Vec<(String, String)> {
    serde_json::from_str(kept).unwrap_or_else(|_| form_urlencoded::parse(kept.as_bytes()).into_owned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::LONGEST_PROMPT;

    #[test]
    fn the_longest_prompts_of_any_script_fit_into_the_table() {
        for letter in ["雨", "\u{1f327}", "\u{1}", "\"", "é"] {
            let prompt = letter.repeat(LONGEST_PROMPT);
            let recipe = Recipe { prompt: prompt.clone(), negative_prompt: prompt.clone(), ..Recipe::default() };
            let kept = write(&recipe);
            assert!(kept.chars().count() <= 62_000, "{letter}: {}", kept.chars().count());
            assert_eq!(read(&kept), [("prompt".to_owned(), prompt.clone()), ("negative_prompt".to_owned(), prompt)]);
        }
    }

    #[test]
    fn drafts_of_older_versions_are_read() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(read("steps=12&prompt=a+b"), [pair("steps", "12"), pair("prompt", "a b")]);
        assert_eq!(read(""), []);
    }
}
