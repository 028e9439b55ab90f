//! Lists of numbers and ranges as people write them: `20, 30`, `0.4-1.0 by 0.2`, `1-3`, and what A1111 and SwarmUI read:
//! `1-10 (+2)`, `1-10 [5]`, `1, 2, .., 10`.

use std::fmt;

use super::MOST_CELLS;

/// A decimal number in millionths: sums of steps stay exact, and any seed fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(i128);

const ONE: i128 = 1_000_000;
const DIGITS: usize = 6;

/// All numbers that a text names, each once, in its order, and what is wrong with the rest, one sentence each. `whole`
/// spreads `1-10 [5]` over whole numbers, as A1111 does.
pub fn numbers(text: &str, whole: bool) -> (Vec<Number>, Vec<String>) {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    let entries: Vec<_> = text.split([',', ';', '\n']).map(str::trim).filter(|entry| !entry.is_empty()).collect();
    for (at, entry) in entries.iter().enumerate() {
        let read = match is_dots(entry) {
            true => between(&found, entries.get(at + 1)),
            false => self::entry(entry, whole),
        };
        match read {
            Ok(numbers) => found.extend(numbers),
            Err(reason) => wrong.push(reason),
        }
    }
    (distinct(found), wrong)
}

fn is_dots(entry: &str) -> bool {
    matches!(entry, ".." | "..." | "…")
}

/// `1, 2, .., 10` goes on in the same steps.
fn between(before: &[Number], next: Option<&&str>) -> Result<Vec<Number>, String> {
    let next = next.and_then(|next| number(next)).filter(|(_, rest)| rest.is_empty());
    let ([.., first, second], Some((last, _))) = (before, next) else {
        return Err("“..” needs two numbers before it and one behind it".to_owned());
    };
    range(*second, last, second.0 - first.0, "..")
}

fn entry(text: &str, whole: bool) -> Result<Vec<Number>, String> {
    let unread = || format!("“{}” is no number, and no range such as 1-5 or 0.4-1.0 by 0.2", shortened(text));
    let (first, rest) = number(text).ok_or_else(unread)?;
    if rest.is_empty() {
        return Ok(vec![first]);
    }
    let rest = ["to ", "..", "-", "–"].into_iter().find_map(|sign| rest.strip_prefix(sign)).ok_or_else(unread)?;
    let (last, rest) = number(rest).ok_or_else(unread)?;
    match step(rest).ok_or_else(unread)? {
        Step::One if (last.0 - first.0) % ONE != 0 => {
            Err(format!("“{}” needs a step, such as {first}-{last} by 0.1", shortened(text)))
        }
        Step::One => range(first, last, ONE, text),
        Step::By(step) => range(first, last, step.0, text),
        Step::Count(count) => spread(first, last, count, whole, text),
    }
}

enum Step {
    One,
    By(Number),
    Count(i128),
}

/// What stands behind a range; `None` where it means nothing.
fn step(rest: &str) -> Option<Step> {
    if rest.is_empty() {
        return Some(Step::One);
    }
    let inside = |open, close| rest.strip_prefix(open)?.strip_suffix(close);
    let alone = |text: &str| number(text).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number);
    if let Some(count) = inside('[', ']') {
        return alone(count).filter(|count| count.0 % ONE == 0).map(|count| Step::Count(count.0 / ONE));
    }
    let by = rest.strip_prefix("by ").or_else(|| rest.strip_prefix("step ")).or_else(|| inside('(', ')'));
    by.and_then(alone).map(Step::By)
}

/// A number at the beginning, and what stands behind it, both without blanks around.
fn number(text: &str) -> Option<(Number, &str)> {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, rest) = digits(text);
    // A second dot is no decimal point: `1..5` is a range.
    let fraction = rest.strip_prefix('.').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let (fraction, rest) = fraction.map_or(("", rest), digits);
    if whole.is_empty() && fraction.is_empty() || whole.len() > 19 || fraction.len() > DIGITS {
        return None;
    }
    let millionths = format!("{fraction:0<DIGITS$}").parse::<i128>().ok()?;
    let whole = if whole.is_empty() { 0 } else { whole.parse::<i128>().ok()? };
    Some((Number(sign * (whole * ONE + millionths)), rest.trim()))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// From the first to the last at most, in steps towards it.
fn range(first: Number, last: Number, step: i128, text: &str) -> Result<Vec<Number>, String> {
    let (way, step) = (last.0 - first.0, step.abs());
    if step == 0 {
        return Err(format!("“{}” has no step", shortened(text)));
    }
    let steps = usize::try_from(way.abs() / step).unwrap_or(usize::MAX);
    if steps >= MOST_CELLS {
        return Err(format!("“{}” comes to more than {MOST_CELLS} values", shortened(text)));
    }
    Ok((0..).take(steps + 1).map(|at: i128| Number(first.0 + at * step * way.signum())).collect())
}

/// So many, from the first to the last.
fn spread(first: Number, last: Number, count: i128, whole: bool, text: &str) -> Result<Vec<Number>, String> {
    let known = usize::try_from(count).ok().filter(|count| (1..=MOST_CELLS).contains(count));
    let count = known.ok_or_else(|| format!("“{}” must come to 1 to {MOST_CELLS} values", shortened(text)))?;
    // Three digits are as fine as anybody can see.
    let grain = if whole { ONE } else { ONE / 1000 };
    let parts = i128::try_from(count.max(2) - 1).unwrap_or(1);
    let at = |at: i128| first.0 + (last.0 - first.0) * at / parts;
    Ok((0..).take(count).map(|place| Number(at(place) / grain * grain)).collect())
}

fn distinct(numbers: Vec<Number>) -> Vec<Number> {
    let mut found = Vec::new();
    for number in numbers {
        if !found.contains(&number) {
            found.push(number);
        }
    }
    found
}

pub fn shortened(text: &str) -> String {
    let short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if text.chars().count() > 40 { short + "…" } else { short }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.abs() / ONE, self.0.abs() % ONE);
        let fraction = format!("{fraction:0DIGITS$}");
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            fraction => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<String> {
        let (found, wrong) = numbers(text, false);
        assert_eq!(wrong, [] as [&str; 0]);
        found.iter().map(Number::to_string).collect()
    }

    #[test]
    fn lists_and_ranges_are_read_however_they_are_written() {
        for (text, expected) in [
            ("20, 30", vec!["20", "30"]),
            ("20\n30\n", vec!["20", "30"]),
            ("0.4-1.0 by 0.2", vec!["0.4", "0.6", "0.8", "1"]),
            ("0.4 to 1 by 0.25", vec!["0.4", "0.65", "0.9"]),
            ("1..3", vec!["1", "2", "3"]),
            ("3–1", vec!["3", "2", "1"]),
            ("1-5 (+2)", vec!["1", "3", "5"]),
            ("10-5 (-3)", vec!["10", "7"]),
            ("0-1 [3]", vec!["0", "0.5", "1"]),
            ("-1--0.5 by .25", vec!["-1", "-0.75", "-0.5"]),
            ("1, 2, .., 5", vec!["1", "2", "3", "4", "5"]),
            ("9, 7, ..., 1", vec!["9", "7", "5", "3", "1"]),
            ("20, 20, 15-25 by 5", vec!["20", "15", "25"]),
            ("9223372036854775807", vec!["9223372036854775807"]),
            (" , ", vec![]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_count_over_whole_numbers_is_what_a1111_makes_of_it() {
        let read: Vec<_> = numbers("1-10 [5]", true).0.iter().map(Number::to_string).collect();
        assert_eq!(read, ["1", "3", "5", "7", "10"]);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, says) in [
            ("twenty", "“twenty” is no number"),
            ("1-", "“1-” is no number, and no range"),
            ("1e3", "“1e3” is no number"),
            ("1-5 by", "“1-5 by” is no number"),
            ("0.4-1.05", "“0.4-1.05” needs a step"),
            ("1-5 by 0", "“1-5 by 0” has no step"),
            ("1-9999", "“1-9999” comes to more than 400 values"),
            ("1-9 [0]", "“1-9 [0]” must come to 1 to 400 values"),
            ("1, .., 9", "“..” needs two numbers before it"),
            ("0.1234567", "is no number"),
        ] {
            let wrong = numbers(text, false).1.join(". ");
            assert!(wrong.contains(says), "{text}: {wrong}");
        }
        let (found, wrong) = numbers("a, 1, b", false);
        assert_eq!((found.len(), wrong.len()), (1, 2));
    }

    proptest! {
        #[test]
        fn a_number_is_read_as_it_is_written(millionths in -1_000_000_000_000i128..1_000_000_000_000) {
            let number = Number(millionths);
            prop_assert_eq!(numbers(&number.to_string(), false), (vec![number], Vec::new()));
        }

        #[test]
        fn a_range_starts_and_stays_within_its_ends(first in -500i128..500, last in -500i128..500, step in 1i128..300) {
            let (first, last) = (Number(first * ONE / 100), Number(last * ONE / 100));
            let text = format!("{first} to {last} by {}", Number(step * ONE / 10));
            let read = numbers(&text, false).0;
            prop_assert_eq!(read[0], first);
            let within = first.min(last)..=first.max(last);
            prop_assert!(read.iter().all(|number| within.contains(number)));
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,40}") {
            let _ = numbers(&text, true);
        }
    }
}
