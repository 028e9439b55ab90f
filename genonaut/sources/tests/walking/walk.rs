//! What a walk finds, what it passes over, and what it says of that.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Cursor;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use genonaut_sources::folder::{Folder, Found, Origin, Root, Trouble, Walk, identity, text, walk};
use tempfile::{TempDir, tempdir};

use crate::write;

fn with(files: &[&str]) -> TempDir {
    let home = tempdir().unwrap();
    files.iter().for_each(|file| write(&home.path().join(file), file.as_bytes()));
    home
}

fn start(path: &Path, shallow: bool) -> Walk {
    walk(&Root { path: path.to_owned(), kind: None, origin: Origin::Plain, shallow })
}

/// All folders; there must be no trouble.
fn folders(path: &Path) -> Vec<Folder> {
    start(path, false).map(Result::unwrap).collect()
}

/// All models; there must be no trouble.
fn models(path: &Path) -> Vec<Found> {
    folders(path).into_iter().flat_map(|folder| folder.models).collect()
}

/// Paths of the files, and troubles by kind and path below the home.
fn all(home: &Path, root: &str) -> (Vec<String>, Vec<String>) {
    let (found, troubles): (Vec<_>, Vec<_>) = start(&home.join(root), false).partition(Result::is_ok);
    let found = found.into_iter().flat_map(|folder| folder.unwrap().models);
    let name = |found: Found| format!("{}{}", found.path.display(), if found.again { " again" } else { "" });
    let below = |path: &Path| path.strip_prefix(home).unwrap().display().to_string();
    let trouble = |trouble: &Trouble| match trouble {
        Trouble::Unreadable { path, .. } => format!("unreadable {}", below(path)),
        Trouble::BrokenLink { path } => format!("broken {}", below(path)),
        Trouble::Outside { path } => format!("outside {}", below(path)),
        Trouble::Again { path } => format!("again {}", below(path)),
        Trouble::Partial { path } => format!("partial {}", below(path)),
        Trouble::Hidden { path } => format!("hidden {}", below(path)),
    };
    (found.map(name).collect(), troubles.into_iter().map(|error| trouble(&error.unwrap_err())).collect())
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn models_come_in_order_with_what_lies_beside_them() {
    let home =
        with(&["b.CKPT", "a.safetensors", "a.json", "a.preview.png", "z/c.gguf", "m/d.sft", "m/n/e.pt", "x.pth"]);
    let (found, troubles) = all(home.path(), "");
    assert_eq!(found, ["a.safetensors", "b.CKPT", "x.pth", "m/d.sft", "m/n/e.pt", "z/c.gguf"]);
    assert_eq!(troubles, texts(&[]));
    let folder = start(home.path(), false).next().unwrap().unwrap();
    let names: Vec<_> = folder.beside.files.iter().map(|file| file.name.to_str().unwrap()).collect();
    assert_eq!(names, ["a.json", "a.preview.png", "a.safetensors", "b.CKPT", "x.pth"]);
    let first = &folder.models[0];
    assert_eq!((first.size, first.is_link, folder.beside.files[0].size), (13, false, 6));
    assert_eq!(folder.beside.files[2].modified, first.modified);
    let modified = fs::metadata(home.path().join("a.safetensors")).unwrap().modified().unwrap();
    let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(i128::from(first.modified), since.as_nanos() as i128);
}

#[test]
fn a_shallow_root_stays_in_its_folder() {
    let home = with(&["a.ckpt", "below/b.ckpt"]);
    let found: Vec<_> = start(home.path(), true).map(|folder| folder.unwrap().models[0].path.clone()).collect();
    assert_eq!(found, [PathBuf::from("a.ckpt")]);
}

#[test]
fn links_are_followed_once_and_never_in_circles() {
    let home = with(&["root/a/a.ckpt", "root/b/b.ckpt", "outside/c.ckpt"]);
    let link = |target: &str, at: &str| symlink(target, home.path().join(at)).unwrap();
    link("../b", "root/a/to_b");
    link("../a", "root/b/to_a");
    link("..", "root/a/up");
    link("../..", "root/a/above_the_root");
    link("../outside", "root/0_out");
    link("../root", "outside/back");
    link("nowhere", "root/dangling.ckpt");
    link("itself", "root/itself");
    let (found, troubles) = all(home.path(), "root");
    assert_eq!(found, ["a/a.ckpt", "b/b.ckpt", "0_out/c.ckpt"]);
    let again = ["above_the_root", "to_b", "up"].map(|name| format!("again root/a/{name}"));
    let mut expected = texts(&["broken root/dangling.ckpt", "unreadable root/itself"]);
    expected.extend(again);
    expected.extend(texts(&["again root/b/to_a", "again root/0_out/back"]));
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(sorted(troubles), sorted(expected));
}

#[test]
fn a_file_with_two_names_is_one_file_in_two_places() {
    let home = with(&["a.ckpt", "c.ckpt"]);
    fs::hard_link(home.path().join("a.ckpt"), home.path().join("b.ckpt")).unwrap();
    symlink("c.ckpt", home.path().join("d.ckpt")).unwrap();
    assert_eq!(all(home.path(), "").0, ["a.ckpt", "b.ckpt again", "c.ckpt", "d.ckpt again"]);
    let files = models(home.path());
    assert_eq!((files[0].inode, files[2].inode), (files[1].inode, files[3].inode));
    assert_eq!(files.iter().map(|file| file.is_link).collect::<Vec<_>>(), [false, false, false, true]);
    assert_eq!(files[3].size, 6);
}

#[test]
fn a_root_can_be_a_link_and_a_missing_one_is_said() {
    let home = with(&["real/a.ckpt"]);
    symlink("real", home.path().join("link")).unwrap();
    symlink("gone", home.path().join("dangling")).unwrap();
    assert_eq!(all(home.path(), "link").0, ["a.ckpt"]);
    for root in ["dangling", "missing", "real/a.ckpt"] {
        assert_eq!(all(home.path(), root), (vec![], vec![format!("unreadable {root}")]));
    }
}

#[test]
fn unfinished_downloads_and_tools_own_folders_are_named_and_passed_over() {
    let home = with(&[
        "a.safetensors.part",
        "b.ckpt",
        "b.ckpt.aria2",
        "c.gguf.incomplete",
        "d.safetensors.download/d.safetensors",
        "e.crdownload",
        "f.TMP",
        "g.safetensors",
        "._g.safetensors",
        ".cache/huggingface/h.safetensors",
        ".git/i.bin",
        ".Trash-1000/files/j.pt",
        ".mine/k.pt",
    ]);
    let (found, mut troubles) = all(home.path(), "");
    troubles.sort();
    assert_eq!(found, ["g.safetensors", ".mine/k.pt"]);
    let mut expected = texts(&["hidden .Trash-1000", "hidden .cache", "hidden .git", "partial a.safetensors.part"]);
    expected.extend(texts(&["partial b.ckpt", "partial b.ckpt.aria2", "partial c.gguf.incomplete"]));
    expected.extend(texts(&["partial d.safetensors.download", "partial e.crdownload", "partial f.TMP"]));
    assert_eq!(troubles, expected);
}

#[test]
fn any_name_survives_being_written_as_text() {
    let home = with(&[]);
    let odd = [&b"caf\xe9.ckpt"[..], b"line\nbreak.ckpt", b"\"quoted\" 'twice'.ckpt", b"back\\slash\\x41.ckpt"];
    let mut names: Vec<&[u8]> = vec![b"\xff\xfe/\xf0\x9f.pt", " 模型 🎨.gguf".as_bytes()];
    names.extend(odd);
    for name in &names {
        write(&home.path().join(OsStr::from_bytes(name)), b"");
    }
    let found: Vec<_> = models(home.path()).into_iter().map(|found| found.path).collect();
    assert_eq!(found.len(), names.len());
    for path in &found {
        assert!(names.contains(&path.as_os_str().as_bytes()));
        assert_eq!(&text::path(&text::of(path)), path);
        assert!(home.path().join(text::path(&text::of(path))).exists());
    }
    assert_eq!(text::of(Path::new(OsStr::from_bytes(b"caf\xe9/\xc3\xa9\\"))), r"caf\xe9/é\x5c");
    for plain in ["a b/ü.pt", r"end\x", r"\xé", r"\xg0\x4"] {
        assert_eq!(text::path(plain), Path::new(plain));
    }
}

#[test]
fn a_large_file_costs_no_more_than_a_small_one() {
    let home = with(&[]);
    File::create(home.path().join("large.safetensors")).unwrap().set_len(4 << 30).unwrap();
    assert_eq!(models(home.path())[0].size, 4 << 30);
}

#[test]
fn what_goes_away_during_a_walk_is_passed_over_and_the_rest_is_found() {
    let home = with(&["a.ckpt", "gone/d.ckpt", "moved/e.ckpt", "stays/f.ckpt"]);
    let mut walk = start(home.path(), false);
    assert_eq!(walk.next().unwrap().unwrap().path, Path::new(""));
    fs::remove_dir_all(home.path().join("gone")).unwrap();
    fs::rename(home.path().join("moved"), home.path().join("z_moved")).unwrap();
    write(&home.path().join("stays/new.ckpt"), b"");
    let rest: Vec<_> = walk.flat_map(|folder| folder.unwrap().models).map(|found| found.path).collect();
    assert_eq!(rest, [Path::new("stays/f.ckpt"), Path::new("stays/new.ckpt")]);
}

#[test]
fn a_folder_that_turns_into_a_file_is_reported() {
    let home = with(&["a.ckpt", "below/b.ckpt", "c/c.ckpt"]);
    let mut walk = start(home.path(), false);
    walk.next().unwrap().unwrap();
    fs::remove_dir_all(home.path().join("below")).unwrap();
    write(&home.path().join("below"), b"");
    assert!(matches!(walk.next(), Some(Err(Trouble::Unreadable { path, .. })) if path.ends_with("below")));
    assert_eq!(walk.next().unwrap().unwrap().path, Path::new("c"));
}

#[test]
fn only_folders_with_models_come_and_each_change_of_their_files_shows() {
    let home = with(&["a.ckpt", "a.json", "pictures/b.png", "deep/er/c.ckpt"]);
    let digest = |at: usize| folders(home.path())[at].digest;
    let paths: Vec<_> = folders(home.path()).into_iter().map(|folder| folder.path).collect();
    assert_eq!(paths, [Path::new(""), Path::new("deep/er")]);
    let (before, deep) = (digest(0), digest(1));
    write(&home.path().join("pictures/d.png"), b"");
    write(&home.path().join("deep/e.txt"), b"");
    assert_eq!((digest(0), digest(1)), (before, deep));
    let step = |change: &dyn Fn()| {
        let before = digest(0);
        change();
        assert_ne!(digest(0), before);
    };
    let at = |name: &str| home.path().join(name);
    step(&|| write(&at("a.json"), b"longer than it was"));
    step(&|| File::open(at("a.json")).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap());
    step(&|| write(&at("new.txt"), b""));
    step(&|| fs::rename(at("new.txt"), at("other.txt")).unwrap());
    step(&|| fs::remove_file(at("other.txt")).unwrap());
    // Another file of the same name, size and time.
    step(&|| {
        write(&at("b.json"), b"longer than it was");
        File::open(at("b.json")).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
        fs::rename(at("b.json"), at("a.json")).unwrap();
    });
    // A name elsewhere that was the file's first one.
    fs::hard_link(at("a.ckpt"), at("deep/z.ckpt")).unwrap();
    fs::hard_link(at("a.ckpt"), at("deep/er/z.ckpt")).unwrap();
    assert!(folders(home.path())[2].models[1].again);
    assert_ne!(digest(2), deep);
}

#[test]
fn descriptions_are_not_fetched_from_elsewhere() {
    let home = with(&["secret.txt", "elsewhere/m.ckpt", "root/a.ckpt", "root/notes/a.txt"]);
    let link = |target: &str, at: &str| symlink(target, home.path().join(at)).unwrap();
    link("../secret.txt", "root/a.description.txt");
    link("notes/a.txt", "root/a.txt");
    link("../elsewhere/m.ckpt", "root/m.ckpt");
    let (found, troubles) = all(home.path(), "root");
    assert_eq!((found, troubles), (texts(&["a.ckpt", "m.ckpt"]), texts(&["outside root/a.description.txt"])));
    let beside = start(&home.path().join("root"), false).find_map(Result::ok).unwrap().beside;
    let names: Vec<_> = beside.files.iter().map(|file| file.name.to_str().unwrap()).collect();
    assert_eq!(names, ["a.ckpt", "a.txt", "m.ckpt"]);
}

#[test]
fn a_moved_file_is_known_and_its_sister_is_not_mistaken_for_it() {
    let file = |fill: u8| [&b"header"[..], &vec![fill; 300_000]].concat();
    let identity = |bytes: &[u8]| identity::digest(&mut Cursor::new(bytes), bytes.len() as u64, 6).unwrap();
    assert_eq!(identity(&file(1)), identity(&file(1)));
    assert_ne!(identity(&file(1)), identity(&file(2)));
    let of = |bytes: &[u8], header| identity::digest(&mut Cursor::new(bytes), 9, header).unwrap();
    assert_ne!(of(b"ab-------", 1), of(b"ab-------", 2));
    let mut elsewhere = file(1);
    (elsewhere[1000], elsewhere[200_000]) = (2, 2);
    assert_eq!(identity(&elsewhere), identity(&file(1)));
    elsewhere[150_000] = 2;
    assert_ne!(identity(&elsewhere), identity(&file(1)));
    for (size, header, range) in [(0, 0, 0..0), (10, 4, 4..10), (3, 8, 3..3), (70_000, 0, 2232..67_768)] {
        assert_eq!(identity::sample(size, header), range);
    }
}
