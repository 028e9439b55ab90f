//! Runs the lists of every model: one page by key, and the counts beside it. What is in the trash is not in them.

mod called;
mod hashed;
mod rows;

use sqlx::postgres::{PgPool, PgRow, Postgres};
use sqlx::{QueryBuilder, Row};
use uuid::Uuid;

use crate::architecture;
use crate::model::Model;
use crate::page::{Cursor, Facet, Facets, Key, Page, PageRequest, Sort};

/// Adds a filter's conditions, each with its leading ` AND `.
pub(crate) trait Conditions {
    fn push(&self, query: &mut QueryBuilder<Postgres>);

    /// Whether there is any; without one a plan can be kept from call to call.
    fn is_empty(&self) -> bool;
}

/// One page, read one row further than asked to know whether another follows.
pub(crate) async fn page<T: Model>(
    db: &PgPool,
    filter: &impl Conditions,
    request: &PageRequest,
) -> sqlx::Result<Page<T>> {
    let mut rows = rows::fetch::<T>(db, filter, request).await?;
    let total = match request.total {
        true => Some(count::<T>(db, filter).await?),
        false => None,
    };
    let more = rows.len() > usize::from(request.limit);
    rows.truncate(request.limit.into());
    let backwards = request.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    if backwards {
        rows.reverse();
    }
    let (before, behind) = if backwards { (more, true) } else { (request.cursor.is_some(), more) };
    let cursor = |row: Option<&PgRow>, wanted: bool, backwards| match row {
        Some(row) if wanted => cursor_at(row, request.sort, backwards).map(Some),
        _ => Ok(None),
    };
    Ok(Page {
        prev: cursor(rows.first(), before, true)?,
        next: cursor(rows.last(), behind, false)?,
        items: rows.iter().map(T::from_row).collect::<sqlx::Result<_>>()?,
        total,
    })
}

pub(crate) use called::called;
pub(crate) use hashed::find_by_hashes;
#[cfg(feature = "testing")]
pub(crate) use rows::first_page_sql;

/// How many rows the filter leaves.
pub(crate) async fn count<T: Model>(db: &PgPool, filter: &impl Conditions) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::new(format!("SELECT count(*) FROM {} WHERE deleted_at IS NULL", T::TABLE));
    filter.push(&mut query);
    query.build_query_scalar().persistent(false).fetch_one(db).await
}

/// The hundred most common choices of each facet. `architecture` gives one row per canonical id.
pub(crate) async fn facets<T: Model>(
    db: &PgPool,
    filter: &impl Conditions,
    architecture: &str,
) -> sqlx::Result<Facets> {
    let mut architectures = facet::<T>(db, filter, architecture).await?;
    for found in &mut architectures {
        found.label = architecture::label(&found.value).to_owned();
    }
    Ok(Facets {
        architectures,
        families: facet::<T>(db, filter, "(SELECT family) AS choices (value)").await?,
        tags: facet::<T>(db, filter, "unnest(tags) AS choices (value)").await?,
    })
}

async fn facet<T: Model>(db: &PgPool, filter: &impl Conditions, choices: &str) -> sqlx::Result<Vec<Facet>> {
    let table = T::TABLE;
    let mut query = QueryBuilder::new(format!(
        "SELECT value, value AS label, count(*) AS count FROM {table} CROSS JOIN LATERAL {choices}
         WHERE value IS NOT NULL AND deleted_at IS NULL"
    ));
    filter.push(&mut query);
    query.push(" GROUP BY value ORDER BY count DESC, value LIMIT 100");
    query.build_query_as().persistent(false).fetch_all(db).await
}

/// Tags that have `part` in them, in any case, with how many rows have each.
pub(crate) async fn tags<T: Model>(db: &PgPool, filter: &impl Conditions, part: &str) -> sqlx::Result<Vec<Facet>> {
    let table = T::TABLE;
    let mut query = QueryBuilder::new(format!(
        "SELECT value, value AS label, count(*) AS count FROM {table} CROSS JOIN LATERAL unnest(tags) AS choices (value)
        WHERE deleted_at IS NULL AND strpos(lower(value), lower("
    ));
    query.push_bind(part.to_owned()).push(")) > 0");
    filter.push(&mut query);
    query.push(" GROUP BY value ORDER BY count DESC, value LIMIT 100");
    query.build_query_as().persistent(false).fetch_all(db).await
}

fn cursor_at(row: &PgRow, sort: Sort, backwards: bool) -> sqlx::Result<Cursor> {
    let key = match sort {
        Sort::Rating | Sort::Best => Key::Rating(row.try_get("sort_key")?),
        Sort::Used => Key::Count(row.try_get("sort_key")?),
        Sort::Name => Key::Name(row.try_get("sort_key")?),
        Sort::Newest | Sort::Updated => Key::Time(row.try_get("sort_key")?),
    };
    let id: Uuid = row.try_get("id")?;
    Ok(Cursor { sort, key, id, backwards })
}

/// The row a person means by an id, a name, a filename or a path.
pub(crate) async fn find_by_name<T: Model>(db: &PgPool, name: &str) -> sqlx::Result<Option<T>> {
    let mut query =
        QueryBuilder::new(format!("SELECT {} FROM {} WHERE deleted_at IS NULL AND (name = ", T::SELECT, T::TABLE));
    query.push_bind(name).push(" OR filename = ").push_bind(name).push(" OR path = ").push_bind(name);
    if let Ok(id) = name.parse::<Uuid>() {
        query.push(" OR id = ").push_bind(id);
    }
    query.push(") ORDER BY name = ").push_bind(name).push(" DESC NULLS LAST LIMIT 1");
    query.build_query_as().fetch_optional(db).await
}

/// The row with that id.
pub(crate) async fn find<T: Model>(db: &PgPool, id: Uuid) -> sqlx::Result<Option<T>> {
    let mut query =
        QueryBuilder::new(format!("SELECT {} FROM {} WHERE deleted_at IS NULL AND id = ", T::SELECT, T::TABLE));
    query.push_bind(id);
    let row = query.build().fetch_optional(db).await?;
    row.map(|row| T::from_row(&row)).transpose()
}

/// The row with that id, in the trash or not.
pub(crate) async fn find_or_trashed<T: Model>(db: &PgPool, id: Uuid) -> sqlx::Result<Option<T>> {
    let mut query = QueryBuilder::new(format!("SELECT {} FROM {} WHERE id = ", T::SELECT, T::TABLE));
    query.push_bind(id);
    query.build_query_as().fetch_optional(db).await
}

/// The rows with these ids, in no order.
pub(crate) async fn find_all<T: Model>(db: &PgPool, ids: &[Uuid]) -> sqlx::Result<Vec<T>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query =
        QueryBuilder::new(format!("SELECT {} FROM {} WHERE deleted_at IS NULL AND id = ANY(", T::SELECT, T::TABLE));
    query.push_bind(ids).push(")");
    query.build_query_as().fetch_all(db).await
}
