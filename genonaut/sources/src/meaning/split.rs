//! Where one entry of a list of words ends that a person or an author wrote.

use super::{html, text};

const BRACKETS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];

/// The entries: by comma, semicolon and line, or those of a JSON list. What stands in brackets stays together, for half of
/// `(cape, crown:1.2)` breaks the weights of a prompt; neither an entity (`&amp;`) nor a face (`;)`) ends an entry.
pub fn split(given: &str) -> Vec<String> {
    if given.trim_start().starts_with('[')
        && let Ok(list) = serde_json::from_str::<Vec<String>>(given)
    {
        return list.iter().flat_map(|entry| entries(entry)).collect();
    }
    entries(given)
}

fn entries(given: &str) -> Vec<String> {
    let chars: Vec<char> = text::without_markers(&plain(given)).chars().collect();
    let inside = inside_brackets(&chars);
    let mut entries = vec![String::new()];
    for (at, c) in chars.iter().enumerate() {
        match is_separator(&chars, at) && !inside[at] {
            true => entries.push(String::new()),
            false => entries.last_mut().into_iter().for_each(|entry| entry.push(*c)),
        }
    }
    entries.iter().map(|entry| text::squeezed(entry)).filter(|entry| !entry.is_empty()).collect()
}

/// Without markup and entities. Some programs escape what is escaped already.
fn plain(given: &str) -> String {
    let text = if html::is_markup(given) { html::text(given) } else { html::decoded(given) };
    html::decoded(&text)
}

/// For each character whether it is inside of brackets that are closed again. Escaped ones and those of a face are letters.
fn inside_brackets(chars: &[char]) -> Vec<bool> {
    let mut steps = vec![0_i32; chars.len() + 1];
    let mut open: Vec<(usize, char)> = Vec::new();
    for (at, c) in chars.iter().enumerate() {
        let is_bracket = BRACKETS.iter().any(|(open, close)| open == c || close == c);
        if !is_bracket || is_escaped(chars, at) || is_mouth(chars, at) {
            continue;
        }
        if let Some((_, close)) = BRACKETS.iter().find(|(open, _)| open == c) {
            open.push((at, *close));
        } else if let Some((start, _)) = open.pop_if(|(_, close)| close == c) {
            steps[start] += 1;
            steps[at] -= 1;
        }
    }
    let mut depth = 0;
    let depths = steps.iter().map(|step| {
        depth += step;
        depth > 0
    });
    depths.take(chars.len()).collect()
}

fn is_escaped(chars: &[char], at: usize) -> bool {
    chars[..at].iter().rev().take_while(|c| **c == '\\').count() % 2 == 1
}

/// The bracket of `:)`, `;-)` or `>:(`.
fn is_mouth(chars: &[char], at: usize) -> bool {
    let eyes = match chars[..at] {
        [.., ':' | ';' | '=', '-'] => at - 2,
        [.., ':' | ';' | '='] => at - 1,
        _ => return false,
    };
    is_start(chars, eyes) && is_end(chars, at + 1)
}

fn is_separator(chars: &[char], at: usize) -> bool {
    match chars[at] {
        ',' | '\n' | '\r' => true,
        ';' => !is_face(chars, at),
        _ => false,
    }
}

/// Whether a semicolon is an eye: `;)`, `;d`, `;-)`, `;_;`.
fn is_face(chars: &[char], at: usize) -> bool {
    let behind = &chars[at + 1..];
    let crying = |chars: &[char]| matches!(chars, [';', '_' | 'w' | '-' | '.', ';', ..]);
    if crying(&chars[at..]) && is_start(chars, at) || at >= 2 && crying(&chars[at - 2..]) && is_start(chars, at - 2) {
        return true;
    }
    let mouth = if let ['-', rest @ ..] = behind { rest } else { behind };
    let is_mouth = matches!(
        mouth.first(),
        Some(')' | '(' | ']' | '[' | 'd' | 'D' | 'p' | 'P' | 'o' | 'O' | '3' | '<' | '>' | '|' | 'q')
    );
    is_mouth && is_start(chars, at) && is_end(chars, chars.len() - mouth.len() + 1)
}

fn is_start(chars: &[char], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| chars[before].is_whitespace() || matches!(chars[before], ',' | ';' | '>'))
}

fn is_end(chars: &[char], at: usize) -> bool {
    chars.get(at).is_none_or(|c| c.is_whitespace() || matches!(c, ',' | ';'))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn entries_end_where_their_author_ended_them() {
        for (given, expected) in [
            ("hero girl, red cape;blue\nsky", &["hero girl", "red cape", "blue", "sky"][..]),
            ("(blue cape, gold crown:1.2), hero girl", &["(blue cape, gold crown:1.2)", "hero girl"]),
            ("[a, b], {c|d, e}, ((f, g:1.1), h)", &["[a, b]", "{c|d, e}", "((f, g:1.1), h)"]),
            ("(a,\n b), c", &["(a, b)", "c"]),
            ("soraka \\(league of legends\\), horn (x, y", &["soraka \\(league of legends\\)", "horn (x", "y"]),
            ("smile :(, frown :), a", &["smile :(", "frown :)", "a"]),
            ("wink ;), ;d, ;-), ;_;, :3;end", &["wink ;)", ";d", ";-)", ";_;", ":3", "end"]),
            ("rock &amp; roll, it&#39;s late; Tom &amp;amp; Jerry", &["rock & roll", "it's late", "Tom & Jerry"]),
            ("a &lt;lora:x:1&gt; b, <lora:y:1>", &["a b"]),
            ("<p>hero girl</p><p>red <b>cape</b></p>", &["hero girl", "red cape"]),
            (r#"["anime", "a, b"]"#, &["anime", "a", "b"]),
            ("I <3 you, </3, >_<", &["I <3 you", "</3", ">_<"]),
            ("a) b, (c], d", &["a) b", "(c]", "d"]),
            (" ,;\r\n, ", &[]),
        ] {
            assert_eq!(split(given), expected, "{given}");
        }
    }
}
