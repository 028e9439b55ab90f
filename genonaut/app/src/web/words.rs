//! Trigger words in a prompt, for browsers without JavaScript; `words.js` does the same with undo, and is tested with the
//! same table.

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

/// The prompt without the word wherever it was in it, else with it at the end.
pub fn toggled(prompt: &str, word: &str) -> String {
    let word = word.trim();
    match has(prompt, word) {
        true => without_all(prompt, word),
        false if word.is_empty() => prompt.to_owned(),
        false => with(prompt, word),
    }
}

fn without_all(prompt: &str, word: &str) -> String {
    let mut left = prompt.to_owned();
    while let Some(range) = find(&left, word) {
        left = without(&left, &weighted(&left, range));
    }
    left
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

/// `film look` in `(film look:1.2)` takes its brackets and weight along, however many there are.
fn weighted(prompt: &str, range: Range<usize>) -> Range<usize> {
    let after = &prompt[range.end..];
    let tail = after.trim_start_matches(|c: char| matches!(c, ':' | '.' | '-') || c.is_ascii_digit());
    match prompt[..range.start].ends_with('(') && tail.starts_with(')') {
        true => weighted(prompt, range.start - 1..prompt.len() - tail.len() + 1),
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
    neighbour.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prompt, word, and the prompt after a press; the browser's test reads it too.
    const TABLE: &str = include_str!("../../tests/data/trigger_words.json");

    #[test]
    fn odd_words_go_in_at_the_end_and_come_out_clean() {
        let table: Vec<[String; 3]> = serde_json::from_str(TABLE).unwrap();
        for [prompt, word, after] in table {
            assert_eq!(toggled(&prompt, &word), after, "“{word}” in “{prompt}”");
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
