//! What a prompt leaves open, read into parts.
//!
//! `{a|b}` is one of them; `{2$$a|b|c}` two, joined by a comma; `{1-2$$ and $$a|b|c}` one or two, joined by " and ";
//! `{3::a|b}` takes the first three times as often. `__name__` is a line of a file. Braces without `|` and `$$`, and
//! those that have no partner, are text; so is what stands behind a backslash.

use std::ops::Range;

/// Braces deeper in one another than this are text.
const DEEPEST: usize = 12;

#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Text(String),
    /// A line of the file of this name.
    Wildcard(String),
    Choice(Choice),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// How many are taken, none of them twice.
    pub count: std::ops::RangeInclusive<usize>,
    pub joined_by: String,
    pub options: Vec<Choosable>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Choosable {
    /// How often it is taken, beside the others'; 1 unless given.
    pub weight: f64,
    pub parts: Vec<Part>,
}

pub fn parse(text: &str) -> Vec<Part> {
    Reader { text, braces: braces(text) }.parts(0..text.len())
}

/// Names of the files that it asks for, chosen or not.
pub fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    collect(&parse(text), &mut names);
    names
}

fn collect(parts: &[Part], names: &mut Vec<String>) {
    for part in parts {
        match part {
            Part::Wildcard(name) if !names.contains(name) => names.push(name.clone()),
            Part::Choice(choice) => choice.options.iter().for_each(|option| collect(&option.parts, names)),
            _ => {}
        }
    }
}

/// Whether these bytes are a part of what may or may not be chosen, or hold something to choose.
pub fn is_within_choice(text: &str, range: &Range<usize>) -> bool {
    let reader = Reader { text, braces: braces(text) };
    let choices = reader.braces.iter().filter(|(open, close)| reader.choice(open + 1..*close).is_some());
    choices.into_iter().any(|(open, close)| *open < range.end && range.start < *close)
}

struct Reader<'a> {
    text: &'a str,
    /// Bytes of each opening brace and its partner, in the order of the opening ones.
    braces: Vec<(usize, usize)>,
}

impl Reader<'_> {
    fn parts(&self, range: Range<usize>) -> Vec<Part> {
        let (mut parts, mut plain, mut at) = (Vec::new(), String::new(), range.start);
        while let Some(c) = self.text[at..range.end].chars().next() {
            let (part, end) = match c {
                '\\' => (None, self.escaped(at, &mut plain)),
                '{' => self.braced(at),
                '_' => self.wildcard(at..range.end),
                _ => (None, at),
            };
            match part {
                Some(part) => {
                    push(&mut parts, &mut plain);
                    parts.push(part);
                    at = end;
                }
                None if end > at => at = end,
                None => {
                    plain.push(c);
                    at += c.len_utf8();
                }
            }
        }
        push(&mut parts, &mut plain);
        parts
    }

    /// A backslash takes the meaning of what has one here; before anything else it is text.
    fn escaped(&self, at: usize, plain: &mut String) -> usize {
        let end = past_backslash(self.text, at);
        plain.push_str(&self.text[at + 1..end]);
        if end == at + 1 { at } else { end }
    }

    fn braced(&self, at: usize) -> (Option<Part>, usize) {
        let partner = self.braces.binary_search_by_key(&at, |(open, _)| *open).map(|found| self.braces[found].1);
        let choice = partner.ok().and_then(|close| Some((self.choice(at + 1..close)?, close + 1)));
        choice.map_or((None, at), |(choice, end)| (Some(Part::Choice(choice)), end))
    }

    fn choice(&self, range: Range<usize>) -> Option<Choice> {
        let mut bars = self.bars(&range);
        let (count, joined_by, start) = self.head(&range, bars.first().copied().unwrap_or(range.end));
        if bars.is_empty() && start == range.start {
            return None;
        }
        bars.push(range.end);
        let mut options = Vec::new();
        let mut from = start;
        for bar in bars {
            options.push(self.option(from..bar));
            from = bar + 1;
        }
        Some(Choice { count, joined_by, options })
    }

    /// `2$$`, `1-3$$` or `2$$ and $$` in front of the first option; where the options begin.
    fn head(&self, range: &Range<usize>, first: usize) -> (std::ops::RangeInclusive<usize>, String, usize) {
        let none = (1..=1, ", ".to_owned(), range.start);
        let text = &self.text[range.start..first];
        let Some((number, rest)) = text.split_once("$$") else { return none };
        let (least, most) = number.trim().split_once('-').unwrap_or((number.trim(), number.trim()));
        let (Ok(least), Ok(most)) = (least.trim().parse::<usize>(), most.trim().parse::<usize>()) else { return none };
        let joined = rest.split_once("$$").map(|(joined, _)| joined).filter(|joined| !joined.contains(['{', '}']));
        let length = number.len() + 2 + joined.map_or(0, |joined| joined.len() + 2);
        (least.min(most)..=most.max(least), joined.unwrap_or(", ").to_owned(), range.start + length)
    }

    fn option(&self, range: Range<usize>) -> Choosable {
        let text = &self.text[range.clone()];
        let weighed =
            text.split_once("::").and_then(|(weight, _)| Some((weight.trim().parse().ok()?, weight.len() + 2)));
        let weighed = weighed.filter(|(weight, _): &(f64, usize)| weight.is_finite() && *weight >= 0.0);
        let (weight, skipped) = weighed.unwrap_or((1.0, 0));
        Choosable { weight, parts: self.parts(range.start + skipped..range.end) }
    }

    /// The bars that are between the options themselves, not within one of them.
    fn bars(&self, range: &Range<usize>) -> Vec<usize> {
        let (mut bars, mut at) = (Vec::new(), range.start);
        while let Some(c) = self.text[at..range.end].chars().next() {
            let inner = self.braces.binary_search_by_key(&at, |(open, _)| *open).map(|found| self.braces[found].1);
            if c == '|' {
                bars.push(at);
            }
            at = match (c, inner) {
                ('\\', _) => past_backslash(self.text, at),
                (_, Ok(close)) => close + 1,
                _ => at + c.len_utf8(),
            };
        }
        bars
    }

    fn wildcard(&self, range: Range<usize>) -> (Option<Part>, usize) {
        let text = &self.text[range.clone()];
        let none = (None, range.start);
        let Some(inside) = text.strip_prefix("__") else { return none };
        let Some(length) = inside.find("__").filter(|length| *length > 0) else { return none };
        let name = &inside[..length];
        let fits = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.'));
        match fits {
            true => (Some(Part::Wildcard(name.to_owned())), range.start + length + 4),
            false => none,
        }
    }
}

fn push(parts: &mut Vec<Part>, plain: &mut String) {
    if !plain.is_empty() {
        parts.push(Part::Text(std::mem::take(plain)));
    }
}

/// Behind the backslash here, and behind the sign whose meaning it takes.
fn past_backslash(text: &str, at: usize) -> usize {
    let taken = text[at + 1..].starts_with(['{', '}', '|', '_']);
    at + 1 + usize::from(taken)
}

/// Opening braces with their partners.
fn braces(text: &str) -> Vec<(usize, usize)> {
    let (mut open, mut pairs, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(c) = text[at..].chars().next() {
        match c {
            '{' => open.push(at),
            '}' => {
                let depth = open.len();
                pairs.extend(open.pop().filter(|_| depth <= DEEPEST).map(|start| (start, at)));
            }
            _ => {}
        }
        at = if c == '\\' { past_backslash(text, at) } else { at + c.len_utf8() };
    }
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_with_bars_are_choices_and_all_else_is_text() {
        let count = |text: &str| match parse(text).as_slice() {
            [Part::Choice(choice)] => Some((choice.count.clone(), choice.joined_by.clone(), choice.options.len())),
            _ => None,
        };
        assert_eq!(count("{a|b|}"), Some((1..=1, ", ".to_owned(), 3)));
        assert_eq!(count("{2$$a|{b|c}|d}"), Some((2..=2, ", ".to_owned(), 3)));
        assert_eq!(count("{3-1$$ and $$a|b}"), Some((1..=3, " and ".to_owned(), 2)));
        assert_eq!(count("{2$$__a__}"), Some((2..=2, ", ".to_owned(), 1)));
        for text in
            ["{a}", "{a|b", "a|b}", "\\{a|b}", "{a\\|b}", "{\\\\|}", "[a|b]", "____", "__ a__", "_a_", "__a_", "a__b"]
        {
            assert!(parse(text).iter().all(|part| matches!(part, Part::Text(_))), "{text}: {:?}", parse(text));
        }
        assert_eq!(parse("\\{a\\|b\\} \\(c\\)"), [Part::Text("{a|b} \\(c\\)".to_owned())]);
        assert_eq!(names("__a__ {__b/c__|{x|__d-1__}} __a__"), ["a", "b/c", "d-1"]);
    }

    #[test]
    fn what_may_not_be_chosen_is_told_from_what_stands() {
        let text = "a {b} <lora:x:1> {c|<lora:y:1>} <lora:{p|q}:1>";
        let at = |part: &str| text.find(part).map(|start| start..start + part.len()).unwrap();
        assert!(!is_within_choice(text, &at("<lora:x:1>")));
        assert!(is_within_choice(text, &at("<lora:y:1>")) && is_within_choice(text, &at("<lora:{p|q}:1>")));
    }
}
