//! A path as people type and paste it.

use std::path::{Path, PathBuf};

/// Without the quotes around it that file managers and shells put there; `~` is the home.
pub fn entered(text: &str, home: Option<&Path>) -> PathBuf {
    let text = unquoted(text.trim());
    let text = text.strip_prefix("file://").unwrap_or(text);
    match (text.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(text),
    }
}

fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote).map(str::trim);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_the_home_are_understood() {
        for (text, path) in [
            (" /models ", "/models"),
            ("'/my models'", "/my models"),
            ("\"/my models\" ", "/my models"),
            ("~", "/home/me"),
            ("~/ComfyUI", "/home/me/ComfyUI"),
            ("'~/ComfyUI/'", "/home/me/ComfyUI/"),
            ("file:///models", "/models"),
            ("/it's", "/it's"),
            ("~other/x", "~other/x"),
            ("'", "'"),
        ] {
            assert_eq!(entered(text, Some(Path::new("/home/me"))), Path::new(path), "{text:?}");
        }
        assert_eq!(entered("~/x", None), Path::new("~/x"));
    }
}
