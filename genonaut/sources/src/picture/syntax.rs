//! Syntax of prompts that A1111 and its kin have and plain text encoders do not: prompt editing, alternation, `BREAK`,
//! `AND`, embeddings.

/// Characters of a piece of a prompt that are shown.
const LONGEST: usize = 60;
/// Words of a prompt that may be embeddings.
const MOST_WORDS: usize = 500;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Syntax {
    /// `embedding:name`, as ComfyUI writes it.
    Embedding(String),
    /// `[a:b:0.5]`, `[a:0.5]` and `[a::0.5]`.
    Editing(String),
    /// `[a|b]`.
    Alternation(String),
    /// Begins another chunk of 75 tokens.
    Break,
    /// Combines two prompts.
    And,
}

/// What of it a prompt has, each once, in one pass.
pub fn find(prompt: &str) -> Vec<Syntax> {
    let mut found = Vec::new();
    let mut add = |syntax| {
        if !found.contains(&syntax) {
            found.push(syntax);
        }
    };
    brackets(prompt, &mut add);
    for word in prompt.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '[' | ']' | '{' | '}' | '|'))
    {
        match word {
            "BREAK" => add(Syntax::Break),
            "AND" => add(Syntax::And),
            _ => {
                let name = word.strip_prefix("embedding:").map(|name| name.split(':').next().unwrap_or_default());
                name.filter(|name| !name.is_empty()).into_iter().for_each(|name| add(Syntax::Embedding(shown(name))));
            }
        }
    }
    found
}

/// Words that could be the name of an embedding's file, each once; at most 500.
pub fn words(prompt: &str) -> Vec<&str> {
    let mut seen = std::collections::HashSet::new();
    let is_sign = |c: char| c.is_whitespace() || ",()[]{}|<>:;\"'\0".contains(c);
    let pieces = prompt.split(|c: char| c.is_whitespace() || c == ',');
    // With the colon it is known to be one.
    let plain = pieces.filter(|piece| !piece.contains("embedding:")).flat_map(|piece| piece.split(is_sign));
    plain.filter(|word| word.len() > 2 && seen.insert(*word)).take(MOST_WORDS).collect()
}

/// An open bracket, and the signs directly within it.
struct Open {
    at: usize,
    bracket: char,
    bars: bool,
    last_colon: Option<usize>,
}

fn brackets(prompt: &str, add: &mut impl FnMut(Syntax)) {
    let mut open: Vec<Open> = Vec::new();
    let mut escaped = false;
    for (at, c) in prompt.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match c {
            '\\' => escaped = true,
            '[' | '(' | '{' | '<' => open.push(Open { at, bracket: c, bars: false, last_colon: None }),
            '|' => open.last_mut().into_iter().for_each(|inner| inner.bars = true),
            ':' => open.last_mut().into_iter().for_each(|inner| inner.last_colon = Some(at)),
            ']' | ')' | '}' | '>' => {
                if let Some(inner) = open.pop_if(|inner| closes(inner.bracket, c)) {
                    close(prompt, &inner, at).into_iter().for_each(&mut *add);
                }
            }
            _ => {}
        }
    }
}

const fn closes(open: char, c: char) -> bool {
    matches!((open, c), ('[', ']') | ('(', ')') | ('{', '}') | ('<', '>'))
}

fn close(prompt: &str, inner: &Open, end: usize) -> Option<Syntax> {
    let text = || shown(&prompt[inner.at..=end]);
    let when = inner.last_colon.and_then(|colon| prompt[colon + 1..end].trim().parse::<f64>().ok());
    match inner {
        Open { bracket: '[', bars: true, .. } => Some(Syntax::Alternation(text())),
        Open { bracket: '[', .. } if when.is_some() => Some(Syntax::Editing(text())),
        _ => None,
    }
}

fn shown(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    if text.chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::Syntax::{Alternation, And, Break, Editing, Embedding};
    use super::*;

    #[test]
    fn only_what_plain_encoders_do_not_read_is_found() {
        let text = |text: &str| text.to_owned();
        for (prompt, expected) in [
            ("a [cat:dog:0.5] b", vec![Editing(text("[cat:dog:0.5]"))]),
            ("[cat:10], [cat::0.3]", vec![Editing(text("[cat:10]")), Editing(text("[cat::0.3]"))]),
            ("[cat|dog] run", vec![Alternation(text("[cat|dog]"))]),
            ("a BREAK b, AND c", vec![Break, And]),
            ("(embedding:bad-hands:1.2), embedding:bad-hands", vec![Embedding(text("bad-hands"))]),
            ("[a (b:1.2)] [c] {a|b} (a|b) <lora:a:1> \\[a|b\\] [a: b] BREAKFAST and [{a|b}]", vec![]),
            ("[a|b", vec![]),
        ] {
            assert_eq!(find(prompt), expected, "{prompt}");
        }
    }

    #[test]
    fn words_are_named_once_without_signs() {
        assert_eq!(
            words("(EasyNegative:1.2), a cat, EasyNegative embedding:x [bad_v2]"),
            ["EasyNegative", "1.2", "cat", "bad_v2"]
        );
    }
}
