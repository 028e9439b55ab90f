//! How a spelling of an architecture is written down to be compared.

/// A hyphen for each run of blanks and underscores, none around, ASCII in lower case. SQL's `spelling_key` does the same;
/// other letters keep their case, because what their lower case is differs by the database's locale.
pub fn normalise(spelling: &str) -> String {
    let words = spelling.split(is_blank).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// The last two take no room, and come along when a name is copied from a page.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '_' | '\u{200b}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_case_of_a_spelling_do_not_matter() {
        for (given, key) in [
            (" SD_1.5\n", "sd-1.5"),
            ("\u{feff}Flux.1\u{a0}\u{a0}D", "flux.1-d"),
            ("v1-5v", "v1-5v"),
            ("\x0bVega\x0c", "vega"),
            ("__a - b__", "a---b"),
            (" \t", ""),
        ] {
            assert_eq!(normalise(given), key, "{given:?}");
        }
    }
}
