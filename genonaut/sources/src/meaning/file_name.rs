//! What a file's name tells: version, epoch and step.

use std::sync::LazyLock;

use regex::Regex;

use super::text::pattern;

/// A version in a name: `hero-v2`, `Ink Wash ver 1.5b`.
pub fn version(name: &str) -> Option<String> {
    const PATTERN: &str = r"(?i)(?:^|[-_. (])v(?:er(?:sion)?)?[-_ ]?(\d{1,3}(?:[._]\d{1,3}){0,2}[a-z]?)(?:$|[-_. )])";
    static VERSION: LazyLock<Regex> = LazyLock::new(|| pattern(PATTERN));
    let number = VERSION.captures(name)?.get(1)?;
    Some(format!("v{}", number.as_str().replace('_', ".")))
}

/// The epoch that a trainer put behind the name: `hero-000010`, `hero_e10`.
pub fn epoch(stem: &str) -> Option<u64> {
    static EPOCH: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(?:-(?<six>0\d{5})|[-_]e(?:poch)?[-_]?(?<few>\d{1,4}))$"));
    let found = EPOCH.captures(stem)?;
    found.name("six").or(found.name("few"))?.as_str().parse().ok()
}

/// The step: `hero-step00002000`.
pub fn step(stem: &str) -> Option<u64> {
    static STEP: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)[-_]steps?[-_]?(\d{1,9})$"));
    STEP.captures(stem)?.get(1)?.as_str().parse().ok()
}

/// Whether a word of a name (lower-case) tells how a model was made and not of what.
pub fn is_technical(word: &str) -> bool {
    const WORDS: [&str; 18] = [
        "lora",
        "lokr",
        "locon",
        "lycoris",
        "style",
        "character",
        "sdxl",
        "pony",
        "flux",
        "illustrious",
        "noob",
        "ilxl",
        "xl",
        "epoch",
        "step",
        "final",
        "the",
        "and",
    ];
    let number = word.strip_prefix('v').unwrap_or(word);
    number.bytes().all(|byte| byte.is_ascii_digit()) || WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_words_epochs_and_steps() {
        for (name, found) in [
            ("hero-v2", Some("v2")),
            ("Ink Wash (ver 1.5b)", Some("v1.5b")),
            ("hero_Version-1_2_3", Some("v1.2.3")),
            ("v10_hero", Some("v10")),
            ("sd_xl_base_1.0", None),
            ("review2", None),
            ("hero-v2000", None),
        ] {
            assert_eq!(version(name).as_deref(), found, "{name}");
        }
        assert_eq!((epoch("hero-000010"), epoch("hero_e7"), epoch("hero-10")), (Some(10), Some(7), None));
        assert_eq!((step("hero-step00002000"), step("hero-2000")), (Some(2000), None));
    }
}
