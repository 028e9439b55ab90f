//! Fetches the rows of one page, and one more.
//!
//! With a filter PostgreSQL has two ways: walk the order's index and leave out what does not match, or gather all
//! matches through the filter's index and sort them. The first is slow when matches are rare, the second when they are
//! common, and for words it has no statistics of the planner guesses wrong by seconds. So we walk a bounded stretch
//! ourselves; if that does not fill the page, matches are rare enough to gather.

use sqlx::QueryBuilder;
use sqlx::postgres::{PgPool, PgRow, Postgres};

use super::Conditions;
use crate::model::Model;
use crate::page::{Cursor, Key, PageRequest};

/// Rows of the order that are looked at one by one: few, and if something in them matches, more. If nothing does,
/// or the page is still not full, fewer than one row in a hundred matches.
const STRETCHES: [u16; 2] = [300, 3000];

pub(super) async fn fetch<T: Model>(
    db: &PgPool,
    filter: &impl Conditions,
    request: &PageRequest,
) -> sqlx::Result<Vec<PgRow>> {
    let wanted = request.limit + 1;
    if filter.is_empty() {
        return walk::<T>(filter, request, wanted).build().fetch_all(db).await;
    }
    for stretch in STRETCHES {
        let rows = walk::<T>(filter, request, stretch).build().persistent(false).fetch_all(db).await?;
        if rows.len() == usize::from(wanted) {
            return Ok(rows);
        }
        if rows.is_empty() {
            break;
        }
    }
    gather::<T>(filter, request).build().persistent(false).fetch_all(db).await
}

/// The matches among the next `stretch` rows of the order.
fn walk<T: Model>(filter: &impl Conditions, request: &PageRequest, stretch: u16) -> QueryBuilder<Postgres> {
    let (select, table, order) = (T::SELECT, T::TABLE, Order::of(request));
    let key = request.key();
    let mut query = QueryBuilder::new(format!(
        "SELECT {select}, sort_key FROM (SELECT *, {key} AS sort_key FROM {table} WHERE deleted_at IS NULL"
    ));
    order.push_start(&mut query, key, " AND");
    query.push(format!(" ORDER BY {key} {0}, id {0} LIMIT ", order.direction)).push_bind(i64::from(stretch));
    query.push(format!(") AS {table} WHERE true"));
    filter.push(&mut query);
    order.push_end(&mut query, request.limit);
    query
}

/// All matches, sorted. Materialised: the planner must not walk the order's index here.
fn gather<T: Model>(filter: &impl Conditions, request: &PageRequest) -> QueryBuilder<Postgres> {
    let (select, table, order) = (T::SELECT, T::TABLE, Order::of(request));
    let key = request.key();
    let mut query = QueryBuilder::new(format!(
        "WITH found AS MATERIALIZED (SELECT id, {key} AS sort_key FROM {table} WHERE deleted_at IS NULL"
    ));
    filter.push(&mut query);
    query.push(format!(") SELECT {select}, sort_key FROM (SELECT id, sort_key FROM found"));
    order.push_start(&mut query, "sort_key", " WHERE");
    order.push_end(&mut query, request.limit);
    query.push(format!(") AS page JOIN {table} USING (id)"));
    query.push(format!(" ORDER BY sort_key {0}, id {0}", order.direction));
    query
}

/// The direction of a page, and the row that it starts behind.
struct Order<'a> {
    direction: &'static str,
    start: Option<&'a Cursor>,
}

impl<'a> Order<'a> {
    fn of(request: &'a PageRequest) -> Self {
        let start = request.cursor.as_ref();
        let backwards = start.is_some_and(|cursor| cursor.backwards);
        let direction = if request.sort.descending() == backwards { "ASC" } else { "DESC" };
        Self { direction, start }
    }

    fn push_start(&self, query: &mut QueryBuilder<Postgres>, key: &str, before: &str) {
        let Some(cursor) = self.start else { return };
        let behind = if self.direction == "DESC" { "<" } else { ">" };
        query.push(format!("{before} ({key}, id) {behind} ("));
        push_key(query, &cursor.key);
        query.push(", ").push_bind(cursor.id).push(")");
    }

    fn push_end(&self, query: &mut QueryBuilder<Postgres>, limit: u16) {
        query.push(format!(" ORDER BY sort_key {0}, id {0} LIMIT ", self.direction)).push_bind(i64::from(limit) + 1);
    }
}

fn push_key(query: &mut QueryBuilder<Postgres>, key: &Key) {
    match key {
        Key::Rating(rating) => query.push_bind(*rating),
        Key::Count(count) => query.push_bind(*count),
        Key::Name(name) => query.push_bind(name.clone()),
        Key::Time(time) => query.push_bind(*time),
    };
}

/// The unfiltered first page with its numbers written out.
#[cfg(feature = "testing")]
pub(crate) fn first_page_sql<T: Model>(sort: crate::page::Sort) -> String {
    struct Nothing;
    impl Conditions for Nothing {
        fn push(&self, _: &mut QueryBuilder<Postgres>) {}
        fn is_empty(&self) -> bool {
            true
        }
    }
    let request = PageRequest { sort, ..PageRequest::default() };
    walk::<T>(&Nothing, &request, request.limit + 1).sql().as_str().replace("$1", "51").replace("$2", "51")
}
