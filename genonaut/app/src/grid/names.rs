//! Values of an axis that are words, as people write them in one field.

/// One a line; where there is no line break, commas part them. Quotes around a value keep its commas, as in CSV.
pub fn names(text: &str) -> Vec<String> {
    let names = match text.contains('\n') {
        true => text.lines().map(|line| unquoted(line.trim()).unwrap_or_else(|| line.trim().to_owned())).collect(),
        false => cells(text),
    };
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

/// A line that is one quoted value.
fn unquoted(line: &str) -> Option<String> {
    let (value, rest) = quoted(line)?;
    rest.is_empty().then_some(value)
}

fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut rest) = (Vec::new(), line.trim_start());
    loop {
        // A quote within a value, or one that nothing closes, is a sign like any other.
        let whole = quoted(rest).and_then(|(value, behind)| {
            let behind = behind.trim_start();
            (behind.is_empty() || behind.starts_with(',')).then_some((value, behind))
        });
        let (cell, behind) = whole.unwrap_or_else(|| {
            let end = rest.find(',').unwrap_or(rest.len());
            (rest[..end].trim().to_owned(), &rest[end..])
        });
        cells.push(cell);
        match behind.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => return cells,
        }
    }
}

/// The value in quotes that a text begins with, and what is behind it; two quotes are one.
fn quoted(text: &str) -> Option<(String, &str)> {
    let (mut value, mut rest) = (String::new(), text.strip_prefix('"')?);
    loop {
        let end = rest.find('"')?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => rest = more,
            None => return Some((value.trim().to_owned(), rest)),
        }
        value.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_parted_as_in_csv() {
        for (text, expected) in [
            ("a, b", vec!["a", "b"]),
            ("a, b\n c \n", vec!["a, b", "c"]),
            ("a, b\n", vec!["a, b"]),
            ("oil,\"ink, wet\",chalk", vec!["oil", "ink, wet", "chalk"]),
            (" \"ink, wet\" , oil,, ", vec!["ink, wet", "oil"]),
            ("\"ink, wet\"\n\"oil\"\nx \"y\"", vec!["ink, wet", "oil", "x \"y\""]),
            ("\"a \"\"b\"\"\", c", vec!["a \"b\"", "c"]),
            ("12\" disc, \"open, x", vec!["12\" disc", "\"open", "x"]),
            ("\"a\"b, c", vec!["\"a\"b", "c"]),
            ("", vec![]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }
}
