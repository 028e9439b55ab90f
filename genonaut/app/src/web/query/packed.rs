//! Texts in a third of the room that an address takes for them: an address writes a letter of most scripts as nine.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Keys and texts, which have no NUL in them.
pub fn write(texts: &[(&str, &str)]) -> String {
    let parts: Vec<_> = texts.iter().flat_map(|(key, text)| [*key, *text]).collect();
    URL_SAFE_NO_PAD.encode(parts.join("\0"))
}

/// `None` for what was not written here, or was cut.
pub fn read(text: &str) -> Option<Vec<(String, String)>> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let parts: Vec<_> = text.split('\0').collect();
    let text = |pair: &[&str]| match pair {
        ["vae" | "prompt" | "negative_prompt", text] => Some((pair[0].to_owned(), (*text).to_owned())),
        _ => None,
    };
    parts.chunks(2).map(text).collect()
}
