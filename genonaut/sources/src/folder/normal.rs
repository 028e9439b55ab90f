//! One spelling for each folder: `dir/`, `./dir` and `x/../dir` are `dir`.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// The path without slashes at its end, `.` and `..`. Links stay as they are named, but where `..` leads out of one: that
/// is the folder that holds the link's target, as every program sees it.
pub fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => leave(&mut normal),
            other => normal.push(other),
        }
    }
    normal
}

fn leave(path: &mut PathBuf) {
    let is_link = fs::symlink_metadata(&*path).is_ok_and(|entry| entry.is_symlink());
    if let (true, Ok(target)) = (is_link, fs::canonicalize(&*path)) {
        *path = target;
    }
    match path.components().next_back() {
        // Nothing to leave in a path that does not begin at the root.
        None | Some(Component::ParentDir) => path.push(".."),
        Some(_) => drop(path.pop()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_spelling() {
        for (given, expected) in [
            ("/d/l/", "/d/l"),
            ("/d//l/.", "/d/l"),
            ("/d/x/../l", "/d/l"),
            ("/d/l/../l/../l", "/d/l"),
            ("/../d", "/d"),
            ("../d", "../d"),
            ("../../d", "../../d"),
            ("/", "/"),
        ] {
            assert_eq!(normal(Path::new(given)), Path::new(expected), "{given}");
        }
    }

    #[test]
    fn a_link_is_left_where_it_leads() {
        let folder = tempfile::tempdir().unwrap();
        let at = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir_all(at.join("far/target")).unwrap();
        std::os::unix::fs::symlink(at.join("far/target"), at.join("link")).unwrap();
        assert_eq!(normal(&at.join("link/../sibling")), at.join("far/sibling"));
        assert_eq!(normal(&at.join("link/")), at.join("link"));
    }
}
