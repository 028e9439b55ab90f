//! What a person wrote belongs to the content it was written about; a path belongs to the file that lies there.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use genonaut::hashing;
use genonaut::scan::{self, Options, Report};
use genonaut_db::checkpoint;
use genonaut_db::library;
use genonaut_db::lora::{self, Filter, Lora};
use genonaut_db::page::PageRequest;
use genonaut_db::testing::{TestDatabase, database, run};
use serde_json::json;
use tempfile::TempDir;

use crate::files::{lora_of, tensors};

struct Library {
    db: TestDatabase,
    disk: TempDir,
    hashes: bool,
}

/// What happens on the disk; a number is a content.
enum Step {
    Put(&'static str, u64),
    /// The same tensors under another header.
    Retag(&'static str, u64),
    Move(&'static str, &'static str),
    Copy(&'static str, &'static str),
    Swap(&'static str, &'static str),
    Remove(&'static str),
    /// A person writes about the model of this file.
    Write(&'static str),
    Scan(&'static str),
    Forget(&'static str),
}

use Step::{Copy, Forget, Move, Put, Remove, Retag, Scan, Swap, Write};

impl Library {
    async fn new(hashes: bool) -> Self {
        Self { db: database().await, disk: tempfile::tempdir().unwrap(), hashes }
    }

    fn at(&self, name: &str) -> PathBuf {
        let path = self.disk.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn file(&self, name: &str) -> PathBuf {
        self.at(&format!("{name}.safetensors"))
    }

    async fn scan(&self, folder: &str) -> Report {
        let go_on = |_: &Report| ControlFlow::Continue(());
        let report = scan::scan(&self.db.pool, &[self.at(folder)], Options::default(), go_on).await.unwrap().report;
        if self.hashes {
            hashing::all(&self.db.pool, |_| ControlFlow::Continue(())).await.unwrap();
        }
        report
    }

    async fn step(&self, step: &Step) {
        match step {
            Put(name, content) => lora_of(&self.file(name), *content, &[("of", &content.to_string())]),
            Retag(name, content) => lora_of(&self.file(name), *content, &[("modelspec.title", "Re-tagged")]),
            Move(from, to) => std::fs::rename(self.file(from), self.file(to)).unwrap(),
            Copy(from, to) => assert!(std::fs::copy(self.file(from), self.file(to)).unwrap() > 0),
            Swap(one, other) => {
                std::fs::rename(self.file(one), self.at("aside")).unwrap();
                std::fs::rename(self.file(other), self.file(one)).unwrap();
                std::fs::rename(self.at("aside"), self.file(other)).unwrap();
            }
            Remove(name) => std::fs::remove_file(self.file(name)).unwrap(),
            Write(name) => self.write(name).await,
            Scan(folder) => assert_eq!(self.scan(folder).await.trouble_list, []),
            Forget(folder) => {
                let path = self.at(folder).display().to_string();
                let roots = library::roots(&self.db.pool).await.unwrap();
                let root = roots.into_iter().find(|root| root.path == path).unwrap();
                assert!(scan::forget(&self.db.pool, root.id).await.unwrap());
            }
        }
    }

    async fn write(&self, name: &str) {
        let fields =
            json!({"description": format!("about {name}"), "rating": 0.7, "tags": [name], "trigger_words": [name]});
        let id = self.model(&self.file(name)).await.id;
        lora::patch(&self.db.pool, id, fields.as_object().unwrap(), None).await.unwrap();
    }

    async fn models(&self) -> Vec<Lora> {
        let page = PageRequest { limit: 100, ..PageRequest::default() };
        lora::list(&self.db.pool, &Filter::default(), &page).await.unwrap().items
    }

    /// Of which this file is there.
    async fn model(&self, file: &Path) -> Lora {
        for model in self.models().await {
            let files = library::locations(&self.db.pool, model.id).await.unwrap();
            let is_it = |found: &library::Location| !found.missing && Path::new(&found.root).join(&found.path) == file;
            if files.iter().any(is_it) {
                return model;
            }
        }
        panic!("no model has {}", file.display())
    }
}

/// Name, steps, and whose words each file has in the end.
type Case = (&'static str, &'static [Step], &'static [(&'static str, Option<&'static str>)]);

const CASES: &[Case] = &[
    (
        "renamed over another",
        &[
            Put("l/a", 1),
            Put("l/b", 2),
            Scan("l"),
            Write("l/a"),
            Write("l/b"),
            Move("l/b", "l/a"),
            Put("l/c", 3),
            Scan("l"),
            Scan("l"),
        ],
        &[("l/a", Some("l/b")), ("l/c", None)],
    ),
    (
        "swapped",
        &[
            Put("l/a", 1),
            Put("l/b", 2),
            Scan("l"),
            Write("l/a"),
            Write("l/b"),
            Swap("l/a", "l/b"),
            Scan("l"),
            Scan("l"),
        ],
        &[("l/a", Some("l/b")), ("l/b", Some("l/a"))],
    ),
    (
        "swapped between folders that are scanned one after the other",
        &[
            Put("k/a", 1),
            Put("l/a", 2),
            Scan("k"),
            Scan("l"),
            Write("k/a"),
            Write("l/a"),
            Swap("k/a", "l/a"),
            Scan("k"),
            Scan("l"),
        ],
        &[("k/a", Some("l/a")), ("l/a", Some("k/a"))],
    ),
    (
        "a new version takes the name",
        &[Put("l/a", 1), Scan("l"), Write("l/a"), Move("l/a", "l/a_old"), Put("l/a", 2), Scan("l"), Scan("l")],
        &[("l/a_old", Some("l/a")), ("l/a", None)],
    ),
    (
        "the second version is promoted",
        &[
            Put("l/style", 1),
            Put("l/style_v2", 2),
            Scan("l"),
            Write("l/style"),
            Write("l/style_v2"),
            Move("l/style", "l/archive/style"),
            Move("l/style_v2", "l/style"),
            Scan("l"),
            Scan("l"),
        ],
        &[("l/style", Some("l/style_v2")), ("l/archive/style", Some("l/style"))],
    ),
    (
        "forgotten, moved and added again",
        &[
            Put("old/pony/style", 1),
            Put("old/flux/style", 2),
            Scan("old"),
            Write("old/pony/style"),
            Write("old/flux/style"),
            Forget("old"),
            Move("old/pony/style", "new/pony/style"),
            Move("old/flux/style", "new/zflux/style"),
            Scan("new"),
            Scan("new"),
        ],
        &[("new/pony/style", Some("old/pony/style")), ("new/zflux/style", Some("old/flux/style"))],
    ),
    (
        "replaced, and the old version is nowhere until it is back",
        &[Put("l/a", 1), Scan("l"), Write("l/a"), Put("l/a", 2), Scan("l"), Write("l/a"), Put("l/b", 1), Scan("l")],
        &[("l/a", Some("l/a")), ("l/b", Some("l/a"))],
    ),
    (
        "re-tagged where it lies, and elsewhere",
        &[
            Put("l/a", 1),
            Put("l/b", 2),
            Scan("l"),
            Write("l/a"),
            Write("l/b"),
            Retag("l/a", 1),
            Remove("l/b"),
            Retag("l/c", 2),
            Scan("l"),
            Scan("l"),
        ],
        &[("l/a", Some("l/a")), ("l/c", Some("l/b"))],
    ),
    (
        "the first of two copies is replaced",
        &[
            Put("l/a", 1),
            Copy("l/a", "l/b"),
            Scan("l"),
            Write("l/a"),
            Put("l/a", 2),
            Put("l/new", 3),
            Scan("l"),
            Scan("l"),
        ],
        &[("l/a", None), ("l/b", Some("l/a")), ("l/new", None)],
    ),
    (
        "names that differ by a space",
        &[Put("l/hero", 1), Put("l/hero ", 2), Put("l/other", 3), Scan("l")],
        &[("l/hero", None), ("l/hero ", None), ("l/other", None)],
    ),
];

#[tokio::test]
async fn words_follow_the_content_with_hashes_and_without() {
    for hashes in [false, true] {
        for (name, steps, expected) in CASES {
            let library = Library::new(hashes).await;
            for step in *steps {
                library.step(step).await;
            }
            for (file, words) in *expected {
                let model = library.model(&library.file(file)).await;
                let tags: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
                assert_eq!(model.tags, tags, "{name}, {hashes}: {file} {model:?}");
                assert_eq!((&model.trigger_words, model.rating.is_some()), (&tags, words.is_some()), "{name}: {file}");
                assert_eq!(model.missing_since, None, "{name}, {hashes}: {file}");
                assert_eq!(model.path, library.file(file).display().to_string(), "{name}, {hashes}");
            }
        }
    }
}

#[tokio::test]
async fn of_two_names_that_differ_by_a_space_the_one_without_stays_as_it_is() {
    let library = Library::new(false).await;
    for step in [Put("l/hero", 1), Put("l/hero ", 2), Scan("l"), Scan("l")] {
        library.step(&step).await;
    }
    assert_eq!(library.model(&library.file("l/hero")).await.name.as_deref(), Some("hero"));
    assert_eq!(library.model(&library.file("l/hero ")).await.name.as_deref(), Some("l/hero"));
}

#[tokio::test]
async fn of_two_copies_the_one_that_stays_keeps_its_name_and_checkpoints_do_too() {
    let library = Library::new(false).await;
    for step in [Put("l/a", 1), Copy("l/a", "l/b"), Scan("l"), Put("l/a", 2), Scan("l"), Scan("l")] {
        library.step(&step).await;
    }
    let names = |models: Vec<Lora>| {
        models.into_iter().filter_map(|model| model.name).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(names(library.models().await), ["a", "b"].map(str::to_owned).into());

    let sd1: &[(&str, &[u64])] = &[
        ("model.diffusion_model.input_blocks.0.0.weight", &[320, 4, 3, 3]),
        ("model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight", &[320, 768]),
        ("first_stage_model.decoder.conv_in.weight", &[512, 4, 3, 3]),
    ];
    let (one, two) = (library.file("c/one"), library.file("c/two"));
    tensors(&one, sd1);
    std::fs::copy(&one, &two).unwrap();
    library.step(&Scan("c")).await;
    std::fs::remove_file(&one).unwrap();
    tensors(&library.file("c/other"), sd1);
    std::fs::rename(library.file("c/other"), &one).unwrap();
    library.step(&Scan("c")).await;
    let all =
        checkpoint::list(&library.db.pool, &checkpoint::Filter::default(), &PageRequest::default()).await.unwrap();
    let paths: std::collections::BTreeSet<_> = all.items.into_iter().map(|model| model.path).collect();
    assert_eq!(paths, [one, two].map(|path| path.display().to_string()).into());
}

#[tokio::test]
async fn whoever_scans_a_folder_that_is_being_scanned_joins_and_sees_the_result() {
    let library = Library::new(false).await;
    for content in 0..900 {
        lora_of(&library.file(&format!("l/{content}")), content, &[]);
    }
    let (first, second) = tokio::join!(library.scan("l"), library.scan("l/"));
    for report in [first, second] {
        assert_eq!((report.files, report.imported.added, report.read), (900, 900, 900), "{report:?}");
        assert_eq!((report.unchanged, &report.trouble_list[..]), (0, &[][..]));
    }
    let again = library.scan("l/../l").await;
    assert_eq!((again.files, again.unchanged, again.imported), (900, 900, library::Imported::default()));
    assert_eq!(library::roots(&library.db.pool).await.unwrap().len(), 1, "one folder is one root, however it is named");
}

/// Programs before this one made other digests of the same content.
#[tokio::test]
async fn models_whose_hashes_are_equal_become_one_unless_somebody_wrote_about_both() {
    let mut library = Library::new(true).await;
    for step in [Put("l/a", 1), Scan("l"), Write("l/a")] {
        library.step(&step).await;
    }
    let written = library.model(&library.file("l/a")).await.id;
    let of_before = "UPDATE files SET digest = '\\x00', tensors_digest = NULL";
    run(&library.db.pool, of_before).await;
    for step in [Move("l/a", "l/aside"), Copy("l/aside", "l/b"), Remove("l/aside"), Scan("l")] {
        library.step(&step).await;
    }
    assert_eq!(library.models().await.len(), 1);
    let model = library.model(&library.file("l/b")).await;
    assert_eq!((model.id, model.description.as_deref()), (written, Some("about l/a")));
    assert_eq!((model.path, model.missing_since), (library.file("l/b").display().to_string(), None));

    // Somebody writes about both before they are known to be one.
    run(&library.db.pool, of_before).await;
    library.hashes = false;
    for step in [Copy("l/b", "l/c"), Scan("l"), Write("l/c")] {
        library.step(&step).await;
    }
    hashing::all(&library.db.pool, |_| ControlFlow::Continue(())).await.unwrap();
    for name in ["l/b", "l/c"] {
        let description = library.model(&library.file(name)).await.description;
        assert_eq!(description, Some(format!("about {}", name.replace('b', "a"))));
    }
    library.step(&Put("l/d", 4)).await;
    let [trouble] = &library.scan("l").await.trouble_list[..] else { panic!("that they are one is reported") };
    assert_eq!(trouble.code, "same-content");
}

/// A rule of the test's own stands for whatever a database may refuse.
#[tokio::test]
async fn a_file_that_the_database_refuses_hides_nothing_of_what_lies_beside_it() {
    let library = Library::new(false).await;
    let rule = "ALTER TABLE files ADD CHECK (name <> 'odd.safetensors')";
    run(&library.db.pool, rule).await;
    for step in [Put("l/a", 1), Put("l/odd", 2), Put("l/b", 3), Put("l/alone/c", 4)] {
        library.step(&step).await;
    }
    let odd = library.file("l/odd").display().to_string();
    for (steps, added, missing) in [
        (&[][..], 3, 0),
        (&[Remove("l/a")][..], 0, 1),
        (&[Remove("l/b"), Put("l/d", 5)][..], 1, 1),
        (&[Remove("l/d")][..], 0, 1),
        (&[][..], 0, 0),
    ] {
        for step in steps {
            library.step(step).await;
        }
        let report = library.scan("l").await;
        assert_eq!((report.imported.added, report.imported.missing), (added, missing), "{report:?}");
        let trouble: Vec<_> = report.trouble_list.iter().map(|trouble| &trouble.path).collect();
        assert_eq!(trouble, [&odd]);
    }
}
