//! The rows that a filter shows, as a file that seeds another catalogue with them.

use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use genonaut_db::PgPool;
use genonaut_db::page::{Cursor, PageRequest, Sort};

use super::Kind;
use super::asked::Asked;
use super::record::{self, Record};
use crate::app::App;
use crate::problem::Problem;

/// Rows that are in memory at once.
const ROWS: u16 = 500;

pub async fn csv(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    export(&app, query.as_deref(), b',').await
}

pub async fn tsv(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    export(&app, query.as_deref(), b'\t').await
}

async fn export(app: &App, query: Option<&str>, delimiter: u8) -> Result<Response, Problem> {
    let asked = Asked::parse(query)?;
    let (ending, kind) = match delimiter {
        b',' => ("csv", "text/csv; charset=utf-8"),
        _ => ("tsv", "text/tab-separated-values; charset=utf-8"),
    };
    // Seeding knows the table by the file's name.
    let name = format!("attachment; filename=\"models_{}s.{ending}\"", asked.kind.word());
    let walk = Walk {
        db: app.db.clone(),
        head: Some(header_line(asked.kind, delimiter)),
        asked,
        delimiter,
        place: Place::Start,
    };
    // The first rows are read before the answer begins: a catalogue that is away is said with its status.
    let (first, walk) = walk.step().await?;
    let rest = stream::try_unfold(walk, async |walk| match walk.is_done() {
        true => Ok::<_, std::io::Error>(None),
        false => walk.step().await.map(Some).map_err(std::io::Error::other),
    });
    let first = stream::iter([Ok(first)]);
    let body = Body::from_stream(futures_util::StreamExt::chain(first, Box::pin(rest)));
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, &name)], body).into_response())
}

/// A walk over all pages, in the one order that no edit changes, so that no row is met twice or left out.
struct Walk {
    db: PgPool,
    asked: Asked,
    delimiter: u8,
    head: Option<Vec<u8>>,
    place: Place,
}

enum Place {
    Start,
    Behind(Cursor),
    End,
}

impl Walk {
    fn is_done(&self) -> bool {
        matches!(self.place, Place::End)
    }

    async fn step(mut self) -> Result<(Bytes, Self), genonaut_db::DbError> {
        let cursor = match &self.place {
            Place::Behind(cursor) => Some(cursor.clone()),
            Place::Start | Place::End => None,
        };
        let request = PageRequest { sort: Sort::Newest, limit: ROWS, cursor, total: false };
        let page = record::page(&self.db, &self.asked, &request).await?;
        let mut lines = self.head.take().unwrap_or_default();
        for model in &page.items {
            line(&mut lines, columns(self.asked.kind).iter().map(|column| column.1(model)), self.delimiter);
        }
        self.place = page.next.map_or(Place::End, Place::Behind);
        Ok((lines.into(), self))
    }
}

/// A column's head, and what stands below it.
type Column = (&'static str, fn(&Record) -> String);

/// The seed files' own columns, and those that seeding would otherwise fill in from the path.
fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Checkpoint => CHECKPOINT,
        Kind::Lora => LORA,
    }
}

const CHECKPOINT: &[Column] = &[
    ("path", |model| model.path.clone()),
    ("filename", |model| text(&model.filename)),
    ("name", |model| text(&model.name)),
    ("version", |model| text(&model.version)),
    ("architecture", |model| model.architectures.first().cloned().unwrap_or_default()),
    ("family", |model| text(&model.family)),
    ("description", |model| text(&model.description)),
    ("rating", rating),
    ("tags", |model| list(&model.tags)),
    ("metadata", metadata),
];

const LORA: &[Column] = &[
    ("path", |model| model.path.clone()),
    ("filename", |model| text(&model.filename)),
    ("name", |model| text(&model.name)),
    ("version", |model| text(&model.version)),
    ("compatible_architectures", |model| list(&model.architectures)),
    ("family", |model| text(&model.family)),
    ("description", |model| text(&model.description)),
    ("rating", rating),
    ("tags", |model| list(&model.tags)),
    ("trigger_words", |model| list(&model.trigger_words)),
    ("optimal_checkpoints", |model| list(&model.optimal_checkpoints)),
    ("metadata", metadata),
];

fn header_line(kind: Kind, delimiter: u8) -> Vec<u8> {
    let mut head = Vec::new();
    line(&mut head, columns(kind).iter().map(|column| column.0.to_owned()), delimiter);
    head
}

fn text(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}

fn rating(model: &Record) -> String {
    model.rating.map(|rating| rating.to_string()).unwrap_or_default()
}

fn metadata(model: &Record) -> String {
    Some(model.metadata.text()).filter(|text| *text != "{}").unwrap_or_default().to_owned()
}

/// A JSON list: commas, quotes and braces inside of a word survive.
fn list(words: &[String]) -> String {
    if words.is_empty() { String::new() } else { serde_json::json!(words).to_string() }
}

/// RFC 4180, with the delimiter that is asked for.
fn line(out: &mut Vec<u8>, cells: impl Iterator<Item = String>, delimiter: u8) {
    let special = [delimiter, b'"', b'\n', b'\r'];
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(delimiter);
        }
        if cell.bytes().any(|byte| special.contains(&byte)) {
            out.extend(format!("\"{}\"", cell.replace('"', "\"\"")).bytes());
        } else {
            out.extend(cell.bytes());
        }
    }
    out.extend(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column that is new in the tables must be exported too, or a round trip would lose it.
    #[test]
    fn every_column_that_can_be_written_is_exported() {
        let heads = |kind| columns(kind).iter().map(|column| column.0).collect::<Vec<_>>();
        assert_eq!(heads(Kind::Checkpoint), genonaut_db::checkpoint::columns().collect::<Vec<_>>());
        assert_eq!(heads(Kind::Lora), genonaut_db::lora::columns().collect::<Vec<_>>());
    }
}
