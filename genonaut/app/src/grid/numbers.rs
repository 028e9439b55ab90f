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
        return Err("“..” needs two numbers before it and one after it".to_owned());
    };
    range(*second, last, second.0 - first.0, "..")
}

fn entry(text: &str, whole: bool) -> Result<Vec<Number>, String> {
    let unread = || format!("“{}” is not a number or a range such as 1-5 or 0.4-1.0 by 0.2", shortened(text));
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
        return Err(format!("“{}” has more than {MOST_CELLS} values", shortened(text)));
    }
    Ok((0..).take(steps + 1).map(|at: i128| Number(first.0 + at * step * way.signum())).collect())
}

/// So many, from the first to the last.
fn spread(first: Number, last: Number, count: i128, whole: bool, text: &str) -> Result<Vec<Number>, String> {
    let known = usize::try_from(count).ok().filter(|count| (1..=MOST_CELLS).contains(count));
    let count = known.ok_or_else(|| format!("“{}” must have 1 to {MOST_CELLS} values", shortened(text)))?;
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
mod tests;
