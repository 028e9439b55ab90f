//! Which model each file of a batch is: one pure function over the whole batch.
//!
//! **The rule.** What a person wrote belongs to the content it was written about, and a path to the file that lies
//! there. So a file is the model that is known to have contained what the file contains, whatever it was called and
//! wherever it lay; the path decides nothing by itself. A file whose content no model has had is a new model, also where
//! it replaced another file: the model that lay there is missing then, and keeps everything until its content is found
//! again. Only where several models could be meant by digests alone, the file's own traces (time, inode, place) choose;
//! the hash of the whole file confirms that choice or undoes it.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::Table;
use super::content::{Content, Sameness};

/// Size, time of change (nanoseconds since 1970) and inode: the same as long as nobody has touched a file.
pub type Stamp = (i64, i64, i64);

/// A file of the batch that can be a model.
#[derive(Debug, Clone)]
pub(super) struct BatchFile {
    /// Folder and name below the batch's root.
    pub place: (String, String),
    pub table: Table,
    pub content: Content,
    pub stamp: Stamp,
}

/// A row of `files`.
#[derive(Debug, Clone)]
pub(super) struct FileRow {
    pub id: i64,
    /// Folder and name, where it is in the batch's root.
    pub place: Option<(String, String)>,
    pub table: Option<Table>,
    pub model: Option<Uuid>,
    pub content: Content,
    pub stamp: Stamp,
    pub presence: Presence,
}

/// Whether the file of a row is where the row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presence {
    /// There, as it was.
    There,
    /// Gone, or replaced by another file.
    Gone,
    /// Its folder cannot be looked at, or nobody has looked.
    #[default]
    Unknown,
}

/// A content that a model had in a file whose row is gone or has another one now.
#[derive(Debug, Clone)]
pub(super) struct PastContent {
    pub table: Table,
    pub model: Uuid,
    pub content: Content,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    pub model: Uuid,
    pub how: How,
    /// The row of `files` that was elsewhere, whose file this is.
    pub moved: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Added,
    /// The model that was here.
    Known,
    Moved,
    /// The same as another file, which is there or may be.
    Copy,
    /// A model without any file that is there has one again.
    Returned,
    /// A model that never had a file.
    Adopted,
}

/// Decides for every file of a batch; `here` has each place of the batch, files that are no models too.
pub(super) fn match_files(
    files: &[BatchFile],
    rows: &[FileRow],
    past: &[PastContent],
    here: &HashSet<(String, String)>,
) -> Vec<Match> {
    let catalogue = Catalogue::new(files, rows, past, here);
    let models = catalogue.models(files);
    let moved = catalogue.moves(files, &models);
    let mut made = HashSet::new();
    files
        .iter()
        .zip(models)
        .zip(moved)
        .map(|((file, Choice { model, is_new }), moved)| {
            let how = match () {
                () if is_new && made.insert(model) => How::Added,
                () if is_new => How::Copy,
                () if catalogue.row_at(file).is_some_and(|row| row.model == Some(model)) => How::Known,
                () if moved.is_some() => How::Moved,
                () if catalogue.may_have_a_file((file.table, model)) => How::Copy,
                () => How::Returned,
            };
            Match { model, how, moved }
        })
        .collect()
}

type Key = (Table, Uuid);

/// What is known, found by place and by content.
struct Catalogue<'a> {
    here: HashMap<&'a (String, String), &'a FileRow>,
    rows_of: HashMap<Key, Vec<&'a FileRow>>,
    contents_of: HashMap<Key, Vec<&'a Content>>,
    models_by: HashMap<Trait<'a>, Vec<Key>>,
    /// Rows whose file has left its place.
    vacated: HashSet<i64>,
}

/// By which a content is found.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
enum Trait<'a> {
    Digest(&'a [u8]),
    TensorsDigest(&'a [u8]),
    Sha256(&'a str),
    TensorsSha256(&'a str),
}

impl Content {
    fn traits(&self) -> impl Iterator<Item = Trait<'_>> {
        [
            self.digest.as_deref().map(Trait::Digest),
            self.tensors_digest.as_deref().map(Trait::TensorsDigest),
            self.sha256.as_deref().map(Trait::Sha256),
            self.tensors_sha256.as_deref().map(Trait::TensorsSha256),
        ]
        .into_iter()
        .flatten()
    }
}

struct Choice {
    model: Uuid,
    is_new: bool,
}

impl<'a> Catalogue<'a> {
    fn new(
        files: &[BatchFile],
        rows: &'a [FileRow],
        past: &'a [PastContent],
        places: &HashSet<(String, String)>,
    ) -> Self {
        let mut catalogue = Self {
            here: HashMap::new(),
            rows_of: HashMap::new(),
            contents_of: HashMap::new(),
            models_by: HashMap::new(),
            vacated: HashSet::new(),
        };
        let now: HashMap<_, _> = files.iter().map(|file| (&file.place, &file.content)).collect();
        for row in rows {
            let place = row.place.as_ref().filter(|place| places.contains(place));
            let replaced = |place| now.get(place).is_none_or(|content| content.digest != row.content.digest);
            if place.map_or(row.presence == Presence::Gone, replaced) {
                catalogue.vacated.insert(row.id);
            }
            if let Some(place) = place {
                catalogue.here.insert(place, row);
            }
            if let (Some(table), Some(model)) = (row.table, row.model) {
                catalogue.rows_of.entry((table, model)).or_default().push(row);
                catalogue.know((table, model), &row.content);
            }
        }
        past.iter().for_each(|past| catalogue.know((past.table, past.model), &past.content));
        catalogue
    }

    fn know(&mut self, key: Key, content: &'a Content) {
        self.contents_of.entry(key).or_default().push(content);
        for found_by in content.traits() {
            let models = self.models_by.entry(found_by).or_default();
            if !models.contains(&key) {
                models.push(key);
            }
        }
    }

    fn row_at(&self, file: &BatchFile) -> Option<&'a FileRow> {
        self.here.get(&file.place).copied().filter(|row| row.table == Some(file.table))
    }

    fn may_have_a_file(&self, key: Key) -> bool {
        self.rows_of.get(&key).into_iter().flatten().any(|row| !self.vacated.contains(&row.id))
    }

    fn models(&self, files: &[BatchFile]) -> Vec<Choice> {
        let mut made = New::default();
        let choose = |file: &BatchFile| match self.known(file) {
            Some(model) => Choice { model, is_new: false },
            None => Choice { model: made.model(file), is_new: true },
        };
        files.iter().map(choose).collect()
    }

    /// The model that has had this content; of several the likeliest.
    fn known(&self, file: &BatchFile) -> Option<Uuid> {
        let found = file.content.traits().filter_map(|found_by| self.models_by.get(&found_by)).flatten();
        let candidates: HashSet<&Key> = found.filter(|(table, _)| *table == file.table).collect();
        let judged = candidates.into_iter().map(|key| {
            let contents = self.contents_of.get(key).into_iter().flatten().copied();
            (file.content.compare_all(contents), self.traces(file, key), std::cmp::Reverse(key.1))
        });
        let best = judged.filter(|(sameness, ..)| *sameness > Sameness::Unknown).max()?;
        Some(best.2.0)
    }

    /// What else speaks for a model, where contents alone do not decide.
    fn traces(&self, file: &BatchFile, key: &Key) -> u8 {
        let here = self.row_at(file).map(|row| row.id);
        let trace = |row: &&FileRow| match () {
            () if !row.is_like(file) => 0,
            () if row.stamp == file.stamp && (here == Some(row.id) || self.vacated.contains(&row.id)) => 3,
            () if here == Some(row.id) => 2,
            () if self.vacated.contains(&row.id) => 1,
            () => 0,
        };
        self.rows_of.get(key).into_iter().flatten().map(trace).max().unwrap_or_default()
    }

    /// The row of each file that was elsewhere: untouched files first, then equal ones, then those with equal tensors.
    fn moves(&self, files: &[BatchFile], models: &[Choice]) -> Vec<Option<i64>> {
        let mut moves = vec![None; files.len()];
        let mut taken = HashSet::new();
        let passes: [fn(&FileRow, &BatchFile) -> bool; 3] = [
            |row, file| row.is_like(file) && row.stamp == file.stamp,
            FileRow::is_like,
            |row, file| row.content.compare(&file.content) >= Sameness::LikelyTensors,
        ];
        for is_its in passes {
            for (at, file) in files.iter().enumerate() {
                let model = models[at].model;
                let stays = self.row_at(file).is_some_and(|row| row.model == Some(model));
                if stays || moves[at].is_some() {
                    continue;
                }
                let rows = self.rows_of.get(&(file.table, model)).into_iter().flatten();
                let free = |row: &&&FileRow| self.vacated.contains(&row.id) && !taken.contains(&row.id);
                moves[at] = rows.filter(free).find(|row| is_its(row, file)).map(|row| row.id);
                taken.extend(moves[at]);
            }
        }
        moves
    }
}

impl FileRow {
    fn is_like(&self, file: &BatchFile) -> bool {
        self.content.digest.is_some() && self.content.digest == file.content.digest
    }
}

/// Models that a batch makes: one for each content.
#[derive(Default)]
struct New(Vec<(Table, Content, Uuid)>, HashMap<(Table, Vec<u8>), usize>);

impl New {
    fn model(&mut self, file: &BatchFile) -> Uuid {
        let digests = [&file.content.digest, &file.content.tensors_digest];
        let keys: Vec<_> = digests.into_iter().flatten().map(|digest| (file.table, digest.clone())).collect();
        let same = |at: &usize| self.0[*at].1.compare(&file.content) > Sameness::Unknown;
        if let Some(at) = keys.iter().filter_map(|key| self.1.get(key).copied()).find(same) {
            return self.0[at].2;
        }
        let model = Uuid::now_v7();
        for key in keys {
            self.1.insert(key, self.0.len());
        }
        self.0.push((file.table, file.content.clone(), model));
        model
    }
}

#[cfg(test)]
mod tests;
