//! `__name__`: which underscores are a wildcard, and which belong to the name of a LoRA or an embedding.

use std::ops::Range;

use genonaut_sources::picture::tags;

const EMBEDDING: &str = "embedding:";

/// Where a text names LoRAs and embeddings, in its order.
pub struct Names(Vec<Range<usize>>);

impl Names {
    pub fn of(text: &str) -> Self {
        let mut names: Vec<_> = tags::find(text).into_iter().map(|tag| tag.name_range).collect();
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ')' | ']' | '>' | ':');
        for (at, _) in text.match_indices(EMBEDDING) {
            let start = at + EMBEDDING.len();
            let length = text[start..].find(ends).unwrap_or(text.len() - start);
            names.push(start..start + length);
        }
        names.sort_unstable_by_key(|name| name.start);
        Self(names)
    }

    /// Whether a wildcard at these bytes is one: within a name it must be all of it, or all of an option in it.
    pub fn allow(&self, text: &str, place: &Range<usize>) -> bool {
        let before = self.0.partition_point(|name| name.start <= place.start);
        let inside = before.checked_sub(1).is_some_and(|last| place.start < self.0[last].end);
        let borders = |c: char| c.is_whitespace() || matches!(c, ':' | '{' | '}' | '|' | '>' | ',' | '/' | '\\' | '$');
        let free = |c: Option<char>| c.is_none_or(borders);
        !inside || (free(text[..place.start].chars().next_back()) && free(text[place.end..].chars().next()))
    }
}

/// Bytes of the name between the underscores that a text begins with; `None` where it begins with no wildcard.
pub fn wildcard(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("__")?;
    let length = inside.find("__").filter(|length| *length > 0)?;
    let fits = inside[..length].chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | '*'));
    fits.then_some(length)
}

/// Signs of the syntax in what is plain text.
pub fn leftovers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(["$$", "${"].into_iter().filter(|signs| text.contains(signs)).map(str::to_owned));
    let plain = tags::without_all(text, tags::find(text).iter().map(|tag| &tag.range));
    let is_call = |word: &&str| word.len() > 4 && word.starts_with("__") && word.ends_with("__");
    found.extend(plain.split([',', ' ', '\n']).filter(is_call).map(|word| word.chars().take(60).collect()));
    found
}
