//! Undoing a bulk change: every field as it was, and whose word it was. Possible for an hour, until the next bulk change
//! of the same person.

use serde_json::{Map, Value, json};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::super::{Writable, WriteError};
use super::CHUNK;
use super::names::{self, Names, Refusal};
use super::rows::{self, Row, is_same};
use crate::accounts::Viewer;
use crate::{scans, sources};

pub(crate) const DDL: &str = "
CREATE TABLE bulk_changes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    table_name text NOT NULL,
    -- Whose change it is.
    account uuid REFERENCES accounts (id) ON DELETE CASCADE,
    last_created timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bulk_changes_account ON bulk_changes (account);

-- One row for each model that a change was made to.
CREATE TABLE bulk_change_rows (
    change uuid NOT NULL REFERENCES bulk_changes (id) ON DELETE CASCADE,
    model uuid NOT NULL,
    -- The fields that were set, by name (a column, or `metadata.key`): as they were, and as they are since.
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    -- Which of them were a person's before, and what the person had said of these.
    fields text[] NOT NULL,
    said jsonb NOT NULL,
    PRIMARY KEY (change, model)
);
";

/// What an undone change has given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// Models that the change was made to.
    pub reached: usize,
    /// Those that have values back.
    pub restored: Vec<Uuid>,
    /// Those that keep their new name, because another model has the old one by now.
    pub refused: Vec<Refusal>,
}

/// Takes the place of the person's last one.
pub(super) async fn begin(connection: &mut PgConnection, table: &str, viewer: Viewer) -> sqlx::Result<Uuid> {
    let last = "DELETE FROM bulk_changes WHERE account IS NOT DISTINCT FROM $1";
    sqlx::query(last).bind(viewer.account()).execute(&mut *connection).await?;
    let new = "INSERT INTO bulk_changes (table_name, account) VALUES ($1, $2) RETURNING id";
    sqlx::query_scalar(new).bind(table).bind(viewer.account()).fetch_one(connection).await
}

/// What a row has to keep of itself before `after` is written.
pub(super) fn kept(row: &Row, after: &Map<String, Value>) -> Value {
    let before: Map<String, Value> = after.keys().map(|field| (field.clone(), row.now[field].clone())).collect();
    let fields: Vec<&String> = row.fields.iter().filter(|field| after.contains_key(*field)).collect();
    let said: Map<String, Value> = fields.iter().map(|field| ((*field).clone(), said(&row.said, field))).collect();
    json!({"model": row.model, "before": before, "after": after, "fields": fields, "said": said})
}

fn said(words: &Value, field: &str) -> Value {
    match field.split_once('.') {
        Some((column, key)) => words[column][key].clone(),
        None => words[field].clone(),
    }
}

pub(super) async fn keep(connection: &mut PgConnection, change: Uuid, rows: Vec<Value>) -> sqlx::Result<()> {
    let sql = "INSERT INTO bulk_change_rows (change, model, before, after, fields, said)
         SELECT $1, model, before, after, fields, said FROM jsonb_to_recordset($2)
            AS n (model uuid, before jsonb, after jsonb, fields text[], said jsonb)";
    sqlx::query(sql).bind(change).bind(Value::Array(rows)).execute(connection).await.map(drop)
}

#[derive(sqlx::FromRow)]
struct Kept {
    model: Uuid,
    before: Value,
    after: Value,
    fields: Vec<String>,
    said: Value,
}

/// Undoes it, but for what somebody has changed since, and names that other models have by now. `None` when it is no more
/// to be undone.
pub(crate) async fn undo<T: Writable>(db: &PgPool, change: Uuid, viewer: Viewer) -> Result<Option<Undone>, WriteError> {
    let mut transaction = db.begin().await?;
    let there = "SELECT id FROM bulk_changes WHERE id = $1 AND table_name = $2 AND ($3::uuid IS NULL OR account = $3)
            AND last_created > now() - interval '1 hour' FOR UPDATE";
    let there = sqlx::query_scalar(there).bind(change).bind(T::TABLE).bind(viewer.only());
    let there: Option<Uuid> = there.fetch_optional(&mut *transaction).await?;
    if there.is_none() {
        return Ok(None);
    }
    let names = names::restored::<T>(&mut transaction, change).await?;
    let mut undone = Undone { reached: 0, restored: Vec::new(), refused: Vec::new() };
    let mut last = Uuid::nil();
    loop {
        let kept = page(&mut transaction, change, last).await?;
        let Some(end) = kept.last() else { break };
        last = end.model;
        undone.reached += kept.len();
        undone.restored.extend(give_back::<T>(&mut transaction, &kept, &names).await?);
    }
    undone.refused = names.refused;
    sqlx::query("DELETE FROM bulk_changes WHERE id = $1").bind(change).execute(&mut *transaction).await?;
    scans::models_changed(&mut transaction).await?;
    transaction.commit().await?;
    Ok(Some(undone))
}

async fn page(connection: &mut PgConnection, change: Uuid, after: Uuid) -> sqlx::Result<Vec<Kept>> {
    let sql = "SELECT model, before, after, fields, said FROM bulk_change_rows
         WHERE change = $1 AND model > $2 ORDER BY model LIMIT $3";
    let most = i64::try_from(CHUNK).unwrap_or(i64::MAX);
    sqlx::query_as(sql).bind(change).bind(after).bind(most).fetch_all(connection).await
}

async fn give_back<T: Writable>(
    connection: &mut PgConnection,
    kept: &[Kept],
    names: &Names,
) -> Result<Vec<Uuid>, WriteError> {
    let ids: Vec<Uuid> = kept.iter().map(|kept| kept.model).collect();
    let (mut written, mut words) = (Vec::new(), Vec::new());
    // Both are in the order of the ids; a model that was deleted for good has no row.
    for row in rows::read::<T>(connection, &ids).await? {
        let Some(kept) = kept.iter().find(|kept| kept.model == row.model) else { continue };
        let mut fields = kept.fields_of(&row);
        if !names.given.contains_key(&row.model) {
            fields.remove("name");
        }
        if !fields.is_empty() {
            words.push(kept.words(&row, &fields));
            written.push((row.model, fields));
        }
    }
    rows::write::<T>(connection, &written).await?;
    sources::set_person(connection, T::TABLE, &Value::Array(words)).await?;
    Ok(written.into_iter().map(|(model, _)| model).collect())
}

impl Kept {
    /// Values to be put back: of the fields that are still as the change has left them.
    fn fields_of(&self, row: &Row) -> Map<String, Value> {
        let after = self.after.as_object().into_iter().flatten();
        let still = after.filter(|(field, value)| is_same(&row.now[field.as_str()], value));
        still.map(|(field, _)| (field.clone(), self.before[field].clone())).collect()
    }

    /// The person's word as it was for these fields, and as it is for all others.
    fn words(&self, row: &Row, fields: &Map<String, Value>) -> Value {
        let theirs = |field: &&String| fields.contains_key(*field);
        let others = row.fields.iter().filter(|field| !theirs(field));
        let names: Vec<&String> = others.chain(self.fields.iter().filter(theirs)).collect();
        let mut said = row.said.clone();
        for field in fields.keys() {
            forget(&mut said, field);
        }
        for field in self.fields.iter().filter(theirs) {
            match field.split_once('.') {
                Some((column, key)) => said[column][key] = self.said[field].clone(),
                None => said[field] = self.said[field].clone(),
            }
        }
        json!({"model": row.model, "fields": names, "said": said})
    }
}

fn forget(said: &mut Value, field: &str) {
    let (object, key) = match field.split_once('.') {
        Some((column, key)) => (said.get_mut(column), key),
        None => (Some(said), field),
    };
    if let Some(object) = object.and_then(Value::as_object_mut) {
        object.remove(key);
    }
}

/// Forgets the changes that can no longer be undone.
pub async fn expire(db: &PgPool) -> sqlx::Result<u64> {
    let sql = "DELETE FROM bulk_changes WHERE last_created < now() - interval '1 hour'";
    Ok(sqlx::query(sql).execute(db).await?.rows_affected())
}
