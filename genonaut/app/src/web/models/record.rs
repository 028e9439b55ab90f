//! Both kinds of model in one form, and the catalogue's functions for whichever kind is meant.

use genonaut_db::accounts::Viewer;
use genonaut_db::checkpoint::{self, Checkpoint};
use genonaut_db::examples::Standing;
use genonaut_db::lora::{self, Lora};
use genonaut_db::metadata::Metadata;
use genonaut_db::page::{Facets, Page, PageRequest};
use genonaut_db::provenance::Origin;
use genonaut_db::write::{Applied, Bulk, Selected, Undone, WriteError};
use genonaut_db::{DbError, PgPool, Presence, architecture, examples};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::asked::{Asked, State};
use super::{Kind, Which};
use crate::export::Selection;

pub struct Record {
    pub kind: Kind,
    pub id: Uuid,
    pub label: String,
    pub name: Option<String>,
    pub path: String,
    pub filename: Option<String>,
    pub version: Option<String>,
    /// As the source spells them: a checkpoint has one at most.
    pub architectures: Vec<String>,
    /// As people call them.
    pub bases: Vec<String>,
    /// Of a checkpoint, the canonical id.
    pub base: Option<String>,
    pub family: Option<String>,
    pub description: Option<String>,
    pub rating: Option<f64>,
    /// The same, as its pictures teach it.
    pub learned_rating: Option<f64>,
    /// How many were made with it, and how many of them have stars.
    pub pictures: i32,
    pub rated_pictures: i32,
    pub average_stars: Option<f64>,
    pub last_used: Option<String>,
    pub tags: Vec<String>,
    pub trigger_words: Vec<String>,
    pub optimal_checkpoints: Vec<String>,
    pub metadata: Metadata,
    pub created: String,
    pub updated: String,
    pub revision: i64,
    /// It has files, and none of them is there.
    pub missing: bool,
    /// It came with seed files or was made up, and never had a file.
    pub example: bool,
    /// Names the picture beside its file.
    pub preview: Option<String>,
}

const DAY: &str = "%-d %b %Y";

impl From<Lora> for Record {
    fn from(model: Lora) -> Self {
        Self {
            kind: Kind::Lora,
            id: model.id,
            missing: model.missing_since.is_some(),
            example: model.example,
            preview: model.preview.clone(),
            label: model.label().to_owned(),
            name: model.name.clone(),
            revision: model.revision(),
            average_stars: model.average_stars(),
            last_used: model.last_used.map(|used| used.format(DAY).to_string()),
            bases: bases(&model.bases, &model.compatible_architectures),
            base: None,
            path: model.path,
            filename: model.filename,
            version: model.version,
            architectures: model.compatible_architectures,
            family: model.family,
            description: model.description,
            rating: model.rating,
            learned_rating: model.learned_rating,
            pictures: model.pictures,
            rated_pictures: model.rated_pictures,
            tags: model.tags,
            trigger_words: model.trigger_words,
            optimal_checkpoints: model.optimal_checkpoints,
            metadata: model.metadata,
            created: model.last_created.format(DAY).to_string(),
            updated: model.last_updated.format(DAY).to_string(),
        }
    }
}

impl From<Checkpoint> for Record {
    fn from(model: Checkpoint) -> Self {
        let architectures: Vec<_> = model.architecture.clone().into_iter().collect();
        Self {
            kind: Kind::Checkpoint,
            id: model.id,
            missing: model.missing_since.is_some(),
            example: model.example,
            preview: model.preview.clone(),
            label: model.label().to_owned(),
            name: model.name.clone(),
            revision: model.revision(),
            average_stars: model.average_stars(),
            last_used: model.last_used.map(|used| used.format(DAY).to_string()),
            bases: bases(model.base.as_slice(), &architectures),
            base: model.base,
            path: model.path,
            filename: model.filename,
            version: model.version,
            architectures,
            family: model.family,
            description: model.description,
            rating: model.rating,
            learned_rating: model.learned_rating,
            pictures: model.pictures,
            rated_pictures: model.rated_pictures,
            tags: model.tags,
            trigger_words: Vec::new(),
            optimal_checkpoints: Vec::new(),
            metadata: model.metadata,
            created: model.last_created.format(DAY).to_string(),
            updated: model.last_updated.format(DAY).to_string(),
        }
    }
}

/// The known ones by their usual names, else what the source says.
fn bases(known: &[String], spelled: &[String]) -> Vec<String> {
    match known.is_empty() {
        true => spelled.to_vec(),
        false => known.iter().map(|base| architecture::label(base).to_owned()).collect(),
    }
}

/// The same models, to be exported.
pub fn selection(asked: &Asked) -> Selection {
    match asked.kind {
        Kind::Lora => Selection::Loras(loras(asked)),
        Kind::Checkpoint => Selection::Checkpoints(checkpoints(asked)),
    }
}

pub async fn page(db: &PgPool, asked: &Asked, request: &PageRequest) -> Result<Page<Record>, DbError> {
    let examples = examples::standing(db).await?;
    let request = PageRequest { examples_last: examples.step_back, ..request.clone() };
    match asked.kind {
        Kind::Lora => lora::list(db, &shown_loras(asked, examples), &request).await.map(converted),
        Kind::Checkpoint => checkpoint::list(db, &shown_checkpoints(asked, examples), &request).await.map(converted),
    }
}

pub async fn count(db: &PgPool, asked: &Asked) -> Result<i64, DbError> {
    let examples = examples::standing(db).await?;
    match asked.kind {
        Kind::Lora => lora::count(db, &shown_loras(asked, examples)).await,
        Kind::Checkpoint => checkpoint::count(db, &shown_checkpoints(asked, examples)).await,
    }
}

pub async fn facets(db: &PgPool, asked: &Asked) -> Result<Facets, DbError> {
    let examples = examples::standing(db).await?;
    match asked.kind {
        Kind::Lora => lora::facets(db, &shown_loras(asked, examples)).await,
        Kind::Checkpoint => checkpoint::facets(db, &shown_checkpoints(asked, examples)).await,
    }
}

pub async fn find(db: &PgPool, which: Which) -> Result<Option<Record>, DbError> {
    Ok(match which.kind {
        Kind::Lora => lora::find(db, which.id).await?.map(Record::from),
        Kind::Checkpoint => checkpoint::find(db, which.id).await?.map(Record::from),
    })
}

pub async fn origins(db: &PgPool, which: Which) -> Result<Vec<Origin>, DbError> {
    match which.kind {
        Kind::Lora => lora::origins(db, which.id).await,
        Kind::Checkpoint => checkpoint::origins(db, which.id).await,
    }
}

pub async fn patch(
    db: &PgPool,
    which: Which,
    fields: &Map<String, Value>,
    seen: Option<i64>,
) -> Result<Record, WriteError> {
    Ok(match which.kind {
        Kind::Lora => lora::patch(db, which.id, fields, seen).await?.into(),
        Kind::Checkpoint => checkpoint::patch(db, which.id, fields, seen).await?.into(),
    })
}

pub async fn give_back(db: &PgPool, which: Which, field: &str) -> Result<Record, WriteError> {
    Ok(match which.kind {
        Kind::Lora => lora::give_back(db, which.id, field).await?.into(),
        Kind::Checkpoint => checkpoint::give_back(db, which.id, field).await?.into(),
    })
}

/// The selection of a bulk change: these, or all that a list shows.
pub enum Chosen {
    These(Kind, Vec<Uuid>),
    All(Box<Asked>),
}

impl Chosen {
    pub fn kind(&self) -> Kind {
        match self {
            Self::These(kind, _) => *kind,
            Self::All(asked) => asked.kind,
        }
    }
}

pub async fn bulk(db: &PgPool, chosen: &Chosen, change: &Bulk, viewer: Viewer) -> Result<Applied, WriteError> {
    let asked = match chosen {
        Chosen::These(Kind::Lora, ids) => return lora::bulk(db, Selected::These(ids), change, viewer).await,
        Chosen::These(Kind::Checkpoint, ids) => {
            return checkpoint::bulk(db, Selected::These(ids), change, viewer).await;
        }
        Chosen::All(asked) => asked,
    };
    // Nobody means examples that the list does not show.
    let examples = examples::standing(db).await?;
    match asked.kind {
        Kind::Lora => lora::bulk(db, Selected::Matching(&shown_loras(asked, examples)), change, viewer).await,
        Kind::Checkpoint => {
            checkpoint::bulk(db, Selected::Matching(&shown_checkpoints(asked, examples)), change, viewer).await
        }
    }
}

pub async fn undo(db: &PgPool, kind: Kind, change: Uuid, viewer: Viewer) -> Result<Option<Undone>, WriteError> {
    match kind {
        Kind::Lora => lora::undo(db, change, viewer).await,
        Kind::Checkpoint => checkpoint::undo(db, change, viewer).await,
    }
}

/// Moves it to the trash.
pub async fn delete(db: &PgPool, which: Which) -> Result<(), WriteError> {
    match which.kind {
        Kind::Lora => lora::delete(db, which.id, None).await,
        Kind::Checkpoint => checkpoint::delete(db, which.id, None).await,
    }
}

fn converted<T: Into<Record>>(page: Page<T>) -> Page<Record> {
    let items = page.items.into_iter().map(T::into).collect();
    Page { items, next: page.next, prev: page.prev, total: page.total }
}

fn q(asked: &Asked) -> Option<String> {
    (!asked.q.is_empty()).then(|| asked.q.clone())
}

fn presence(asked: &Asked) -> Presence {
    if asked.is_in(State::Missing) { Presence::Missing } else { Presence::Any }
}

/// An export has what is hidden on the page, too.
fn shown_loras(asked: &Asked, examples: Standing) -> lora::Filter {
    lora::Filter { without_examples: examples.hidden, ..loras(asked) }
}

fn shown_checkpoints(asked: &Asked, examples: Standing) -> checkpoint::Filter {
    checkpoint::Filter { without_examples: examples.hidden, ..checkpoints(asked) }
}

fn loras(asked: &Asked) -> lora::Filter {
    lora::Filter {
        q: q(asked),
        architecture: asked.bases.clone(),
        tags_all: asked.tags.clone(),
        min_rating: asked.min_rating,
        unrated: asked.is_in(State::Unrated),
        presence: presence(asked),
        ..lora::Filter::default()
    }
}

fn checkpoints(asked: &Asked) -> checkpoint::Filter {
    checkpoint::Filter {
        q: q(asked),
        architecture: asked.bases.clone(),
        tags_all: asked.tags.clone(),
        min_rating: asked.min_rating,
        unrated: asked.is_in(State::Unrated),
        presence: presence(asked),
        ..checkpoint::Filter::default()
    }
}
