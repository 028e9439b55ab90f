//! What one source has said of a row.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Source;
use crate::sources::{PERSON, SCAN};

#[derive(Debug, sqlx::FromRow)]
pub(super) struct Word {
    pub source: String,
    pub fields: Vec<String>,
    pub said: Value,
    /// Which file said it, by field.
    pub told: Option<Value>,
}

/// Those of a row, the most believed first: a person, seed files (the latest first), the model's own files.
pub(super) async fn words(connection: &mut PgConnection, table: &str, id: Uuid) -> sqlx::Result<Vec<Word>> {
    sqlx::query_as(
        "SELECT source, fields, said, told FROM field_sources WHERE table_name = $1 AND row_key = $2
         ORDER BY source = $3 DESC, source = $4, last_updated DESC, id DESC",
    )
    .bind(table)
    .bind(id.to_string())
    .bind(PERSON)
    .bind(SCAN)
    .fetch_all(connection)
    .await
}

/// The value of a column, or of a key of an object as `column.key`.
pub(super) fn at<'a>(said: &'a Value, field: &str) -> Option<&'a Value> {
    match field.split_once('.') {
        Some((column, key)) => said.get(column)?.get(key),
        None => said.get(field),
    }
}

impl Word {
    pub fn speaks_of(&self, field: &str) -> bool {
        let names = |field: &str| self.fields.iter().any(|name| name == field);
        // Of an object a file speaks whole; its keys are those it has.
        names(field)
            || field.split_once('.').is_some_and(|(column, _)| names(column) && at(&self.said, field).is_some())
    }

    /// The field itself, and where it is an object every key this speaks of.
    pub fn parts_of(&self, field: &str) -> Vec<String> {
        let keys = self.said[field].as_object().into_iter().flat_map(|object| object.keys());
        let keys = keys.map(|key| format!("{field}.{key}")).filter(|key| self.speaks_of(key));
        keys.chain(self.fields.iter().filter(|name| *name == field).cloned()).collect()
    }

    pub fn of(&self, field: &str) -> Source {
        match self.source.strip_prefix("file:") {
            Some(file) => Source::File(file.to_owned()),
            // What no file says is found out by us.
            None if self.source == SCAN => self.file_of(field).map_or(Source::Genonaut, Source::Scan),
            None if self.source == PERSON => Source::Person,
            None => Source::Other(self.source.clone()),
        }
    }

    /// The file that says a field; of an object all that say something in it.
    fn file_of(&self, field: &str) -> Option<String> {
        let told = self.told.as_ref()?.as_object()?;
        let column = field.split_once('.').map_or(field, |(column, _)| column);
        if let Some(file) = told.get(field).or_else(|| told.get(column)) {
            return file.as_str().map(str::to_owned);
        }
        let inside = told.iter().filter(|(name, _)| name.strip_prefix(field).is_some_and(|rest| rest.starts_with('.')));
        let mut files: Vec<&str> = inside.filter_map(|(_, file)| file.as_str()).collect();
        files.sort_unstable();
        files.dedup();
        (!files.is_empty()).then(|| files.join(", "))
    }
}
