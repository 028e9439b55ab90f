//! Our path of a file to the server's name for it: relative to the folder of its category, with that system's
//! separators.

/// Why a path has no name on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmatched {
    /// No file of that name.
    Missing,
    /// Several files of that name, and the folders don't tell which.
    Ambiguous(Vec<String>),
}

/// The name among the offered ones that shares most of the path's end. Both may be written with `/` or `\`; the
/// name comes back as it is offered.
///
/// # Errors
/// When no offered name has the path's file name, or several are equally like it.
pub fn find<'a>(path: &str, offered: &'a [String]) -> Result<&'a str, Unmatched> {
    let likeness = offered.iter().filter_map(|name| Some((likeness(path, name)?, name.as_str())));
    let Some(most) = likeness.clone().map(|(likeness, _)| likeness).max() else {
        return Err(Unmatched::Missing);
    };
    let best: Vec<&str> = likeness.filter(|(likeness, _)| *likeness == most).map(|(_, name)| name).collect();
    match best[..] {
        [name] => Ok(name),
        _ => Err(Unmatched::Ambiguous(best.into_iter().map(str::to_owned).collect())),
    }
}

/// How many last parts are the same, and whether that is the whole name; nothing for another file name.
fn likeness(path: &str, name: &str) -> Option<(usize, bool)> {
    let same = parts(path).zip(parts(name)).take_while(|(ours, theirs)| ours == theirs).count();
    (same > 0).then(|| (same, same == parts(name).count()))
}

/// From the last to the first.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.rsplit(['/', '\\']).filter(|part| !part.is_empty())
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    parts(path).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(path: &str, offered: &[&str]) -> Result<String, Unmatched> {
        let offered: Vec<_> = offered.iter().map(|&name| name.to_owned()).collect();
        find(path, &offered).map(str::to_owned)
    }

    #[test]
    fn the_only_file_of_that_name_is_it_wherever_it_is() {
        assert_eq!(
            found("/a/models/x.safetensors", &["y.safetensors", "sd/x.safetensors"]).unwrap(),
            "sd/x.safetensors"
        );
        assert_eq!(found("/a/models/x.safetensors", &["xx.safetensors"]), Err(Unmatched::Missing));
    }

    #[test]
    fn folders_tell_files_of_one_name_apart() {
        let offered = ["x.pt", r"pony\x.pt", r"style\pony\x.pt"];
        assert_eq!(found("/loras/pony/x.pt", &offered), Ok(r"pony\x.pt".to_owned()));
        assert_eq!(found("/loras/style/pony/x.pt", &offered), Ok(r"style\pony\x.pt".to_owned()));
        assert_eq!(found("/loras/x.pt", &offered), Ok("x.pt".to_owned()));
    }

    #[test]
    fn where_folders_do_not_tell_all_are_named() {
        let ambiguous = Unmatched::Ambiguous(vec!["a/x.pt".to_owned(), "b/x.pt".to_owned()]);
        assert_eq!(found("/loras/x.pt", &["a/x.pt", "b/x.pt", "c/y.pt"]), Err(ambiguous));
    }

    fn paths() -> impl Strategy<Value = String> {
        "[/\\\\]{0,1}([ab][/\\\\]){0,3}[xy]{0,2}"
    }

    proptest! {
        #[test]
        fn a_name_that_is_found_is_one_of_the_offered(path in paths(), offered in prop::collection::vec(paths(), 0..6)) {
            match find(&path, &offered) {
                Ok(name) => {
                    prop_assert!(offered.iter().any(|one| one == name));
                    prop_assert_eq!(file_name(name), file_name(&path));
                }
                Err(Unmatched::Missing) => {
                    let file = parts(&path).next();
                    prop_assert!(file.is_none() || offered.iter().all(|one| parts(one).next() != file));
                }
                Err(Unmatched::Ambiguous(names)) => {
                    prop_assert!(names.len() > 1 && names.iter().all(|one| offered.contains(one)));
                }
            }
        }
    }
}
