//! What is asked of `models_loras`.

use serde_json::{Map, Value};
use sqlx::PgPool;
use uuid::Uuid;

use super::Lora;
use crate::accounts::Viewer;
use crate::architecture::{self, Grade, Target};
use crate::filter::{self, Presence, Query};
use crate::list::{self, Conditions};
use crate::page::{Facet, Facets, Page, PageRequest};
use crate::provenance::{self, Origin};
use crate::write::{self, Applied, Bulk, Field, Kind, Selected, Undone, WriteError};

/// What a LoRA must have to be listed; empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Parts of the name, tags, trigger words, family or architectures, or words of the description or notes.
    pub q: Option<String>,
    /// Any of these, in any spelling.
    pub architecture: Vec<String>,
    pub family: Vec<String>,
    pub tags_all: Vec<String>,
    pub tags_any: Vec<String>,
    /// Any of these.
    pub trigger_words: Vec<String>,
    pub min_rating: Option<f64>,
    /// Only those that nobody has rated.
    pub unrated: bool,
    pub presence: Presence,
    pub without_examples: bool,
    pub fit: Option<FitFilter>,
}

/// How well it must fit which checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct FitFilter {
    pub checkpoint: Target,
    /// Any of these; none asks for nothing.
    pub grades: Vec<Grade>,
}

impl Conditions for Filter {
    fn push(&self, query: &mut Query) {
        filter::words(query, self.q.as_deref());
        filter::array(query, "bases", "&&", &filter::bases(&self.architecture));
        filter::any_of(query, "family", &self.family);
        filter::array(query, "tags", "@>", &self.tags_all);
        filter::array(query, "tags", "&&", &self.tags_any);
        filter::array(query, "trigger_words", "&&", &self.trigger_words);
        filter::min_rating(query, self.min_rating);
        filter::unrated(query, self.unrated);
        filter::presence(query, self.presence);
        filter::without_examples(query, self.without_examples);
        if let Some(fit) = &self.fit {
            fit.push(query);
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A LoRA lies in it when it has one of `keys` (any, when there are none to have) and none of `without`.
#[derive(Debug, Default)]
struct Range {
    keys: Option<Vec<String>>,
    without: Vec<String>,
}

impl FitFilter {
    fn push(&self, query: &mut Query) {
        if self.grades.is_empty() || Grade::ALL.iter().all(|grade| self.grades.contains(grade)) {
            return;
        }
        query.push(" AND (false");
        for range in self.ranges() {
            query.push(" OR (true");
            if let Some(keys) = range.keys {
                query.push(" AND bases && ").push_bind(keys);
            }
            if !range.without.is_empty() {
                query.push(" AND NOT bases && ").push_bind(range.without);
            }
            query.push(")");
        }
        query.push(")");
    }

    /// A LoRA's grade is the best one it has a key of. Neighbouring grades make one range, so that the usual
    /// question, "does it fit", stays one overlap that the index answers.
    fn ranges(&self) -> Vec<Range> {
        let mut ranges: Vec<Range> = Vec::new();
        let mut better = Vec::new();
        let mut open = false;
        for grade in Grade::ALL {
            let keys = self.keys(grade);
            let wanted = self.grades.contains(&grade);
            if wanted && !open {
                ranges.push(Range { keys: Some(Vec::new()), without: better.clone() });
            }
            if let (true, Some(range)) = (wanted, ranges.last_mut()) {
                range.keys = range.keys.take().zip(keys.clone()).map(|(had, new)| [had, new].concat());
            }
            open = wanted;
            better.extend(keys.unwrap_or_default());
        }
        ranges
    }

    /// Keys in `bases` that give a LoRA this grade unless it has a better one; `None` for whatever is left over.
    fn keys(&self, grade: Grade) -> Option<Vec<String>> {
        let base = self.checkpoint.base.as_deref();
        match (grade, base) {
            (Grade::Optimal, _) => Some(self.checkpoint.optimal_keys()),
            (Grade::Compatible, Some(base)) => Some(vec![base.to_owned()]),
            (Grade::Partial, Some(base)) => Some(owned(architecture::partial_bases(base))),
            (Grade::Unknown, Some(_)) => Some(vec!["?".to_owned()]),
            // Nothing can be said about a checkpoint whose architecture is not known.
            (Grade::Incompatible, Some(_)) | (Grade::Unknown, None) => None,
            (_, None) => Some(Vec::new()),
        }
    }
}

fn owned(words: Vec<&str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

impl write::Writable for Lora {
    const FIELDS: &[Field] = &[
        Field("path", Kind::Path),
        Field("filename", Kind::Text),
        Field("name", Kind::Text),
        Field("version", Kind::Text),
        Field("compatible_architectures", Kind::Words),
        Field("family", Kind::Text),
        Field("description", Kind::Text),
        Field("rating", Kind::Rating),
        Field("tags", Kind::Words),
        Field("trigger_words", Kind::Words),
        Field("optimal_checkpoints", Kind::Words),
        Field("metadata", Kind::Object),
    ];
    const BASE: &'static str = "compatible_architectures";
    const BULK: &[&'static str] = &[
        "name",
        "tags",
        "rating",
        "family",
        "compatible_architectures",
        "trigger_words",
        "metadata.recommended_weight",
    ];

    fn revision(&self) -> i64 {
        self.revision()
    }
}

/// The columns that a source may speak of and a person may write, in the order of the seed files.
pub fn columns() -> impl Iterator<Item = &'static str> {
    <Lora as write::Writable>::FIELDS.iter().map(|field| field.0)
}

/// One page of the LoRAs that the filter leaves.
pub async fn list(db: &PgPool, filter: &Filter, page: &PageRequest) -> sqlx::Result<Page<Lora>> {
    list::page(db, filter, page).await
}

pub async fn count(db: &PgPool, filter: &Filter) -> sqlx::Result<i64> {
    list::count::<Lora>(db, filter).await
}

pub async fn find(db: &PgPool, id: Uuid) -> sqlx::Result<Option<Lora>> {
    list::find(db, id).await
}

/// Those of these ids that there are, in no order.
pub async fn find_all(db: &PgPool, ids: &[Uuid]) -> sqlx::Result<Vec<Lora>> {
    list::find_all(db, ids).await
}

/// For each hash, of which the beginning (8 digits or more) is enough, the LoRA that it stands for: by its files, else by
/// what its metadata claims, as `hashes`, an object, or `sha256`. Two queries, however many there are.
pub async fn find_by_hashes(db: &PgPool, hashes: &[&str]) -> sqlx::Result<Vec<Option<Lora>>> {
    list::find_by_hashes(db, hashes).await
}

/// By id, name, filename or path.
pub async fn find_by_name(db: &PgPool, name: &str) -> sqlx::Result<Option<Lora>> {
    list::find_by_name(db, name).await
}

/// All that each name may mean: the model's name, the file's name without folder and extension, what its trainer called
/// it (`ss_output_name`), each without regard to case; or its path. One query; at most 20 of each, the best rated first.
pub async fn called(db: &PgPool, names: &[&str]) -> sqlx::Result<Vec<Vec<Lora>>> {
    list::called(db, names, Some("lower(metadata -> 'raw' ->> 'ss_output_name')")).await
}

/// Adds a LoRA with the given fields, all of them a person's.
pub async fn create(db: &PgPool, fields: &Map<String, Value>) -> Result<Lora, WriteError> {
    write::create(db, fields).await
}

/// Changes the given fields (RFC 7396: null clears, objects merge) and marks them as a person's.
pub async fn patch(
    db: &PgPool,
    id: Uuid,
    fields: &Map<String, Value>,
    if_revision: Option<i64>,
) -> Result<Lora, WriteError> {
    write::patch(db, id, fields, if_revision).await
}

/// Moves it to the trash; its file is kept, and everything that is known of it.
pub async fn delete(db: &PgPool, id: Uuid, if_revision: Option<i64>) -> Result<(), WriteError> {
    write::delete::<Lora>(db, id, if_revision).await
}

/// Whose word each field is; nothing for a model that is not there.
pub async fn origins(db: &PgPool, id: Uuid) -> sqlx::Result<Vec<Origin>> {
    provenance::origins::<Lora>(db, id).await
}

/// Gives a field back to the source that a person's word has overruled.
pub async fn give_back(db: &PgPool, id: Uuid, field: &str) -> Result<Lora, WriteError> {
    write::give_back(db, id, field).await
}

/// Makes the same change to many in one transaction; a model whose new name cannot be given is left as it is. Takes the
/// place of the viewer's last one, which can be undone no more.
pub async fn bulk(
    db: &PgPool,
    selected: Selected<'_, Filter>,
    change: &Bulk,
    viewer: Viewer,
) -> Result<Applied, WriteError> {
    write::bulk::<Lora>(db, selected, change, viewer).await
}

/// Gives all models of the viewer's last bulk change their values and sources back, where nobody has changed them since.
/// `None` when an hour is over, or there was another one.
pub async fn undo(db: &PgPool, change: Uuid, viewer: Viewer) -> Result<Option<Undone>, WriteError> {
    write::undo::<Lora>(db, change, viewer).await
}

pub async fn facets(db: &PgPool, filter: &Filter) -> sqlx::Result<Facets> {
    // The column also holds keys of checkpoints and the mark for "not known".
    let known = "(SELECT base FROM unnest(bases) base WHERE base !~ '^[=?]') AS choices (value)";
    list::facets::<Lora>(db, filter, known).await
}

/// The hundred most common tags that have `part` in them, of those that the filter leaves.
pub async fn tags(db: &PgPool, filter: &Filter, part: &str) -> sqlx::Result<Vec<Facet>> {
    list::tags::<Lora>(db, filter, part).await
}
