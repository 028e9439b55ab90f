//! Whose word each field of a row is, read from `field_sources`, and how a field goes back to what a source said.

use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

use crate::sources::PERSON;
use crate::write::{FieldProblem, Writable, WriteError};

/// Who has put a field's value where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Somebody using us, or another client of the database.
    Person,
    /// The seed file of this name.
    File(String),
    /// Filled in from the row itself, or made up.
    Genonaut,
}

/// Where a field's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub field: &'static str,
    pub source: Source,
    /// The file whose value can be had back.
    pub back: Option<String>,
}

/// What one source says of a row.
#[derive(sqlx::FromRow)]
struct Word {
    source: String,
    fields: Vec<String>,
    said: Value,
}

/// The origin of every field that holds something, or that a person has emptied.
pub(crate) async fn origins<T: Writable>(db: &PgPool, id: Uuid) -> sqlx::Result<Vec<Origin>> {
    let sql = format!("SELECT to_jsonb({0}) FROM {0} WHERE id = $1", T::TABLE);
    let mut connection = db.acquire().await?;
    let row: Option<Value> = sqlx::query_scalar(AssertSqlSafe(sql)).bind(id).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(Vec::new()) };
    let words = words(&mut connection, T::TABLE, id).await?;
    Ok(T::FIELDS.iter().filter_map(|field| origin(field.0, &row, &words)).collect())
}

/// Takes a field out of the person's word and returns what the best remaining source has said of it.
pub(crate) async fn forget_person(
    connection: &mut PgConnection,
    table: &str,
    id: Uuid,
    field: &str,
) -> Result<Map<String, Value>, WriteError> {
    let words = words(connection, table, id).await?;
    let Some(best) = best(field, &words) else {
        let reason = "no source has said anything about it";
        return Err(WriteError::Invalid(vec![FieldProblem::new(field, "no_source", reason)]));
    };
    sqlx::query(
        "UPDATE field_sources SET fields = array_remove(fields, $3), said = said - $3, last_updated = now()
         WHERE table_name = $1 AND row_key = $2 AND source = $4",
    )
    .bind(table)
    .bind(id.to_string())
    .bind(field)
    .bind(PERSON)
    .execute(connection)
    .await?;
    Ok(Map::from_iter([(field.to_owned(), best.said[field].clone())]))
}

/// The latest word first.
async fn words(connection: &mut PgConnection, table: &str, id: Uuid) -> sqlx::Result<Vec<Word>> {
    sqlx::query_as(
        "SELECT source, fields, said FROM field_sources WHERE table_name = $1 AND row_key = $2
         ORDER BY last_updated DESC, id DESC",
    )
    .bind(table)
    .bind(id.to_string())
    .fetch_all(connection)
    .await
}

fn origin(field: &'static str, row: &Value, words: &[Word]) -> Option<Origin> {
    let value = &row[field];
    let source = source(field, row, words)?;
    // What was changed past us, with psql say, is a person's too, and can go back all the same.
    let back = best(field, words).filter(|word| source == Source::Person && word.said[field] != *value);
    let recorded = words.iter().any(|word| word.source == PERSON && word.speaks_of(field));
    let back = back.or_else(|| best(field, words).filter(|_| recorded));
    Some(Origin { field, source, back: back.map(|word| word.file().to_owned()) })
}

fn source(field: &str, row: &Value, words: &[Word]) -> Option<Source> {
    let value = &row[field];
    if words.iter().any(|word| word.source == PERSON && word.speaks_of(field)) {
        return Some(Source::Person);
    }
    let mut files = words.iter().filter(|word| word.source != PERSON && word.said.get(field) == Some(value));
    if let Some(word) = files.clone().find(|word| word.speaks_of(field)) {
        return Some(Source::File(word.file().to_owned()));
    }
    if is_empty(value) {
        return None;
    }
    let made_up = row["metadata"]["synthetic"] == Value::Bool(true);
    // A name nobody gave comes from the path.
    let derived = ["filename", "name"].contains(&field) && (files.next().is_some() || best(field, words).is_none());
    Some(if made_up || derived { Source::Genonaut } else { Source::Person })
}

/// The latest source but the person that has something to say of the field, else one that leaves it empty.
fn best<'a>(field: &str, words: &'a [Word]) -> Option<&'a Word> {
    let mut others = words.iter().filter(|word| word.source != PERSON && word.said.get(field).is_some());
    others.clone().find(|word| word.speaks_of(field)).or_else(|| others.next())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(words) => words.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

impl Word {
    fn speaks_of(&self, field: &str) -> bool {
        self.fields.iter().any(|name| name == field)
    }

    fn file(&self) -> &str {
        self.source.strip_prefix("file:").unwrap_or(&self.source)
    }
}
