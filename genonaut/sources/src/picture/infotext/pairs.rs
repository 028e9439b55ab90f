//! `Name: value, Name: "quoted, value", Name: {"json": 1}`, on one line or on several.

use serde_json::Value;

/// Longer names (60 bytes) are a prompt's own colons.
const LONGEST_NAME: usize = 60;
/// More are no settings.
const MOST_PAIRS: usize = 1000;

/// Names and values in their order. What is no pair is left out.
pub fn split(text: &str) -> Vec<(String, Value)> {
    let (mut pairs, mut rest) = (Vec::new(), text);
    loop {
        rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        if rest.is_empty() || pairs.len() == MOST_PAIRS {
            return pairs;
        }
        let Some((name, behind)) = name(rest) else {
            rest = rest.split_once([',', '\n']).map_or("", |(_, rest)| rest);
            continue;
        };
        let (value, after) = value(behind.trim_start());
        pairs.push((name.split_whitespace().collect::<Vec<_>>().join(" "), value));
        rest = after;
    }
}

/// A name in front of its colon: letters, digits, blanks, `-`, `/`, `_`, dots and brackets.
fn name(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().take(LONGEST_NAME).position(|byte| matches!(byte, b':' | b','))?;
    let (name, behind) = (&text[..end], text[end..].strip_prefix(':')?);
    let fits = |c: char| c.is_alphanumeric() || " -/_.()+&'\n".contains(c);
    (name.starts_with(char::is_alphanumeric) && name.chars().all(fits)).then_some((name.trim(), behind))
}

fn value(text: &str) -> (Value, &str) {
    if text.starts_with(['"', '{', '[']) {
        let mut parsed = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        if let Some(Ok(value)) = parsed.next() {
            let after = &text[parsed.byte_offset()..];
            // `"a" and "b"` is no string but text.
            if after.trim_start().is_empty() || after.trim_start_matches([' ', '\t']).starts_with([',', '\n']) {
                return (value, after);
            }
        }
        if let Some(end) = closing(text) {
            return (Value::from(&text[..end]), &text[end..]);
        }
    }
    let ends = |(at, c): &(usize, char)| match c {
        ',' => !is_decimal(text, *at),
        '\n' => begins_pair(&text[at + 1..]),
        _ => false,
    };
    let end = text.char_indices().find(ends);
    let (value, after) = end.map_or((text, ""), |(at, _)| text.split_at(at));
    (Value::from(value.split('\n').map(str::trim).collect::<Vec<_>>().join(" ").trim()), after)
}

/// `6,5` is one number.
fn is_decimal(text: &str, comma: usize) -> bool {
    let digits = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let behind = &text[comma + 1..];
    let end = behind.bytes().take(5).position(|byte| !byte.is_ascii_digit()).unwrap_or(behind.len().min(5));
    digits(&text[..comma]) && digits(&behind[..end]) && (behind.len() == end || behind[end..].starts_with([',', '\n']))
}

fn begins_pair(text: &str) -> bool {
    name(text.trim_start_matches([' ', '\t'])).is_some_and(|(name, _)| !name.contains('\n'))
}

/// Behind the bracket that closes the first one, for lists as Python writes them.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().take(10_000) {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.checked_sub(1)?,
            '\n' => return None,
            _ => {}
        }
        if depth == 0 {
            return (at > 0).then_some(at + 1);
        }
    }
    None
}
