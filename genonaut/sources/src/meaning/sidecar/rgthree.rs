//! `<file>.rgthree-info.json` of rgthree-comfy: Civitai's words with its user's notes.

use serde_json::Value;

use super::super::words::{Word, from_lists};
use super::super::{Claim, Said, Trust, Usage};
use super::json::{self, Read};
use super::{Fields, Found};

pub fn read(given: &Fields) -> Found {
    const KEYS: [&str; 5] = ["trainedWords", "images", "baseModel", "sha256", "userNote"];
    if !KEYS.iter().any(|key| given.contains_key(*key)) {
        return Err("it has no keys of rgthree-comfy");
    }
    let (guessed, stated): (Vec<_>, Vec<_>) =
        given.list("trainedWords").iter().partition(|entry| entry.as_object().is_some_and(is_guess));
    let said = Said {
        name: given.text("name"),
        trigger_words: words(&stated),
        suggested_words: words(&guessed),
        base: given.text("baseModel"),
        notes: given.long("userNote"),
        usage: Usage { weight_range: given.number("strengthMin").zip(given.number("strengthMax")), ..Usage::default() },
        hashes: given.text("sha256").and_then(|digits| Claim::new("sha256", &digits)).into_iter().collect(),
        extra: json::extra(given),
        ..Said::default()
    };
    Ok(vec![(Trust::Library, said)])
}

/// A word that is only in the training tags: neither Civitai nor the user has it.
fn is_guess(entry: &Fields) -> bool {
    let says = |who: &str| entry.get(who).and_then(Value::as_bool) == Some(true);
    says("metadata") && !says("civitai") && !says("user")
}

/// Entries are texts or objects with a `word`.
fn words(entries: &[&Value]) -> Vec<Word> {
    from_lists(entries.iter().filter_map(|entry| entry.as_str().or_else(|| entry.get("word")?.as_str())), "")
}
