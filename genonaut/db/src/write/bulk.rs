//! The same change to many models at once: all of it, or nothing.

use serde_json::{Map, Value, json};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

use super::{FieldProblem, Writable, WriteError, check, update};
use crate::{scans, sources};

/// More than a page shows, and few enough for one transaction.
const MOST: usize = 500;

/// What is done to each of the models.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bulk {
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
    /// Left alone when missing.
    pub rating: Option<f64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    tags: Vec<String>,
    rating: Option<f64>,
}

/// Applies the change and returns the ids of the models that are different now. Ids of models that are gone are
/// left out.
pub(crate) async fn bulk<T: Writable>(db: &PgPool, ids: &[Uuid], change: &Bulk) -> Result<Vec<Uuid>, WriteError> {
    check(ids, change)?;
    let mut transaction = db.begin().await?;
    let mut changed = Vec::new();
    for row in locked(&mut transaction, T::TABLE, ids).await? {
        let fields = change.fields(&row);
        if fields.is_empty() {
            continue;
        }
        if fields.contains_key("tags") || change.rating != row.rating {
            changed.push(row.id);
        }
        update::<T>(&mut transaction, row.id, &fields).await?;
        sources::person_said(&mut transaction, T::TABLE, row.id, &fields).await?;
    }
    scans::models_changed(&mut transaction).await?;
    transaction.commit().await?;
    Ok(changed)
}

fn check(ids: &[Uuid], change: &Bulk) -> Result<(), WriteError> {
    let refuse = |field, code, reason: &str| Err(WriteError::Invalid(vec![FieldProblem::new(field, code, reason)]));
    if ids.is_empty() {
        return refuse("id", "required", "select at least one model");
    }
    if ids.len() > MOST {
        return refuse("id", "out_of_range", "select at most 500 models");
    }
    if *change == Bulk::default() {
        return refuse("change", "required", "enter tags to add or remove, or a rating");
    }
    if change.add_tags.iter().any(|tag| change.remove_tags.contains(tag)) {
        return refuse("remove_tags", "contradiction", "a tag cannot be added and removed at once");
    }
    let fields =
        [("tags", json!([&change.add_tags[..], &change.remove_tags].concat())), ("rating", json!(change.rating))];
    check::change(super::BULK_FIELDS, &Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))))
}

/// In one order, so that two of these never wait for each other.
async fn locked(connection: &mut PgConnection, table: &str, ids: &[Uuid]) -> sqlx::Result<Vec<Row>> {
    let sql = format!(
        "SELECT id, coalesce(tags, '{{}}') AS tags, rating FROM {table} WHERE id = ANY($1) ORDER BY id FOR UPDATE"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(connection).await
}

impl Bulk {
    /// The fields this sets in a row. Tags only where they change; a rating always, because it was said of each.
    fn fields(&self, row: &Row) -> Map<String, Value> {
        let mut tags: Vec<&String> = row.tags.iter().filter(|tag| !self.remove_tags.contains(tag)).collect();
        for tag in &self.add_tags {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        let mut fields = Map::new();
        if tags.iter().copied().ne(&row.tags) {
            fields.insert("tags".to_owned(), json!(tags));
        }
        if let Some(rating) = self.rating {
            fields.insert("rating".to_owned(), json!(rating));
        }
        fields
    }
}
