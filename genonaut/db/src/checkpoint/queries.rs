//! What is asked of `models_checkpoints`.

use serde_json::{Map, Value};
use sqlx::PgPool;
use uuid::Uuid;

use super::Checkpoint;
use crate::accounts::Viewer;
use crate::examples;
use crate::filter::{self, Presence, Query};
use crate::list::{self, Conditions};
use crate::page::{Facets, Page, PageRequest};
use crate::provenance::{self, Origin};
use crate::write::{self, Applied, Bulk, Field, Kind, Selected, Undone, WriteError};

/// What a checkpoint must have to be listed; empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Parts of the name, tags, family or architecture, or words of the description or notes.
    pub q: Option<String>,
    /// Any of these, in any spelling.
    pub architecture: Vec<String>,
    pub family: Vec<String>,
    pub tags_all: Vec<String>,
    pub tags_any: Vec<String>,
    pub min_rating: Option<f64>,
    /// Only those that nobody has rated.
    pub unrated: bool,
    pub presence: Presence,
    pub without_examples: bool,
}

impl Conditions for Filter {
    fn push(&self, query: &mut Query) {
        filter::words(query, self.q.as_deref());
        filter::any_of(query, "base", &filter::bases(&self.architecture));
        filter::any_of(query, "family", &self.family);
        filter::array(query, "tags", "@>", &self.tags_all);
        filter::array(query, "tags", "&&", &self.tags_any);
        filter::min_rating(query, self.min_rating);
        filter::unrated(query, self.unrated);
        filter::presence(query, self.presence);
        filter::without_examples(query, self.without_examples);
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl write::Writable for Checkpoint {
    const FIELDS: &[Field] = &[
        Field("path", Kind::Path),
        Field("filename", Kind::Text),
        Field("name", Kind::Text),
        Field("version", Kind::Text),
        Field("architecture", Kind::Text),
        Field("family", Kind::Text),
        Field("description", Kind::Text),
        Field("rating", Kind::Rating),
        Field("tags", Kind::Words),
        Field("metadata", Kind::Object),
    ];
    const BASE: &'static str = "architecture";
    const BULK: &[&'static str] = &["name", "tags", "rating", "family", "architecture"];

    fn revision(&self) -> i64 {
        self.revision()
    }
}

/// The columns that a source may speak of and a person may write, in the order of the seed files.
pub fn columns() -> impl Iterator<Item = &'static str> {
    <Checkpoint as write::Writable>::FIELDS.iter().map(|field| field.0)
}

/// One page of the checkpoints that the filter leaves.
pub async fn list(db: &PgPool, filter: &Filter, page: &PageRequest) -> sqlx::Result<Page<Checkpoint>> {
    list::page(db, filter, page).await
}

/// The best rated one whose file is not missing. An example is one only as long as there is nothing real, or where an engine
/// has its file.
pub async fn best(db: &PgPool) -> sqlx::Result<Option<Checkpoint>> {
    let examples = examples::standing(db).await?;
    let without_examples = examples.step_back || examples.hidden;
    let here = Filter { presence: Presence::Here, without_examples, ..Filter::default() };
    let best = list(db, &here, &PageRequest { limit: 1, ..PageRequest::default() }).await?.items.pop();
    match best {
        None if examples.step_back && !examples.hidden => examples::best_held(db).await,
        best => Ok(best),
    }
}

pub async fn count(db: &PgPool, filter: &Filter) -> sqlx::Result<i64> {
    list::count::<Checkpoint>(db, filter).await
}

pub async fn find(db: &PgPool, id: Uuid) -> sqlx::Result<Option<Checkpoint>> {
    list::find(db, id).await
}

/// Also in the trash: what a job that was queued before still needs.
pub async fn find_or_trashed(db: &PgPool, id: Uuid) -> sqlx::Result<Option<Checkpoint>> {
    list::find_or_trashed(db, id).await
}

/// By the beginning (8 digits or more) of a hash in its metadata: `hashes`, an object, or `sha256`.
pub async fn find_by_hash(db: &PgPool, hash: &str) -> sqlx::Result<Option<Checkpoint>> {
    Ok(list::find_by_hashes(db, &[hash]).await?.pop().flatten())
}

/// By id, name, filename or path.
pub async fn find_by_name(db: &PgPool, name: &str) -> sqlx::Result<Option<Checkpoint>> {
    list::find_by_name(db, name).await
}

/// All that each name may mean: the model's name or the file's name without folder and extension, without regard to case;
/// or its path. One query; at most 20 of each, the best rated first.
pub async fn called(db: &PgPool, names: &[&str]) -> sqlx::Result<Vec<Vec<Checkpoint>>> {
    list::called(db, names, None).await
}

/// Adds a checkpoint with the given fields, all of them a person's.
pub async fn create(db: &PgPool, fields: &Map<String, Value>) -> Result<Checkpoint, WriteError> {
    write::create(db, fields).await
}

/// Changes the given fields (RFC 7396: null clears, objects merge) and marks them as a person's.
pub async fn patch(
    db: &PgPool,
    id: Uuid,
    fields: &Map<String, Value>,
    if_revision: Option<i64>,
) -> Result<Checkpoint, WriteError> {
    write::patch(db, id, fields, if_revision).await
}

/// Moves it to the trash; its file is kept, and everything that is known of it.
pub async fn delete(db: &PgPool, id: Uuid, if_revision: Option<i64>) -> Result<(), WriteError> {
    write::delete::<Checkpoint>(db, id, if_revision).await
}

/// Whose word each field is; nothing for a model that is not there.
pub async fn origins(db: &PgPool, id: Uuid) -> sqlx::Result<Vec<Origin>> {
    provenance::origins::<Checkpoint>(db, id).await
}

/// Gives a field back to the source that a person's word has overruled.
pub async fn give_back(db: &PgPool, id: Uuid, field: &str) -> Result<Checkpoint, WriteError> {
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
    write::bulk::<Checkpoint>(db, selected, change, viewer).await
}

/// Gives all models of the viewer's last bulk change their values and sources back, where nobody has changed them since.
/// `None` when an hour is over, or there was another one.
pub async fn undo(db: &PgPool, change: Uuid, viewer: Viewer) -> Result<Option<Undone>, WriteError> {
    write::undo::<Checkpoint>(db, change, viewer).await
}

pub async fn facets(db: &PgPool, filter: &Filter) -> sqlx::Result<Facets> {
    list::facets::<Checkpoint>(db, filter, "(SELECT base) AS choices (value)").await
}
