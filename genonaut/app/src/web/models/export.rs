//! The rows that a filter shows, as a file that seeds another catalogue with them.

use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use genonaut_db::PgPool;
use genonaut_db::page::Cursor;

use super::asked::Asked;
use super::record;
use crate::app::App;
use crate::export::{Delimiter, Format, Selection};
use crate::problem::Problem;
use crate::query::Params;

/// Parameters about the file's form, beside the filters.
const OPTIONS: [&str; 2] = ["bom", "guard"];

pub async fn csv(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    export(&app, query.as_deref(), Delimiter::Comma).await
}

pub async fn tsv(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    export(&app, query.as_deref(), Delimiter::Tab).await
}

async fn export(app: &App, query: Option<&str>, delimiter: Delimiter) -> Result<Response, Problem> {
    let (filters, options) = Params::parse(query.unwrap_or_default())?.divided(&OPTIONS);
    let format = Format { delimiter, bom: options.flag("bom")?, guard: options.flag("guard")? };
    let selection = record::selection(&Asked::read(&filters)?);
    let kind = match delimiter {
        Delimiter::Comma => "text/csv; charset=utf-8",
        Delimiter::Tab => "text/tab-separated-values; charset=utf-8",
    };
    let name = format!("attachment; filename=\"{}\"", selection.file_name(format));
    let walk = Walk { db: app.db.clone(), head: Some(selection.head(format)), selection, format, place: Place::Start };
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

/// A walk over all pages.
struct Walk {
    db: PgPool,
    selection: Selection,
    format: Format,
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
        let (rows, next) = self.selection.rows(&self.db, cursor, self.format).await?;
        let mut lines = self.head.take().unwrap_or_default();
        lines.extend(rows);
        self.place = next.map_or(Place::End, Place::Behind);
        Ok((lines.into(), self))
    }
}
