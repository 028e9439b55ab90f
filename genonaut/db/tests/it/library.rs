//! Files become models, and stay themselves: moved, copied, gone and back, with everything a person has said of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use genonaut_db::library::{self, Batch, Candidate, Entry, Imported, NewFile, Presence, Reader, Root, ToHash};
use genonaut_db::provenance::Source;
use genonaut_db::testing::{TestDatabase, database};
use genonaut_db::{lora, seed};
use genonaut_sources::entry::Table;
use genonaut_sources::hash::Hashes;
use serde_json::{Value, json};
use uuid::Uuid;

/// A disk of the test's own, and the catalogue that scans it.
struct Library {
    db: TestDatabase,
    root: Root,
    /// What is on the disk: paths below the root.
    disk: RefCell<BTreeSet<String>>,
}

impl Library {
    async fn new() -> Self {
        let db = database().await;
        let root = library::add_root(&db.pool, "/disk/loras", Some("lora"), "plain", false).await.unwrap();
        Self { db, root, disk: RefCell::default() }
    }

    /// Imports these files as the whole of their folder.
    async fn scan(&self, folder: &str, files: Vec<NewFile>) -> Imported {
        let path =
            |file: &NewFile| if folder.is_empty() { file.name.clone() } else { format!("{folder}/{}", file.name) };
        self.disk.borrow_mut().retain(|there| there.rsplit_once('/').map_or("", |(folder, _)| folder) != folder);
        self.disk.borrow_mut().extend(files.iter().map(path));
        let folders = vec![(folder.to_owned(), files.iter().flat_map(|file| file.beside.clone()).collect())];
        let files = files.into_iter().map(|file| NewFile { folder: folder.to_owned(), ..file }).collect();
        let batch = Batch { root: self.root.id, path: self.root.path.clone(), folders, files, ..Batch::default() };
        self.import(&batch).await
    }

    async fn import(&self, batch: &Batch) -> Imported {
        let candidates = library::candidates(&self.db.pool, batch).await.unwrap();
        let there = |file: &Candidate| match self.disk.borrow().contains(&file.path) {
            true => Presence::There,
            false => Presence::Gone,
        };
        let presence = candidates.iter().map(|file| (file.id, there(file))).collect();
        let (imported, problems) = library::import(&self.db.pool, batch, &presence).await.unwrap();
        assert_eq!(problems, []);
        imported
    }

    async fn row(&self, name: &str) -> Option<Value> {
        let sql = "SELECT to_jsonb(models_loras) - 'search' FROM models_loras WHERE name = $1";
        sqlx::query_scalar(sql).bind(name).fetch_optional(&self.db.pool).await.unwrap()
    }

    async fn id(&self, name: &str) -> Uuid {
        lora::find_by_name(&self.db.pool, name).await.unwrap().unwrap().id
    }

    async fn set(&self, id: Uuid, fields: Value) {
        lora::patch(&self.db.pool, id, fields.as_object().unwrap(), None).await.unwrap();
    }

    async fn seed(&self, csv: &str) -> seed::Counts {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("models_loras.csv"), csv).unwrap();
        let mut report = seed::static_files(&self.db.pool, Path::new(folder.path()), false, |_| ()).await.unwrap();
        let file = report.files.pop().unwrap();
        assert!(file.problems.is_empty(), "{:#?}", file.problems);
        file.counts
    }

    async fn to_hash(&self) -> Vec<ToHash> {
        Reader::new(&self.db.pool).await.unwrap().take(10).await.unwrap()
    }

    /// Names of files whose words are to be read again.
    async fn unheard(&self) -> Vec<String> {
        let unheard = library::unheard(&self.db.pool, 0, 10).await.unwrap();
        unheard.into_iter().map(|file| file.name).collect()
    }

    async fn names(&self) -> Vec<String> {
        let sql = "SELECT name FROM models_loras ORDER BY name";
        sqlx::query_scalar(sql).fetch_all(&self.db.pool).await.unwrap()
    }
}

/// A LoRA whose content is `content`.
fn file(name: &str, content: u8, fields: Value) -> NewFile {
    let told: BTreeMap<_, _> =
        fields.as_object().unwrap().keys().map(|key| (key.clone(), "hero.civitai.info".to_owned())).collect();
    NewFile {
        name: name.to_owned(),
        size: 100,
        modified: i64::from(content),
        inode: i64::from(content),
        beside: fields.to_string().into_bytes(),
        digest: Some(vec![content; 32]),
        kind: "lora".to_owned(),
        entry: Some(Entry { table: Table::Loras, fields: fields.as_object().unwrap().clone(), told }),
        ..NewFile::default()
    }
}

fn said() -> Value {
    json!({"name": "Hero", "version": "v2", "description": "Said", "tags": ["a", "b, c"], "compatible_architectures": ["sdxl"],
        "trigger_words": ["hero \"girl\""], "metadata": {"recommended_weight": 0.7, "kind": "lora"}})
}

#[tokio::test]
async fn a_file_becomes_a_model_with_what_is_said_of_it() {
    let library = Library::new().await;
    assert_eq!(library.scan("pony", vec![file("hero.st", 1, said())]).await.added, 1);
    let row = library.row("Hero").await.unwrap();
    assert_eq!(row["path"], "/disk/loras/pony/hero.st");
    assert_eq!(
        (&row["filename"], &row["version"], &row["tags"]),
        (&json!("hero.st"), &json!("v2"), &json!(["a", "b, c"]))
    );
    assert_eq!((&row["trigger_words"], &row["bases"]), (&json!(["hero \"girl\""]), &json!(["sdxl"])));
    assert_eq!((&row["metadata"]["recommended_weight"], &row["rating"]), (&json!(0.7), &Value::Null));
    let id = library.id("Hero").await;
    let origins = lora::origins(&library.db.pool, id).await.unwrap();
    let source = |field: &str| origins.iter().find(|origin| origin.field == field).map(|origin| origin.source.clone());
    assert_eq!(source("description"), Some(Source::Scan("hero.civitai.info".to_owned())));
    assert_eq!(source("filename"), Some(Source::Scan("file name".to_owned())));
    let before = row["last_updated"].clone();
    assert_eq!(library.scan("pony", vec![file("hero.st", 1, said())]).await, Imported::default());
    assert_eq!(library.row("Hero").await.unwrap()["last_updated"], before);
}

#[tokio::test]
async fn a_persons_word_outlasts_every_scan_and_can_be_given_back() {
    let library = Library::new().await;
    library.scan("", vec![file("hero.st", 1, said())]).await;
    let id = library.id("Hero").await;
    library
        .set(id, json!({"tags": ["mine"], "rating": 0.9, "metadata": {"recommended_weight": 0.5, "kind": null}}))
        .await;
    let other = json!({"name": "Hero", "description": "New", "tags": ["z"], "metadata": {"recommended_weight": 0.8, "kind": "x", "rank": 4}});
    assert_eq!(library.scan("", vec![file("hero.st", 1, other)]).await.updated, 1);
    let row = library.row("Hero").await.unwrap();
    assert_eq!((&row["tags"], &row["rating"], &row["description"]), (&json!(["mine"]), &json!(0.9), &json!("New")));
    assert_eq!(row["metadata"], json!({"recommended_weight": 0.5, "rank": 4}));
    assert_eq!(row["version"], Value::Null, "what is no longer said is gone");
    for (field, value) in [("metadata.recommended_weight", json!(0.8)), ("metadata.kind", json!("x"))] {
        let model = lora::give_back(&library.db.pool, id, field).await.unwrap();
        assert_eq!(model.metadata.get::<Value>(&[field.trim_start_matches("metadata.")]), Some(value), "{field}");
    }
    lora::give_back(&library.db.pool, id, "tags").await.unwrap();
    assert_eq!(library.row("Hero").await.unwrap()["tags"], json!(["z"]));
}

#[tokio::test]
async fn a_seed_file_outranks_a_scan_whichever_comes_first_and_what_it_drops_falls_back() {
    let csv = |description: &str| {
        format!(
            "path,description,tags,metadata\nmodels/loras/hero.st,{description},\"seed\",\"{{\"\"recommended_weight\"\": 1.1}}\"\n"
        )
    };
    for scan_first in [true, false] {
        let library = Library::new().await;
        if scan_first {
            library.scan("", vec![file("hero.st", 1, said())]).await;
        }
        library.seed(&csv("From the file")).await;
        let imported = library.scan("", vec![file("hero.st", 1, said())]).await;
        assert_eq!(imported.adopted, u64::from(!scan_first));
        assert_eq!(library.names().await, ["Hero"], "{scan_first}");
        let row = library.row("Hero").await.unwrap();
        assert_eq!((&row["description"], &row["tags"]), (&json!("From the file"), &json!(["seed"])), "{scan_first}");
        assert_eq!((&row["version"], &row["path"]), (&json!("v2"), &json!("models/loras/hero.st")));
        assert_eq!(row["metadata"], json!({"recommended_weight": 1.1, "kind": "lora"}));
        let counts = library.seed(&csv("")).await;
        assert_eq!((counts.updated, counts.kept), (1, 0), "{scan_first}");
        assert_eq!(library.row("Hero").await.unwrap()["description"], "Said", "falls back to the next source");
        assert_eq!(library.seed(&csv("")).await.unchanged, 1);
        library.seed(&csv("Again")).await;
        assert_eq!(library.row("Hero").await.unwrap()["description"], "Again");
    }
}

#[tokio::test]
async fn a_moved_file_keeps_its_row_and_a_copy_is_the_same_model() {
    let library = Library::new().await;
    library.scan("", vec![file("old.st", 1, json!({}))]).await;
    let id = library.id("old").await;
    library.set(id, json!({"rating": 0.9})).await;
    library.disk.borrow_mut().clear();
    let moved = library.scan("pony", vec![file("new.st", 1, json!({}))]).await;
    assert_eq!((moved.moved, moved.added), (1, 0));
    let row = library.row("new").await.unwrap();
    assert_eq!(
        (&row["id"], &row["path"], &row["rating"]),
        (&json!(id), &json!("/disk/loras/pony/new.st"), &json!(0.9))
    );
    let copied = library.scan("copy", vec![file("twin.st", 1, json!({"description": "of the copy"}))]).await;
    assert_eq!((copied.copies, copied.added), (1, 0));
    assert_eq!(library.names().await, ["new"]);
    assert_eq!(library::locations(&library.db.pool, id).await.unwrap().len(), 2);
    assert_eq!(library.row("new").await.unwrap()["description"], Value::Null, "the first file speaks");
    let twins = library.scan("twins", vec![file("a.st", 5, json!({})), file("b.st", 5, json!({}))]).await;
    assert_eq!((twins.added, twins.copies), (1, 1));
}

#[tokio::test]
async fn what_is_gone_is_missing_and_comes_back_whole() {
    let library = Library::new().await;
    library.scan("", vec![file("a.st", 1, said()), file("b.st", 2, json!({}))]).await;
    let id = library.id("Hero").await;
    library.set(id, json!({"rating": 0.9})).await;
    let stamp = library.row("Hero").await.unwrap()["last_updated"].clone();
    assert_eq!(library.scan("", vec![file("b.st", 2, json!({}))]).await.missing, 1);
    assert_ne!(library.row("Hero").await.unwrap()["missing_since"], Value::Null);
    assert_eq!(library.row("b").await.unwrap()["missing_since"], Value::Null);
    library.scan("", vec![file("a.st", 1, said()), file("b.st", 2, json!({}))]).await;
    let row = library.row("Hero").await.unwrap();
    assert_eq!((&row["missing_since"], &row["rating"], &row["last_updated"]), (&Value::Null, &json!(0.9), &stamp));
    assert_eq!(library::root_is_away(&library.db.pool, library.root.id).await.unwrap(), 2);
    assert_ne!(library.row("b").await.unwrap()["missing_since"], Value::Null);
    assert!(library::folders(&library.db.pool, library.root.id).await.unwrap().is_empty());
    library.scan("", vec![file("a.st", 1, said()), file("b.st", 2, json!({}))]).await;
    assert_eq!(library::finish(&library.db.pool, library.root.id, &[String::new()]).await.unwrap(), 0);
    assert_eq!(library.row("b").await.unwrap()["missing_since"], Value::Null);
    assert_eq!(library::finish(&library.db.pool, library.root.id, &[]).await.unwrap(), 2, "its folder was not met");
}

#[tokio::test]
async fn names_are_told_apart_by_their_folders_and_stay() {
    let library = Library::new().await;
    library.scan("sdxl", vec![file("style.st", 1, json!({"name": "Style"}))]).await;
    library.scan("pony", vec![file("style.st", 2, json!({"name": "Style", "version": "v3"}))]).await;
    library.scan("flux", vec![file("style.st", 3, json!({"name": "Style", "version": "v3"}))]).await;
    assert_eq!(library.names().await, ["Style", "Style (v3)", "style"]);
    let filename = async |name: &str| library.row(name).await.unwrap()["filename"].clone();
    assert_eq!((filename("Style").await, filename("Style (v3)").await), (json!("style.st"), json!("pony/style.st")));
    assert_eq!(filename("style").await, json!("flux/style.st"));
    library.scan("sdxl", vec![]).await;
    library.scan("pony", vec![file("style.st", 2, json!({"name": "Style", "version": "v3", "tags": ["x"]}))]).await;
    assert_eq!(filename("Style (v3)").await, json!("pony/style.st"));
}

#[tokio::test]
async fn another_content_under_the_same_name_is_another_model_and_hashes_stay_with_the_old_one() {
    let library = Library::new().await;
    library.scan("", vec![file("a.st", 1, json!({}))]).await;
    let id = library.id("a").await;
    library.set(id, json!({"rating": 0.9})).await;
    let hash = Hashes {
        sha256: "ab".repeat(32),
        tensors: Some("cd".repeat(32)),
        autov1: Some("12345678".into()),
        ..Default::default()
    };
    let open = library.to_hash().await;
    assert_eq!((open.len(), open[0].path.as_str()), (1, "a.st"));
    library::hashed(&library.db.pool, &open[0], &hash).await.unwrap();
    library.set(id, json!({"metadata": {"hashes": {"AutoV9": "EFEF0123", "none": null}}})).await;
    let digits = ["abababab", "", "ABABABABAB", "cdcdcdcdcdcd", "a cat", "12345678", "99999999", "efef0123", "abababa"];
    let found = lora::find_by_hashes(&library.db.pool, &digits).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|found| found.map(|model| model.id)).collect();
    let there = Some(id);
    assert_eq!(found, [there, None, there, there, None, there, None, there, None]);
    assert_eq!(library::hashes_left(&library.db.pool).await.unwrap(), (0, 0));
    assert_eq!(library.scan("", vec![file("a.st", 2, json!({}))]).await.added, 1);
    let new = library.row("a").await.unwrap();
    assert_eq!(
        (&new["path"], &new["rating"], &new["missing_since"]),
        (&json!("/disk/loras/a.st"), &Value::Null, &Value::Null)
    );
    assert_ne!(new["id"], json!(id));
    assert_eq!(library::hashes_left(&library.db.pool).await.unwrap(), (1, 100));
    let old = lora::find(&library.db.pool, id).await.unwrap().unwrap();
    assert!(old.missing_since.is_some() && old.rating == Some(0.9), "{old:?}");
    assert!(old.path.starts_with("/disk/loras/a.st (replaced "), "{}", old.path);

    // The old content turns up elsewhere, and is what it was.
    assert_eq!(library.scan("old", vec![file("a_old.st", 1, json!({}))]).await.back, 1);
    let old = lora::find(&library.db.pool, id).await.unwrap().unwrap();
    assert_eq!((old.path.as_str(), old.name.as_deref()), ("/disk/loras/old/a_old.st", Some("a_old")));
    assert_eq!((old.missing_since, old.rating), (None, Some(0.9)));
}

#[tokio::test]
async fn a_copy_that_is_none_becomes_a_model_of_its_own_and_the_words_stay_with_the_first_file() {
    for copy_first in [false, true] {
        let library = Library::new().await;
        library.scan("", vec![file("a.st", 1, json!({}))]).await;
        let id = library.id("a").await;
        library.set(id, json!({"rating": 0.9})).await;
        library.scan("", vec![file("a.st", 1, json!({})), file("b.st", 1, json!({}))]).await;
        assert_eq!(library.names().await, ["a"]);
        let mut open = library.to_hash().await;
        if copy_first {
            open.reverse();
        }
        for open in &open {
            let hash = Hashes { sha256: open.path.replace(".st", "").repeat(64), ..Default::default() };
            library::hashed(&library.db.pool, open, &hash).await.unwrap();
        }
        assert!(library::folders(&library.db.pool, library.root.id).await.unwrap().is_empty(), "read anew");
        let again = library.scan("", vec![file("a.st", 1, json!({})), file("b.st", 1, json!({}))]).await;
        assert_eq!((again.added, again.copies), (1, 0), "{copy_first}");
        assert_eq!(library.names().await, ["a", "b"]);
        let (first, copy) = (library.row("a").await.unwrap(), library.row("b").await.unwrap());
        assert_eq!((&first["id"], &first["rating"]), (&json!(id), &json!(0.9)), "{copy_first}");
        assert_eq!((&copy["path"], &copy["rating"]), (&json!("/disk/loras/b.st"), &Value::Null), "{copy_first}");
    }
}

#[tokio::test]
async fn when_the_file_that_spoke_is_gone_the_next_one_speaks_and_a_persons_word_stays() {
    let library = Library::new().await;
    let first = json!({"name": "First", "description": "of the first", "tags": ["a"], "metadata": {"kind": "lora"}});
    let copy =
        json!({"description": "of the copy", "tags": ["b"], "trigger_words": ["wake"], "metadata": {"kind": "lora"}});
    library.scan("a", vec![file("first.st", 1, first.clone())]).await;
    library.scan("b", vec![file("copy.st", 1, copy.clone())]).await;
    let id = library.id("First").await;
    library.set(id, json!({"tags": ["mine"]})).await;
    assert_eq!(library.unheard().await, [""; 0]);
    let read_again = json!({"description": "of the copy", "tags": ["b"], "metadata": {"kind": "lora", "rank": 4}});
    library.scan("b", vec![file("copy.st", 1, read_again)]).await;
    assert_eq!(
        library.row("First").await.unwrap()["description"],
        "of the first",
        "a copy that changes is a copy still"
    );

    library.scan("a", vec![]).await;
    assert_eq!(library.unheard().await, ["copy.st"]);
    library.scan("b", vec![file("copy.st", 1, copy.clone())]).await;
    let row = library.row("copy").await.unwrap();
    assert_eq!((&row["id"], &row["description"], &row["tags"]), (&json!(id), &json!("of the copy"), &json!(["mine"])));
    assert_eq!((&row["path"], &row["trigger_words"]), (&json!("/disk/loras/b/copy.st"), &json!(["wake"])));
    assert_eq!((library.unheard().await, &row["missing_since"]), (Vec::new(), &Value::Null));

    // The first one is back, and speaks again; so does the copy when the root of the first is scanned no more.
    library.scan("a", vec![file("first.st", 1, first)]).await;
    assert_eq!(library.row("First").await.unwrap()["path"], "/disk/loras/a/first.st");
    assert_eq!(library.unheard().await, [""; 0]);
    let other = library::add_root(&library.db.pool, "/other", None, "plain", false).await.unwrap();
    let files = vec![NewFile { folder: String::new(), ..file("third.st", 1, copy) }];
    let batch = Batch { root: other.id, path: other.path, files, ..Batch::default() };
    library.import(&batch).await;
    library::remove_root(&library.db.pool, library.root.id).await.unwrap();
    assert_eq!(library.unheard().await, ["third.st"]);
}

#[tokio::test]
async fn a_hash_that_becomes_known_has_the_words_read_again_by_it() {
    let library = Library::new().await;
    library.scan("", vec![file("a.st", 1, said())]).await;
    let hash = Hashes { sha256: "ab".repeat(32), ..Default::default() };
    library::hashed(&library.db.pool, &library.to_hash().await[0], &hash).await.unwrap();
    let unheard = library::unheard(&library.db.pool, 0, 10).await.unwrap();
    assert_eq!((&unheard[0].name, unheard[0].sha256.as_deref()), (&"a.st".to_owned(), Some(&*hash.sha256)));
    assert!(library::unheard(&library.db.pool, unheard[0].id, 10).await.unwrap().is_empty());
    let by_hash = NewFile { sha256: Some(hash.sha256), ..file("a.st", 1, json!({"description": "Own"})) };
    library.scan("", vec![by_hash]).await;
    assert_eq!(library.row("a").await.unwrap()["description"], "Own");
    assert_eq!(library.unheard().await, [""; 0]);
    library.scan("", vec![file("a.st", 1, json!({}))]).await;
    assert_eq!(library.unheard().await, ["a.st"], "it was read without its hash");
    library::heard(&library.db.pool, &[unheard[0].id]).await.unwrap();
    assert_eq!(library.unheard().await, [""; 0], "a file that is not there is left to the next scan");
}

#[tokio::test]
async fn no_two_read_the_same_file_and_what_a_dead_one_had_is_free() {
    let library = Library::new().await;
    let files: Vec<_> = (1..=5).map(|at| file(&format!("{at}.st"), at, json!({}))).collect();
    library.scan("", files).await;
    let db = &library.db.pool;
    let (mut one, mut other) = (Reader::new(db).await.unwrap(), Reader::new(db).await.unwrap());
    let names = |files: Vec<ToHash>| files.into_iter().map(|file| file.path).collect::<Vec<_>>();
    let taken = one.take(2).await.unwrap();
    assert_eq!(names(other.take(2).await.unwrap()), ["3.st", "4.st"]);
    library::hashed(db, &taken[0], &Hashes { sha256: "1".repeat(64), ..Default::default() }).await.unwrap();
    assert_eq!(names(one.take(9).await.unwrap()), ["2.st", "5.st"], "what was not done is taken again");
    let now = library::Hashing { files: 3, bytes: 300, later: false, path: Some("/x/2.st".into()), rate: 100.0 };
    one.tell(db, &now).await.unwrap();
    other.tell(db, &library::Hashing { path: Some("/x/3.st".into()), rate: 50.0, ..now.clone() }).await.unwrap();
    let both = library::hashing(db).await.unwrap();
    assert_eq!((both.rate, both.path.as_deref(), both.seconds()), (150.0, Some("/x/3.st"), Some(2.0)));
    drop(other);
    // The server hears of a closed connection a moment later.
    let mut free = Vec::new();
    while free.len() < 2 {
        free = names(Reader::new(db).await.unwrap().take(9).await.unwrap());
    }
    assert_eq!(free, ["3.st", "4.st"]);
    one.end(db).await.unwrap();
    library::read_later(db, true).await.unwrap();
    assert!(library::is_later(db).await.unwrap());
    library::read_later(db, false).await.unwrap();
    assert!(!library::is_later(db).await.unwrap());
}

#[tokio::test]
async fn what_is_no_model_is_counted_and_listed() {
    let library = Library::new().await;
    let vae = NewFile { name: "v.st".into(), kind: "vae".into(), digest: Some(vec![9; 32]), ..NewFile::default() };
    let broken = NewFile {
        name: "x.st".into(),
        kind: "unknown".into(),
        problem: Some(("too-short".into(), "It is empty.".into())),
        ..NewFile::default()
    };
    library.scan("", vec![vae, broken, file("a.st", 1, json!({}))]).await;
    let kinds = library::kinds(&library.db.pool).await.unwrap();
    assert_eq!(
        kinds.iter().map(|kind| (&*kind.kind, kind.files)).collect::<Vec<_>>(),
        [("lora", 1), ("unknown", 1), ("vae", 1)]
    );
    let listed = library::problems(&library.db.pool, "", 10).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|file| (&*file.path, file.problem.as_deref())).collect();
    assert_eq!(listed, [("/disk/loras/v.st", None), ("/disk/loras/x.st", Some("too-short"))]);
}

#[tokio::test]
async fn a_seed_file_that_only_repeats_what_a_scan_says_binds_nobody() {
    let library = Library::new().await;
    let hero = |description: &str, words: &str| {
        let mut fields = said();
        fields["description"] = json!(description);
        fields["trigger_words"] = json!([words]);
        fields["metadata"]["recommended_weight"] = json!(if words == "first" { 0.7 } else { 0.8 });
        fields
    };
    library.scan("", vec![file("hero.st", 1, hero("One", "first"))]).await;
    let id = library.id("Hero").await;
    library.set(id, json!({"rating": 0.9})).await;
    let export = "path,filename,name,version,description,rating,tags,trigger_words,compatible_architectures,metadata\n\
        /disk/loras/hero.st,hero.st,Hero,v2,One,0.9,\"[\"\"a\"\", \"\"b, c\"\"]\",first,sdxl,\"{\"\"kind\"\": \"\"lora\"\", \"\"recommended_weight\"\": 0.7}\"\n";
    assert_eq!(library.seed(export).await.unchanged, 1);
    let stamps = "SELECT string_agg(source || last_updated, ' ' ORDER BY id) FROM field_sources";
    let before: String = sqlx::query_scalar(stamps).fetch_one(&library.db.pool).await.unwrap();
    assert_eq!(library.seed(export).await.unchanged, 1);
    let after: String = sqlx::query_scalar(stamps).fetch_one(&library.db.pool).await.unwrap();
    assert_eq!(after, before);
    // The sidecar changes, the file moves: both are followed, and the same file changes nothing of that.
    library.scan("", vec![file("hero.st", 1, hero("Two", "second"))]).await;
    library.disk.borrow_mut().clear();
    library.scan("pony", vec![file("new.st", 1, hero("Two", "second"))]).await;
    let moved = |row: &Value| {
        assert_eq!((&row["description"], &row["trigger_words"]), (&json!("Two"), &json!(["second"])));
        assert_eq!((&row["path"], &row["rating"]), (&json!("/disk/loras/pony/new.st"), &json!(0.9)));
        assert_eq!(row["metadata"], json!({"kind": "lora", "recommended_weight": 0.8}));
    };
    moved(&library.row("Hero").await.unwrap());
    let counts = library.seed(export).await;
    assert_eq!((counts.unchanged, counts.kept, counts.inserted), (1, 0, 0), "{counts:?}");
    moved(&library.row("Hero").await.unwrap());
    let origins = lora::origins(&library.db.pool, id).await.unwrap();
    let source = |field: &str| origins.iter().find(|origin| origin.field == field).map(|origin| origin.source.clone());
    for field in ["description", "trigger_words", "metadata.recommended_weight"] {
        assert_eq!(source(field), Some(Source::Scan("hero.civitai.info".to_owned())), "{field}");
    }
    // What its owner changes in the file is the file's, and stays so.
    let edited = export.replace(",One,", ",Mine,").replace("0.7", "0.5");
    assert_eq!(library.seed(&edited).await.updated, 1);
    library.scan("pony", vec![file("new.st", 1, hero("Three", "third"))]).await;
    for _ in 0..2 {
        let row = library.row("Hero").await.unwrap();
        assert_eq!((&row["description"], &row["trigger_words"]), (&json!("Mine"), &json!(["third"])));
        assert_eq!(row["metadata"]["recommended_weight"], 0.5);
        library.seed(&edited).await;
    }
}

#[tokio::test]
async fn what_a_seed_file_said_first_and_a_scan_says_too_follows_the_scan() {
    let library = Library::new().await;
    let csv = "path,version,description\n/disk/loras/hero.st,v2,Mine\n";
    library.seed(csv).await;
    assert_eq!(library.scan("", vec![file("hero.st", 1, said())]).await.adopted, 1);
    library.disk.borrow_mut().clear();
    let mut newer = said();
    newer["version"] = json!("v3");
    library.scan("pony", vec![file("hero.st", 1, newer)]).await;
    for _ in 0..2 {
        let row = library.row("Hero").await.unwrap();
        assert_eq!((&row["path"], &row["version"]), (&json!("/disk/loras/pony/hero.st"), &json!("v3")));
        assert_eq!(row["description"], "Mine");
        library.seed(csv).await;
    }
}
