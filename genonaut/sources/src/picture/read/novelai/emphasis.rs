//! NovelAI's emphasis in the form that everybody else reads: `{x}` is 1.05 times as strong, `[x]` as weak, and
//! `1.3::x::` says how much. Round brackets are nothing but brackets there.

/// The same prompt with `(x:1.05)`; `None` when it has no emphasis of its own, or brackets that do not match.
pub fn converted(prompt: &str) -> Option<String> {
    if !prompt.contains(['{', '}', '[', ']', '(', ')']) && !prompt.contains("::") {
        return None;
    }
    let (mut out, mut text, mut open) = (String::new(), String::new(), Vec::new());
    let mut factor = 1.0;
    let mut rest = prompt;
    while let Some(c) = rest.chars().next() {
        if let Some((next, behind)) = number(rest, text.chars().next_back()) {
            push(&mut out, &mut text, weight(&open, factor));
            (factor, rest) = (next, behind);
            continue;
        }
        match c {
            '{' | '[' | '}' | ']' => {
                push(&mut out, &mut text, weight(&open, factor));
                match c {
                    '{' | '[' => open.push(c),
                    _ => open.pop().filter(|open| (*open == '{') == (c == '}')).map(drop)?,
                }
            }
            '(' | ')' => text.extend(['\\', c]),
            _ => text.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    push(&mut out, &mut text, weight(&open, factor));
    open.is_empty().then_some(out)
}

/// `1.3::` begins, `::` ends; a number within a word is none.
fn number(text: &str, before: Option<char>) -> Option<(f64, &str)> {
    if let Some(rest) = text.strip_prefix("::") {
        return Some((1.0, rest));
    }
    if before.is_some_and(|c| c.is_alphanumeric() || c == '.') {
        return None;
    }
    let end = text.bytes().take(8).position(|byte| !(byte.is_ascii_digit() || b".-".contains(&byte)))?;
    let rest = text[end..].strip_prefix("::")?;
    Some((text[..end].parse().ok()?, rest))
}

fn weight(open: &[char], factor: f64) -> f64 {
    open.iter().fold(factor, |weight, c| if *c == '{' { weight * 1.05 } else { weight / 1.05 })
}

fn push(out: &mut String, text: &mut String, weight: f64) {
    let weight = (weight * 100.0).round() / 100.0;
    let plain = text.trim_matches([' ', ',']);
    #[allow(clippy::float_cmp, reason = "it is rounded")]
    if weight == 1.0 || plain.is_empty() {
        out.push_str(text);
    } else if let Some((before, after)) = text.split_once(plain) {
        out.push_str(&format!("{before}({plain}:{weight}){after}"));
    }
    text.clear();
}

#[cfg(test)]
mod tests {
    use super::converted;

    #[test]
    fn emphasis_is_written_as_others_read_it() {
        for (prompt, wanted) in [
            ("a {cat}, dog", "a (cat:1.05), dog"),
            ("{{{a, b}}}", "(a, b:1.16)"),
            ("[rain], [[fog]]", "(rain:0.95), (fog:0.91)"),
            ("{a {b}}", "(a:1.05) (b:1.1)"),
            ("1.3::red coat::, blue", "(red coat:1.3), blue"),
            ("-0.5::hat, ::x", "(hat:-0.5), x"),
            ("saber (fate)", "saber \\(fate\\)"),
        ] {
            assert_eq!(converted(prompt).as_deref(), Some(wanted), "{prompt}");
        }
        for prompt in ["a cat", "", "{a", "a]", "{a]", "7:30"] {
            assert_eq!(converted(prompt), None, "{prompt}");
        }
    }
}
