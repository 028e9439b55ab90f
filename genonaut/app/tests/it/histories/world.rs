//! The files of one history, what a person wrote about which, and whether the catalogue has it so.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use genonaut::scan;
use genonaut_db::library::{self, Location};
use genonaut_db::{PgPool, lora};
use serde_json::json;
use uuid::Uuid;

use crate::files::lora_of;
use crate::killed::random::Random;

const NAMES: [&str; 4] = ["a", "b", "sub/a", "c"];

pub struct World {
    db: PgPool,
    disk: tempfile::TempDir,
    seed: u64,
    pub random: Random,
    /// What has happened, for whoever must find out why.
    pub log: Vec<String>,
    /// Folders that are scanned.
    folders: Vec<&'static str>,
    /// Which tensors each file has, and under which metadata.
    files: BTreeMap<PathBuf, (u64, u64)>,
    /// Files that are away and come back.
    kept: Vec<(PathBuf, u64, u64)>,
    next: u64,
    /// By tensors: the words, and the id of the model they were written into.
    words: HashMap<u64, (String, Uuid)>,
}

impl World {
    pub fn new(db: &PgPool, seed: u64) -> Self {
        let disk = tempfile::tempdir().unwrap();
        for folder in ["one", "two", "bin"] {
            fs::create_dir(disk.path().join(folder)).unwrap();
        }
        Self {
            db: db.clone(),
            disk,
            seed,
            random: Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            log: Vec::new(),
            folders: vec!["one", "two"],
            files: BTreeMap::new(),
            kept: Vec::new(),
            next: 0,
            words: HashMap::new(),
        }
    }

    pub fn known(&self) -> Vec<PathBuf> {
        self.folders.iter().map(|folder| self.disk.path().join(folder)).collect()
    }

    fn place(&mut self) -> PathBuf {
        let folder = ["one", "two"][self.random.below(2) as usize];
        let name = NAMES[self.random.below(NAMES.len() as u64) as usize];
        self.disk.path().join(folder).join(format!("{name}.safetensors"))
    }

    fn any(&mut self) -> Option<PathBuf> {
        let at = self.random.below(self.files.len().max(1) as u64) as usize;
        self.files.keys().nth(at).cloned()
    }

    fn log(&mut self, what: &str, paths: &[&Path]) {
        let paths: Vec<_> = paths
            .iter()
            .map(|path| path.strip_prefix(self.disk.path()).unwrap_or(path).display().to_string())
            .collect();
        self.log.push(format!("{what} {}", paths.join(" ")));
    }

    fn make(&mut self, path: &Path, tensors: u64, header: u64) {
        // No two histories have a content in common, though they share a database.
        lora_of(path, self.seed * 1000 + tensors, &[("note", &format!("{} {header}", self.seed))]);
        self.files.insert(path.to_owned(), (tensors, header));
    }

    /// A content that nobody has seen, wherever: what lay there is replaced.
    pub fn put_new(&mut self) {
        let path = self.place();
        self.next += 1;
        self.log(&format!("new {}", self.next), &[&path]);
        self.make(&path, self.next, 0);
    }

    pub async fn happen(&mut self) {
        let Some(file) = self.any() else { return self.put_new() };
        let place = self.place();
        match self.random.below(9) {
            0 => self.put_new(),
            1 if file != place => {
                self.log("copy", &[&file, &place]);
                fs::create_dir_all(place.parent().unwrap()).unwrap();
                fs::copy(&file, &place).unwrap();
                self.files.insert(place, self.files[&file]);
            }
            2 => {
                self.log("move", &[&file, &place]);
                self.rename(&file, &place);
            }
            3 => self.swap(&file),
            4 => {
                self.next += 1;
                let (tensors, header) = (self.files[&file].0, self.next);
                self.log(&format!("re-tag {tensors}"), &[&file]);
                self.make(&file, tensors, header);
            }
            5 => {
                self.log("delete", &[&file]);
                let (tensors, header) = self.files.remove(&file).unwrap();
                fs::remove_file(&file).unwrap();
                self.kept.push((file, tensors, header));
            }
            6 => {
                let Some((path, tensors, header)) = self.kept.pop() else { return };
                let path = if self.random.below(2) == 0 { path } else { place };
                self.log(&format!("restore {tensors}"), &[&path]);
                self.make(&path, tensors, header);
            }
            7 => self.forget().await,
            _ => {
                self.log.push("add".to_owned());
                self.folders = vec!["one", "two"];
            }
        }
    }

    fn rename(&mut self, from: &Path, to: &Path) {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(from, to).unwrap();
        let content = self.files.remove(from).unwrap();
        self.files.insert(to.to_owned(), content);
    }

    fn swap(&mut self, file: &Path) {
        let Some(other) = self.any().filter(|other| other != file) else { return };
        self.log("swap", &[file, &other]);
        let aside = self.disk.path().join("bin/aside");
        fs::rename(file, &aside).unwrap();
        fs::rename(&other, file).unwrap();
        fs::rename(&aside, &other).unwrap();
        let (one, two) = (self.files[file], self.files[&other]);
        self.files.insert(file.to_owned(), two);
        self.files.insert(other, one);
    }

    async fn forget(&mut self) {
        let Some(folder) = self.folders.pop() else { return };
        self.log.push(format!("forget {folder}"));
        self.forget_folder(folder).await;
    }

    async fn forget_folder(&self, folder: &str) {
        let path = self.disk.path().join(folder).display().to_string();
        for root in library::roots(&self.db).await.unwrap() {
            if root.path == path {
                scan::forget(&self.db, root.id).await.unwrap();
            }
        }
    }

    pub async fn forget_all(&self) {
        self.forget_folder("one").await;
        self.forget_folder("two").await;
    }

    /// A person writes about the model of a file that the catalogue has just seen.
    pub async fn write(&mut self) {
        let Some(file) = self.any() else { return };
        if !self.known().iter().any(|folder| file.starts_with(folder)) {
            return;
        }
        let tensors = self.files[&file].0;
        let models = self.models(&file).await;
        let [model] = models[..] else { panic!("{}\n{} is {models:?}", self.log.join("\n"), file.display()) };
        let words = format!("about {} {tensors}, {}", self.seed, self.log.len());
        self.log(&format!("write about {tensors}"), &[&file]);
        let fields = json!({"description": words, "rating": 0.7, "tags": [words]});
        lora::patch(&self.db, model, fields.as_object().unwrap(), None).await.unwrap();
        self.words.insert(tensors, (words, model));
    }

    /// Models of which this file is there.
    async fn models(&self, file: &Path) -> Vec<Uuid> {
        let roots = library::roots(&self.db).await.unwrap();
        let (root, below) = roots.iter().find_map(|root| Some((root, file.strip_prefix(&root.path).ok()?))).unwrap();
        let folder = below.parent().unwrap().display().to_string();
        let name = below.file_name().unwrap().display().to_string();
        let known = library::known(&self.db, root.id, std::slice::from_ref(&folder)).await.unwrap();
        known.get(&(folder, name)).filter(|file| !file.missing).and_then(|file| file.model).into_iter().collect()
    }

    /// Every word is in the row of its content, and every file is in one row.
    pub async fn check(&self) -> Result<(), String> {
        for (words, id) in self.words.values() {
            let model =
                lora::find(&self.db, *id).await.unwrap().ok_or_else(|| format!("the row of {words:?} is gone"))?;
            if model.description.as_deref() != Some(words) || model.tags != [words.clone()] || model.rating != Some(0.7)
            {
                return Err(format!("{words:?} were written, {model:?} is there"));
            }
        }
        let mut of_content: HashMap<u64, Uuid> = HashMap::new();
        for (file, (tensors, _)) in &self.files {
            if !self.known().iter().any(|folder| file.starts_with(folder)) {
                continue;
            }
            let models = self.models(file).await;
            let [model] = models[..] else { return Err(format!("{} is {models:?}", file.display())) };
            if self.words.get(tensors).is_some_and(|(_, id)| *id != model) {
                return Err(format!("{} has content {tensors}, whose words are elsewhere", file.display()));
            }
            if *of_content.entry(*tensors).or_insert(model) != model {
                return Err(format!("content {tensors} is two models"));
            }
            self.check_row(model).await?;
        }
        let models: std::collections::HashSet<_> = of_content.values().collect();
        if models.len() != of_content.len() {
            return Err(format!("two contents are one model: {of_content:?}"));
        }
        Ok(())
    }

    /// It is there, at the path of one of its files.
    async fn check_row(&self, model: Uuid) -> Result<(), String> {
        let row = lora::find(&self.db, model).await.unwrap().ok_or("a file's row is gone")?;
        let files = library::locations(&self.db, model).await.unwrap();
        let whole = |file: &Location| format!("{}/{}", file.root, file.path);
        let there: Vec<String> = files.iter().filter(|file| !file.missing).map(whole).collect();
        match row.missing_since.is_none() && there.contains(&row.path) {
            true => Ok(()),
            false => Err(format!("{row:?} has the files {there:?}")),
        }
    }
}
