//! Trigger words in a prompt, for browsers without JavaScript; `words.js` does the same with undo.

use std::ops::Range;

use genonaut_db::lora::Lora;

/// So many are offered in a recipe; some models come with hundreds.
const SUGGESTED: usize = 16;

/// Words that go with a LoRA, apart from those that wake it up.
pub fn suggested(lora: &Lora) -> impl Iterator<Item = String> {
    let words: Vec<String> = lora.metadata.get(&["suggested_words"]).unwrap_or_default();
    words.into_iter().filter(|word| !lora.trigger_words.contains(word)).take(SUGGESTED)
}

/// Whether the prompt has the word, not as a part of a longer one.
pub fn has(prompt: &str, word: &str) -> bool {
    find(prompt, word.trim()).is_some()
}

/// The prompt without the word when it was in it, else with it at the end.
pub fn toggled(prompt: &str, word: &str) -> String {
    let word = word.trim();
    match find(prompt, word) {
        Some(range) => without(prompt, &weighted(prompt, range)),
        None if word.is_empty() => prompt.to_owned(),
        None => with(prompt, word),
    }
}

fn with(prompt: &str, word: &str) -> String {
    let before = prompt.trim_end_matches(|c: char| c.is_whitespace() || c == ',');
    if before.is_empty() { word.to_owned() } else { format!("{before}, {word}") }
}

fn without(prompt: &str, range: &Range<usize>) -> String {
    let before = prompt[..range.start].trim_end();
    let (before, after) = (before.strip_suffix(',').unwrap_or(before), &prompt[range.end..]);
    if before.trim().is_empty() {
        return after.trim_start_matches(|c: char| c.is_whitespace() || c == ',').to_owned();
    }
    format!("{}{after}", before.trim_end())
}

/// `film look` in `(film look:1.2)` takes its brackets and weight along.
fn weighted(prompt: &str, range: Range<usize>) -> Range<usize> {
    let after = &prompt[range.end..];
    let tail = after.trim_start_matches(|c: char| c == ':' || c == '.' || c.is_ascii_digit());
    match prompt[..range.start].ends_with('(') && tail.starts_with(')') {
        true => range.start - 1..prompt.len() - tail.len() + 1,
        false => range,
    }
}

fn find(prompt: &str, word: &str) -> Option<Range<usize>> {
    if word.is_empty() {
        return None;
    }
    let starts = prompt.char_indices().map(|(at, _)| at);
    let mut found = starts.filter_map(|at| Some(at..at + prefix(&prompt[at..], word)?));
    found.find(|range| !joins(prompt[..range.start].chars().next_back()) && !joins(prompt[range.end..].chars().next()))
}

/// How many bytes of `text` spell `word`, without regard to case.
fn prefix(text: &str, word: &str) -> Option<usize> {
    let mut rest = text.chars();
    for wanted in word.chars() {
        let got = rest.next()?;
        if got != wanted && !got.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(text.len() - rest.as_str().len())
}

fn joins(neighbour: Option<char>) -> bool {
    neighbour.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_goes_in_at_the_end_and_comes_out_clean() {
        for (prompt, there) in [("", "film look"), ("a cat", "a cat, film look"), ("a cat, ", "a cat, film look")] {
            assert_eq!(toggled(prompt, "film look"), there);
        }
        for (prompt, left) in [
            ("film look", ""),
            ("Film Look, a cat", "a cat"),
            ("a cat, film look, rain", "a cat, rain"),
            ("a cat, (film look:1.2), rain", "a cat, rain"),
        ] {
            assert_eq!(toggled(prompt, "film look"), left);
        }
    }

    #[test]
    fn part_of_a_longer_word_is_another_word() {
        assert!(!has("filmmaker", "film"));
        assert!(has("an old film, grainy", "film"));
        assert!(has("ÄRA", "ära"));
        assert!(!has("anything", ""));
    }
}
