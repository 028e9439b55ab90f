//! Wildcards that name several files: `colours*`, `artists/**`.

use std::path::{Path, PathBuf};

use super::within;

/// Folders within folders.
const DEEPEST: usize = 8;
/// Files and folders that are looked at for one name.
const MOST: usize = 20_000;

/// The files below the folder whose names without `.txt` match, in the names' order.
pub fn files(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let (mut names, mut left) = (Vec::new(), MOST);
    list(folder, "", DEEPEST, &mut left, &mut names);
    names.retain(|name| matches(pattern, name));
    names.sort_unstable();
    names.into_iter().filter_map(|name| within(folder, &folder.join(format!("{name}.txt")))).collect()
}

/// Names below `inner`, which ends with a slash unless it is empty.
fn list(folder: &Path, inner: &str, depth: usize, left: &mut usize, names: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder.join(inner)).into_iter().flatten().flatten();
    for entry in entries {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if *left == 0 || name.starts_with('.') {
            continue;
        }
        *left -= 1;
        if let Some(stem) = name.strip_suffix(".txt") {
            names.push(format!("{inner}{stem}"));
        } else if depth > 0 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            list(folder, &format!("{inner}{name}/"), depth - 1, left, names);
        }
    }
}

/// `*` is any letters of one folder's or file's name, `**` of the folders below too.
fn matches(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    // Which beginnings of the name the pattern so far comes to.
    let mut reached: Vec<bool> = std::iter::once(true).chain(name.iter().map(|_| false)).collect();
    let mut rest = pattern;
    while let Some(next) = rest.chars().next() {
        let deep = rest.starts_with("**");
        rest = &rest[if deep { 2 } else { next.len_utf8() }..];
        if next == '*' {
            for at in 1..=name.len() {
                reached[at] |= reached[at - 1] && (deep || name[at - 1] != '/');
            }
        } else {
            for at in (1..=name.len()).rev() {
                reached[at] = reached[at - 1] && name[at - 1] == next;
            }
            reached[0] = false;
        }
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_letters_and_two_for_folders() {
        for (pattern, name, expected) in [
            ("colours*", "colours-warm", true),
            ("colours*", "colours", true),
            ("colours*", "colours/warm", false),
            ("*", "animal", true),
            ("artists/**", "artists/dutch/old", true),
            ("artists/**", "artist", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("**", "a/b/c", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
