//! What a prompt leaves open, read into parts.
//!
//! `{a|b}` is one of them; `{2$$a|b|c}` two, joined by a comma; `{1-2$$ and $$a|b|c}` one or two, joined by " and ";
//! `{2-$$…}` two or more, `{-2$$…}` one or two; `{2$$__name__}` two lines of one file; `{3::a|b}` takes the first three
//! times as often. `__name__` is a line of a file, `__name*__` of any file so called. `${x=!{a|b}}` draws a variable,
//! `${x={a|b}}` one that is drawn at each use, `${x}` and `${x:otherwise}` use it. Braces without `|` and `$$`, and those
//! that have no partner, are text; so is what stands behind a backslash, and `__` within the name of a LoRA.

mod names;
mod variable;

use std::ops::Range;

use names::Names;
pub use variable::{Assignment, Variable};

/// Braces deeper in one another than this are text.
const DEEPEST: usize = 12;

#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Text(String),
    /// A line of the file of this name.
    Wildcard(String),
    Choice(Choice),
    Assignment(Assignment),
    Variable(Variable),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// How many are taken, none of them twice; no end means all of them.
    pub count: std::ops::RangeInclusive<usize>,
    pub joined_by: String,
    pub options: Vec<Choosable>,
}

impl Choice {
    /// The file whose lines are the options: `{2$$__name__}`. One line alone is drawn as any wildcard is.
    pub fn lines_of(&self) -> Option<&str> {
        match self.options.as_slice() {
            [only] if *self.count.end() > 1 => match only.parts.as_slice() {
                [Part::Wildcard(name)] => Some(name),
                _ => None,
            },
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Choosable {
    /// How often it is taken, beside the others'; 1 unless given.
    pub weight: f64,
    pub parts: Vec<Part>,
}

pub fn parse(text: &str) -> Vec<Part> {
    Reader::new(text).parts(0..text.len())
}

/// Lines as options, each once.
pub fn options(lines: Vec<String>) -> Vec<Choosable> {
    let mut seen = std::collections::HashSet::new();
    let new = lines.iter().filter(|line| seen.insert(line.as_str()));
    new.map(|line| Choosable { weight: 1.0, parts: parse(line) }).collect()
}

/// Names of the files that it asks for, chosen or not.
pub fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    walk(&parse(text), &mut |part| match part {
        Part::Wildcard(name) if !names.contains(name) => names.push(name.clone()),
        _ => {}
    });
    names
}

/// What looks like this syntax and is read as plain words: a variable that nothing sets, `$$`, `__odd name__`.
pub fn unread(text: &str) -> Vec<String> {
    let (mut used, mut set, mut found) = (Vec::new(), Vec::new(), Vec::new());
    walk(&parse(text), &mut |part| match part {
        Part::Variable(variable) if variable.otherwise.is_none() => used.push(variable.name.clone()),
        Part::Assignment(assignment) => set.push(assignment.name.clone()),
        Part::Text(text) => found.extend(names::leftovers(text)),
        _ => {}
    });
    let unset = used.into_iter().filter(|name| !set.contains(name)).map(|name| format!("${{{name}}}"));
    let mut all: Vec<String> = Vec::new();
    for piece in unset.chain(found) {
        if !all.contains(&piece) {
            all.push(piece);
        }
    }
    all
}

/// Every part, those within others too.
fn walk(parts: &[Part], visit: &mut impl FnMut(&Part)) {
    for part in parts {
        visit(part);
        match part {
            Part::Choice(choice) => choice.options.iter().for_each(|option| walk(&option.parts, visit)),
            Part::Assignment(assignment) => walk(&assignment.value, visit),
            Part::Variable(variable) => walk(variable.otherwise.as_deref().unwrap_or_default(), visit),
            Part::Text(_) | Part::Wildcard(_) => {}
        }
    }
}

/// Bytes of what may or may not be chosen, choices within choices too.
pub fn choices(text: &str) -> Vec<Range<usize>> {
    let reader = Reader::new(text);
    let is_open = |(open, close): &(usize, usize)| {
        reader.choice(open + 1..*close).is_some() || reader.variable(open.saturating_sub(1)).0.is_some()
    };
    reader.braces.iter().filter(|pair| is_open(pair)).map(|(open, close)| *open..*close).collect()
}

/// Whether these bytes are a part of one of the choices, or hold one.
pub fn is_within(choices: &[Range<usize>], range: &Range<usize>) -> bool {
    choices.iter().any(|choice| choice.start < range.end && range.start < choice.end)
}

struct Reader<'a> {
    text: &'a str,
    /// Bytes of each opening brace and its partner, in the order of the opening ones.
    braces: Vec<(usize, usize)>,
    names: Names,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, braces: braces(text), names: Names::of(text) }
    }

    fn parts(&self, range: Range<usize>) -> Vec<Part> {
        let (mut parts, mut plain, mut at) = (Vec::new(), String::new(), range.start);
        while let Some(c) = self.text[at..range.end].chars().next() {
            let (part, end) = match c {
                '\\' => (None, self.escaped(at, &mut plain)),
                '{' => self.braced(at),
                '$' => self.variable(at),
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
        let choice = self.partner(at).and_then(|close| Some((self.choice(at + 1..close)?, close + 1)));
        choice.map_or((None, at), |(choice, end)| (Some(Part::Choice(choice)), end))
    }

    /// The brace that closes the one at this byte.
    fn partner(&self, at: usize) -> Option<usize> {
        let found = self.braces.binary_search_by_key(&at, |(open, _)| *open).ok()?;
        Some(self.braces[found].1)
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

    /// `2$$`, `1-3$$`, `2-$$`, `-3$$` or `2$$ and $$` in front of the first option; where the options begin.
    fn head(&self, range: &Range<usize>, first: usize) -> (std::ops::RangeInclusive<usize>, String, usize) {
        let none = (1..=1, ", ".to_owned(), range.start);
        let text = &self.text[range.start..first];
        let Some((number, rest)) = text.split_once("$$") else { return none };
        let Some(count) = count(number) else { return none };
        let joined = rest.split_once("$$").map(|(joined, _)| joined).filter(|joined| !joined.contains(['{', '}']));
        let length = number.len() + 2 + joined.map_or(0, |joined| joined.len() + 2);
        (count, joined.unwrap_or(", ").to_owned(), range.start + length)
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
            let inner = self.partner(at);
            if c == '|' {
                bars.push(at);
            }
            at = match (c, inner) {
                ('\\', _) => past_backslash(self.text, at),
                (_, Some(close)) => close + 1,
                _ => at + c.len_utf8(),
            };
        }
        bars
    }

    fn wildcard(&self, range: Range<usize>) -> (Option<Part>, usize) {
        let none = (None, range.start);
        let Some(length) = names::wildcard(&self.text[range.clone()]) else { return none };
        let place = range.start..range.start + length + 4;
        match self.names.allow(self.text, &place) {
            true => (Some(Part::Wildcard(self.text[place.start + 2..place.end - 2].to_owned())), place.end),
            false => none,
        }
    }
}

/// How many of the options `2`, `1-3`, `2-` (no end) and `-3` take.
fn count(text: &str) -> Option<std::ops::RangeInclusive<usize>> {
    let number = |text: &str, otherwise| match text.trim() {
        "" => Some(otherwise),
        text => text.parse::<usize>().ok(),
    };
    let Some((least, most)) = text.split_once('-') else {
        let exact = text.trim().parse().ok()?;
        return Some(exact..=exact);
    };
    let (least, most) = (number(least, 1)?, number(most, usize::MAX)?);
    Some(least.min(most)..=most.max(least))
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
    fn how_many_are_taken_may_have_no_end_or_no_beginning() {
        for (text, expected) in [
            ("2", Some(2..=2)),
            (" 1 - 3 ", Some(1..=3)),
            ("2-", Some(2..=usize::MAX)),
            ("-2", Some(1..=2)),
            ("-", Some(1..=usize::MAX)),
            ("", None),
            ("two", None),
            ("1-x", None),
            ("1-2-3", None),
        ] {
            assert_eq!(count(text), expected, "{text}");
        }
    }

    #[test]
    fn underscores_in_the_name_of_a_lora_are_its_own() {
        for (text, expected) in [
            ("<lora:Night__City__v2:1.0>", vec![]),
            ("{<lora:Night__City__v2:1>|<lora:a__b__:0.5>}", vec![]),
            ("(embedding:my__bad__hands:1.2), x", vec![]),
            ("<lora:__style__:0.8>", vec!["style"]),
            ("<lora:{__style__|film}:0.8>", vec!["style"]),
            ("<lora:film:__weight__>", vec!["weight"]),
            ("embedding:__negative__", vec!["negative"]),
            ("<lora:a__b__c", vec!["b"]),
            ("<b:a__b__c>", vec!["b"]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_found() {
        for (text, expected) in [
            ("{2$$a|b} ${x=!{a|b}} ${x} ${y:z} __a*__", vec![]),
            ("${x} and ${x}", vec!["${x}"]),
            ("{two$$a|b}", vec!["$$"]),
            ("a __season(season=winter)__ b", vec!["__season(season=winter)__"]),
            ("${x y}", vec!["${"]),
            ("<lora:No__Such__thing:1> $ 5", vec![]),
        ] {
            assert_eq!(unread(text), expected, "{text}");
        }
    }

    #[test]
    fn what_may_not_be_chosen_is_told_from_what_stands() {
        let text = "a {b} <lora:x:1> {c|<lora:y:1>} <lora:{p|q}:1> ${v=<lora:z:1>}";
        let at = |part: &str| text.find(part).map(|start| start..start + part.len()).unwrap();
        let choices = choices(text);
        assert!(!is_within(&choices, &at("<lora:x:1>")));
        for part in ["<lora:y:1>", "<lora:{p|q}:1>", "<lora:z:1>"] {
            assert!(is_within(&choices, &at(part)), "{part}");
        }
    }
}
