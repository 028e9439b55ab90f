//! Whose word each field of a row is, read from `field_sources`, and how a field goes back to what a source said.
//! Keys of the metadata are fields of their own: `metadata.recommended_weight`.

mod word;

use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

use crate::sources::PERSON;
use crate::write::{FieldProblem, Kind, Writable, WriteError};
use word::{Word, at, words};

/// Who has put a field's value where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Somebody using us, or another client of the database.
    Person,
    /// The seed file of this name.
    File(String),
    /// The model's own file (`header`), its name (`file name`), or the file of this name beside it.
    Scan(String),
    /// A source that this program does not know, by its name in the database; a newer program's, say.
    Other(String),
    /// Filled in from the row itself, or made up.
    Genonaut,
}

/// Where a field's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub field: String,
    pub source: Source,
    /// Whose value can be had back.
    pub back: Option<Source>,
}

/// The origin of every field that holds something, or that a person has emptied.
pub(crate) async fn origins<T: Writable>(db: &PgPool, id: Uuid) -> sqlx::Result<Vec<Origin>> {
    let sql = format!("SELECT to_jsonb({0}) FROM {0} WHERE id = $1", T::TABLE);
    let mut connection = db.acquire().await?;
    let row: Option<Value> = sqlx::query_scalar(AssertSqlSafe(sql)).bind(id).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(Vec::new()) };
    let words = words(&mut connection, T::TABLE, id).await?;
    Ok(fields::<T>(&row, &words).into_iter().filter_map(|field| origin(field, &row, &words)).collect())
}

/// Columns, and in place of an object each key that it has, or that a person has taken out.
fn fields<T: Writable>(row: &Value, words: &[Word]) -> Vec<String> {
    let mut fields = Vec::new();
    for field in T::FIELDS {
        if field.1 != Kind::Object {
            fields.push(field.0.to_owned());
            continue;
        }
        let mine = words.iter().filter(|word| word.source == PERSON).filter_map(|word| word.said[field.0].as_object());
        let mut keys: Vec<_> = row[field.0].as_object().into_iter().chain(mine).flat_map(Map::keys).collect();
        keys.sort_unstable();
        keys.dedup();
        fields.extend(keys.iter().map(|key| format!("{}.{key}", field.0)));
    }
    fields
}

/// Takes a field out of the person's word and returns what the columns hold without it: what the best remaining
/// source has said. A field that is an object goes back with all its keys.
pub(crate) async fn forget_person(
    connection: &mut PgConnection,
    table: &str,
    id: Uuid,
    field: &str,
    row: &Value,
) -> Result<Map<String, Value>, WriteError> {
    let words = words(connection, table, id).await?;
    let mine: Vec<_> =
        words.iter().filter(|word| word.source == PERSON).flat_map(|word| word.parts_of(field)).collect();
    let given = if row[field].is_object() { mine.clone() } else { vec![field.to_owned()] };
    let fields = back(row, &given, &words);
    if fields.is_empty() {
        let reason = "no source has a value for it";
        return Err(WriteError::Invalid(vec![FieldProblem::new(field, "no_source", reason)]));
    }
    let forget =
        "UPDATE field_sources SET fields = ARRAY(SELECT name FROM unnest(fields) name WHERE NOT name = ANY($3)),
            said = CASE WHEN $4 = '{}' THEN said - $5 ELSE said #- $4 END, last_updated = now()
         WHERE table_name = $1 AND row_key = $2 AND source = $6";
    let path: Vec<_> = field.split('.').map(str::to_owned).collect();
    let path = if path.len() > 1 { path } else { Vec::new() };
    let named: Vec<_> = mine.into_iter().chain([field.to_owned()]).collect();
    let update = sqlx::query(forget).bind(table).bind(id.to_string()).bind(named).bind(path).bind(field).bind(PERSON);
    update.execute(connection).await?;
    Ok(fields)
}

/// The columns with these fields as the best sources say them.
fn back(row: &Value, given: &[String], words: &[Word]) -> Map<String, Value> {
    let mut columns = Map::new();
    for field in given {
        match field.split_once('.') {
            Some((column, key)) => {
                let object = columns.entry(column).or_insert_with(|| row[column].clone());
                let Some(object) = object.as_object_mut() else { continue };
                match best(field, words).and_then(|word| at(&word.said, field)) {
                    Some(value) => _ = object.insert(key.to_owned(), value.clone()),
                    None => _ = object.remove(key),
                }
            }
            None => {
                let said = best(field, words).and_then(|word| word.said.get(field));
                columns.extend(said.map(|value| (field.clone(), value.clone())));
            }
        }
    }
    columns
}

fn origin(field: String, row: &Value, words: &[Word]) -> Option<Origin> {
    let value = at(row, &field).unwrap_or(&Value::Null);
    let source = source(&field, row, value, words)?;
    // What was changed past us, with psql say, is a person's too, and can go back all the same.
    let other = |word: &&Word| source == Source::Person && at(&word.said, &field) != Some(value);
    let recorded = words.iter().any(|word| word.source == PERSON && word.speaks_of(&field));
    let back = best(&field, words).filter(other).or_else(|| best(&field, words).filter(|_| recorded));
    let back = back.map(|word| word.of(&field));
    Some(Origin { field, source, back })
}

fn source(field: &str, row: &Value, value: &Value, words: &[Word]) -> Option<Source> {
    if words.iter().any(|word| word.source == PERSON && word.speaks_of(field)) {
        return Some(Source::Person);
    }
    let mut said = words.iter().filter(|word| word.source != PERSON && at(&word.said, field) == Some(value));
    if let Some(word) = said.clone().find(|word| word.speaks_of(field)) {
        return Some(word.of(field));
    }
    if is_empty(value) {
        return None;
    }
    let made_up = row["metadata"]["synthetic"] == Value::Bool(true);
    // A name nobody gave comes from the path.
    let derived = ["filename", "name"].contains(&field) && (said.next().is_some() || best(field, words).is_none());
    Some(if made_up || derived { Source::Genonaut } else { Source::Person })
}

/// The first source but the person that has something to say of the field, else one that leaves it empty.
fn best<'a>(field: &str, words: &'a [Word]) -> Option<&'a Word> {
    let mut others = words.iter().filter(|word| word.source != PERSON && at(&word.said, field).is_some());
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
