//! Where in a text the prompt ends, the negative prompt begins, and the settings stand.

use super::pairs;
use crate::picture::values;

const NEGATIVE: &str = "negative prompt:";
/// Fewer pairs than this are a prompt's own last line.
const FEWEST_PAIRS: usize = 3;
/// Where settings may begin that is looked at closer.
const MOST_PLACES: usize = 20;
/// Lines that stand below the settings whole: their commas separate nothing.
const LINES: [&str; 9] = [
    "template:",
    "negative template:",
    "time taken:",
    "torch active",
    "sys vram",
    "used embeddings:",
    "saved:",
    "a: ",
    "wildcard ",
];
/// Names of settings that say what the others are.
const KNOWN: [&str; 9] =
    ["steps", "sampler", "cfg scale", "seed", "size", "model", "model hash", "schedule type", "clip skip"];

#[derive(Debug, Default, PartialEq)]
pub struct Layout {
    pub prompt: String,
    pub negative: String,
    /// Empty when there are none.
    pub settings: String,
    /// Lines below the settings that belong to nothing.
    pub below: Vec<String>,
}

/// Finds the three parts of a text.
pub fn split(text: &str) -> Layout {
    let text = plain(text);
    let text = text.trim();
    let (above, settings) = text.split_at(settings_start(text).unwrap_or(text.len()));
    let (prompt, negative) = prompts(above.trim_end(), !settings.is_empty() && !above.ends_with('\n'));
    let mut layout = Layout { prompt, negative, ..Layout::default() };
    for line in settings.lines() {
        let head: String = line.trim_start().chars().take(30).collect::<String>().to_lowercase();
        if LINES.iter().any(|begin| head.starts_with(begin)) {
            layout.below.push(line.trim().to_owned());
        } else {
            layout.settings.extend((!layout.settings.is_empty()).then_some('\n'));
            layout.settings.push_str(line);
        }
    }
    layout
}

/// As the program wrote it: pages escape brackets, and systems have line ends of their own.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}'], "\n").replace('\u{a0}', " ");
    match text.contains("&lt;lora:") || text.contains("&quot;") {
        true => html_escape::decode_html_entities(&text).into_owned(),
        false => text,
    }
}

/// A1111 puts the settings on the last line; others write below it, break it, or put everything on one line.
fn settings_start(text: &str) -> Option<usize> {
    let begins = |line: &str| line.trim_start().get(..6).is_some_and(|head| head.eq_ignore_ascii_case("steps:"));
    let mut first = lines(text).filter(|(_, line)| begins(line)).map(|(start, _)| start).take(MOST_PLACES);
    let first = first.find(|start| are_settings(&text[*start..]));
    first
        .or_else(|| {
            // The last line that begins with a setting, and all below it.
            let last = lines(text).filter(|(_, line)| line.contains(':') && line.contains(',')).last();
            last.filter(|(_, line)| are_pairs(line)).map(|(start, _)| start)
        })
        .or_else(|| within_line(text))
}

/// `… . Steps: 24, Sampler: …` in the middle of a line.
fn within_line(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let places = lower.match_indices("steps:").map(|(at, _)| at);
    let mut places = places.filter(|at| text[..*at].ends_with([' ', '.', ',', ';', '\t'])).take(MOST_PLACES);
    places.find(|at| are_settings(&text[*at..]))
}

/// Begins with a number of steps, and names another known setting.
fn are_settings(text: &str) -> bool {
    let pairs = pairs::split(&text[..text.char_indices().nth(2000).map_or(text.len(), |(at, _)| at)]);
    let Some((_, steps)) = pairs.first() else { return false };
    values::float(steps).is_some() && pairs.iter().skip(1).any(|(name, _)| is_known(name))
}

fn are_pairs(line: &str) -> bool {
    let pairs = pairs::split(line);
    let begins = pairs.first().is_some_and(|(name, _)| is_known(name) && line.trim_start().starts_with(name.as_str()));
    begins && pairs.len() >= FEWEST_PAIRS && pairs.iter().filter(|(name, _)| is_known(name)).count() >= 2
}

fn is_known(name: &str) -> bool {
    KNOWN.contains(&name.to_lowercase().as_str())
}

/// The negative prompt begins with its name at the start of a line; where all is one line, anywhere.
fn prompts(text: &str, one_line: bool) -> (String, String) {
    let begins =
        |line: &str| line.trim_start().get(..NEGATIVE.len()).is_some_and(|head| head.eq_ignore_ascii_case(NEGATIVE));
    let line = lines(text).find(|(_, line)| begins(line));
    let line = line.map(|(start, line)| start + line.len() - line.trim_start().len());
    let within = || text.to_ascii_lowercase().find(NEGATIVE).filter(|_| one_line);
    match line.or_else(within) {
        Some(at) => (text[..at].trim().to_owned(), text[at + NEGATIVE.len()..].trim().to_owned()),
        None => (text.trim().to_owned(), String::new()),
    }
}

/// Where each line begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len() + 1;
        Some((start, line))
    })
}
