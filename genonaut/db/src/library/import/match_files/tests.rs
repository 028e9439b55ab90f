//! Random histories of a disk against the placing of files alone: thousands in a second.

use std::collections::BTreeMap;

use super::*;

/// Xorshift, as Marsaglia gives it.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Tensors and metadata; a stamp of its own for each time it was written.
#[derive(Clone, Copy, PartialEq, Debug)]
struct OnDisk {
    tensors: u8,
    header: u8,
    stamp: i64,
}

struct World {
    random: Random,
    /// How many tensors share a sample.
    alike: u8,
    disk: BTreeMap<u8, OnDisk>,
    rows: Vec<FileRow>,
    past: Vec<PastContent>,
    /// What the content of a model is, once anybody can know.
    truth: HashMap<Uuid, u8>,
    next: u8,
}

const PLACES: u8 = 6;

fn place(at: u8) -> (String, String) {
    // Half of them in another folder.
    ((at % 2).to_string(), at.to_string())
}

impl World {
    fn new(seed: u64, alike: u8) -> Self {
        let random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let (disk, rows, past) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { random, alike, disk, rows, past, truth: HashMap::new(), next: 0 }
    }

    /// As a scan reads it.
    fn content(&self, file: OnDisk) -> Content {
        let sample = file.tensors / self.alike;
        Content { digest: Some(vec![sample, file.header]), tensors_digest: Some(vec![sample]), ..Content::default() }
    }

    fn happen(&mut self) {
        let (from, to) = (self.random.below(PLACES.into()) as u8, self.random.below(PLACES.into()) as u8);
        self.next += 1;
        let new = OnDisk { tensors: self.next, header: 0, stamp: self.next.into() };
        match (self.random.below(6), self.disk.get(&from).copied()) {
            (_, None) | (0, _) => self.put(to, new),
            (1, Some(file)) => self.put(to, OnDisk { stamp: new.stamp, ..file }),
            (2, Some(file)) => {
                self.disk.remove(&from);
                self.disk.insert(to, file);
            }
            (3, Some(file)) => {
                if let Some(other) = self.disk.insert(to, file) {
                    self.disk.insert(from, other);
                }
            }
            (4, Some(file)) => {
                let header = self.next;
                self.disk.insert(from, OnDisk { header, stamp: new.stamp, ..file });
            }
            _ => self.disk.retain(|at, _| *at != from),
        }
    }

    fn put(&mut self, at: u8, file: OnDisk) {
        self.disk.insert(at, file);
    }

    /// In batches of one folder each, one of them perhaps never.
    fn scan(&mut self, whole: bool) {
        let first = self.random.below(2) as u8;
        for folder in [first, 1 - first].into_iter().take(if whole { 2 } else { 1 }) {
            let places: Vec<u8> = (0..PLACES).filter(|at| at % 2 == folder).collect();
            self.batch(&places);
        }
    }

    fn batch(&mut self, places: &[u8]) {
        let files: Vec<BatchFile> = places.iter().filter_map(|at| self.file(*at)).collect();
        let here: HashSet<_> = files.iter().map(|file| file.place.clone()).collect();
        let stamps: HashMap<_, _> = self.disk.iter().map(|(at, file)| (place(*at), file.stamp)).collect();
        for row in &mut self.rows {
            let is_there = row.place.as_ref().and_then(|place| stamps.get(place)) == Some(&row.stamp.1);
            row.presence = if is_there { Presence::There } else { Presence::Gone };
        }
        let matches = match_files(&files, &self.rows, &self.past, &here);
        let mut turned = files.clone();
        turned.reverse();
        let mut again = match_files(&turned, &self.rows, &self.past, &here);
        again.reverse();
        for (one, two) in matches.iter().zip(&again) {
            let is_new = |found: &Match| {
                !self.rows.iter().any(|row| row.model == Some(found.model))
                    && !self.past.iter().any(|past| past.model == found.model)
            };
            assert!(one.model == two.model || (is_new(one) && is_new(two)), "the order decides: {one:?} {two:?}");
        }
        self.persist(&files, &matches);
    }

    fn file(&self, at: u8) -> Option<BatchFile> {
        let file = self.disk.get(&at)?;
        let stamp = (1, file.stamp, 1);
        let row = self.rows.iter().find(|row| row.place == Some(place(at)) && row.stamp == stamp);
        let content = row.map_or_else(|| self.content(*file), |row| row.content.clone());
        Some(BatchFile { place: place(at), table: Table::Loras, content, stamp })
    }

    /// As `persist` does it.
    fn persist(&mut self, files: &[BatchFile], matches: &[Match]) {
        let moved: HashSet<i64> = matches.iter().filter_map(|found| found.moved).collect();
        assert_eq!(moved.len(), matches.iter().filter(|found| found.moved.is_some()).count(), "a row moves once");
        for row in self.rows.iter_mut().filter(|row| moved.contains(&row.id)) {
            row.place = None;
            let content = row.content.clone();
            self.past.push(PastContent { table: Table::Loras, model: row.model.unwrap(), content });
        }
        for (file, found) in files.iter().zip(matches) {
            let at = self.rows.iter().position(|row| row.place.as_ref() == Some(&file.place));
            let old = at.map(|at| self.rows.swap_remove(at));
            if let Some((old, model)) = old.as_ref().and_then(|old| Some((old, old.model?)))
                && (model != found.model || old.content.digest != file.content.digest || old.stamp != file.stamp)
            {
                self.past.push(PastContent { table: Table::Loras, model, content: old.content.clone() });
            }
            let came = found.moved.and_then(|id| self.rows.iter().position(|row| row.id == id));
            let row = came.map(|at| self.rows.swap_remove(at)).or(old);
            let kept = row.as_ref().filter(|row| row.stamp == file.stamp && row.content.digest == file.content.digest);
            self.rows.push(FileRow {
                id: row.as_ref().map_or(self.rows.iter().map(|row| row.id).max().unwrap_or(0) + 1000, |row| row.id),
                place: Some(file.place.clone()),
                table: Some(Table::Loras),
                model: Some(found.model),
                content: kept.map_or_else(|| file.content.clone(), |row| row.content.clone()),
                stamp: file.stamp,
                presence: Presence::There,
            });
        }
    }

    /// As `hashed` does it, for every file that is as it was.
    fn hash(&mut self) {
        for at in 0..PLACES {
            let Some(file) = self.disk.get(&at).copied() else { continue };
            let row = self.rows.iter().position(|row| row.place == Some(place(at)) && row.stamp.1 == file.stamp);
            let Some((row, model)) = row.and_then(|row| Some((row, self.rows[row].model?))) else { continue };
            let content = Content {
                sha256: Some(format!("{} {}", file.tensors, file.header)),
                tensors_sha256: Some(file.tensors.to_string()),
                ..self.rows[row].content.clone()
            };
            let rows = self.rows.iter().filter(|other| other.id != self.rows[row].id && other.model == Some(model));
            let past = self.past.iter().filter(|past| past.model == model).map(|past| &past.content);
            let known = rows.map(|other| &other.content).chain(past).filter(|content| content.sha256.is_some());
            let is_another = content.compare_all(known) == Sameness::Different;
            self.rows[row].content = content;
            if is_another {
                self.rows[row].model = None;
                self.batch(&[at]);
            }
            self.merge_twins(at);
            let row = self.rows.iter().find(|row| row.place == Some(place(at))).unwrap();
            self.truth.entry(row.model.unwrap()).or_insert(file.tensors);
        }
    }

    /// As `twins` does it: a model that was never hashed turns out to be another one.
    fn merge_twins(&mut self, at: u8) {
        let row = self.rows.iter().find(|row| row.place == Some(place(at))).unwrap().clone();
        let rows = self.rows.iter().filter_map(|row| Some((row.model?, &row.content)));
        let known = rows.chain(self.past.iter().map(|past| (past.model, &past.content)));
        let is_twin = |(model, content): &(Uuid, &Content)| {
            Some(*model) != row.model && content.compare(&row.content) == Sameness::Certain
        };
        let Some((twin, _)) = known.into_iter().find(is_twin) else { return };
        let (old, twin) = (row.model.unwrap(), twin);
        self.rows.iter_mut().filter(|row| row.model == Some(old)).for_each(|row| row.model = Some(twin));
        self.past.iter_mut().filter(|past| past.model == old).for_each(|past| past.model = twin);
    }

    /// Each file is the model of its tensors, and of no others.
    fn check(&self, seed: u64) {
        let mut models: HashMap<u8, Uuid> = HashMap::new();
        for (at, file) in &self.disk {
            let row = self.rows.iter().filter(|row| row.place == Some(place(*at))).collect::<Vec<_>>();
            assert_eq!(row.len(), 1, "history {seed}: {at} is on one row");
            let model = row[0].model.unwrap();
            assert_eq!(*models.entry(file.tensors).or_insert(model), model, "history {seed}: {at} is one model");
            let truth = self.truth.get(&model).copied().unwrap_or(file.tensors);
            assert_eq!(truth, file.tensors, "history {seed}: {at} has words about another content");
        }
        let distinct: HashSet<_> = models.values().collect();
        assert_eq!(distinct.len(), models.len(), "history {seed}: {models:?}");
    }

    /// Models are what their files are, where no two contents are alike.
    fn know(&mut self) {
        for (at, file) in &self.disk {
            let row = self.rows.iter().find(|row| row.place == Some(place(*at))).unwrap();
            self.truth.entry(row.model.unwrap()).or_insert(file.tensors);
        }
    }
}

fn histories() -> u64 {
    if std::env::var_os("GENONAUT_LONG").is_some_and(|long| long == "1") { 50_000 } else { 500 }
}

#[test]
fn without_hashes_every_file_is_the_model_of_its_content_whatever_happens() {
    for seed in 0..histories() {
        let mut world = World::new(seed, 1);
        for _ in 0..20 {
            (0..=world.random.below(3)).for_each(|_| world.happen());
            match world.random.below(3) {
                0 => world.scan(false),
                _ => {
                    world.scan(true);
                    world.scan(true);
                    world.know();
                    world.check(seed);
                }
            }
        }
    }
}

#[test]
fn hashes_tell_apart_what_digests_cannot() {
    for seed in 0..histories() {
        let mut world = World::new(seed, 2);
        for _ in 0..20 {
            (0..=world.random.below(3)).for_each(|_| world.happen());
            world.scan(world.random.0.is_multiple_of(2));
            if world.random.below(2) == 0 {
                (0..2).for_each(|_| {
                    world.scan(true);
                    world.hash();
                });
                world.check(seed);
            }
        }
    }
}
