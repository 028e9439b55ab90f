//! A list of texts in the three forms that people write.

/// The list as a PostgreSQL array literal.
pub(super) fn read(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.starts_with('[') {
        let words = json(text)?;
        return match words.iter().any(|word| word.contains('\0')) {
            true => Err("contains a NUL character".to_owned()),
            false => Ok(literal(&words)),
        };
    }
    if text.starts_with('{') && text.ends_with('}') {
        return parse_literal(text).map(|words| literal(&words));
    }
    let words: Vec<_> = text.split(',').map(|word| word.trim().to_owned()).collect();
    Ok(literal(&words))
}

/// `{"a","b \" c"}`: without empty words, each word once.
fn literal(words: &[String]) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for word in words.iter().map(|word| word.as_str()).filter(|word| !word.trim().is_empty()) {
        if !kept.contains(&word) {
            kept.push(word);
        }
    }
    let quote = |word: &&str| format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""));
    format!("{{{}}}", kept.iter().map(quote).collect::<Vec<_>>().join(","))
}

fn json(text: &str) -> Result<Vec<String>, String> {
    serde_json::from_str(text).map_err(|error| format!("is not a JSON list of strings: {error}"))
}

/// PostgreSQL's own form (its manual, "Array Input and Output Syntax").
fn parse_literal(text: &str) -> Result<Vec<String>, String> {
    let inner = text[1..text.len() - 1].trim();
    let mut chars = inner.chars().peekable();
    let mut words = Vec::new();
    let mut more = !inner.is_empty();
    while more {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let quoted = chars.next_if_eq(&'"').is_some();
        let word = if quoted { quoted_word(&mut chars)? } else { bare_word(&mut chars)? };
        if !quoted && word.eq_ignore_ascii_case("null") {
            return Err("contains NULL".to_owned());
        }
        if !quoted && word.is_empty() {
            return Err("has an empty item".to_owned());
        }
        words.push(word);
        match chars.next() {
            None => more = false,
            Some(',') => {}
            Some(other) => return Err(format!("has {other:?} instead of a comma")),
        }
    }
    Ok(words)
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// The rest of a quoted word, and the space behind it.
fn quoted_word(chars: &mut Chars) -> Result<String, String> {
    let mut word = String::new();
    loop {
        match chars.next().ok_or("has an unclosed quote")? {
            '"' => break,
            '\\' => word.push(chars.next().ok_or("ends in a backslash")?),
            c => word.push(c),
        }
    }
    while chars.next_if(|c| c.is_whitespace()).is_some() {}
    Ok(word)
}

fn bare_word(chars: &mut Chars) -> Result<String, String> {
    let mut word = String::new();
    while let Some(c) = chars.next_if(|c| *c != ',') {
        match c {
            '{' | '}' => return Err("is a list of lists".to_owned()),
            '"' => return Err("has a quote in the middle of a word".to_owned()),
            '\\' => word.push(chars.next().ok_or("ends in a backslash")?),
            c => word.push(c),
        }
    }
    Ok(word.trim_end().to_owned())
}
