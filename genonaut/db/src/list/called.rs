//! All models that are called by a name, for many names at once.

use sqlx::postgres::PgRow;
use sqlx::{PgPool, QueryBuilder, Row};

use crate::model::Model;

/// Of one name.
const MOST: i64 = 20;

/// For each name, in the names' order, the best rated first: without regard to case the model's name or its file's name
/// without folder and extension; as it stands its path; and what `alias`, an SQL expression of a lower-case text, gives.
/// At most 20 of each name.
pub(crate) async fn called<T: Model>(db: &PgPool, names: &[&str], alias: Option<&str>) -> sqlx::Result<Vec<Vec<T>>> {
    let mut found: Vec<Vec<T>> = names.iter().map(|_| Vec::new()).collect();
    if names.is_empty() {
        return Ok(found);
    }
    let mut query = QueryBuilder::new("SELECT wanted.place, found.* FROM unnest(");
    query.push_bind(names).push("::text[]) WITH ORDINALITY AS wanted (wanted, place) CROSS JOIN LATERAL (SELECT ");
    query.push(T::SELECT).push(" FROM ").push(T::TABLE);
    query.push(" WHERE deleted_at IS NULL AND (lower(coalesce(name, path)) = lower(wanted) OR path = wanted");
    // The search index finds the words of a filename; what is found must be the whole of it.
    query.push(" OR (search @@ search_named(wanted)");
    query.push(" AND lower(model_stem(model_filename(filename))) = lower(wanted))");
    if let Some(alias) = alias {
        query.push(" OR ").push(alias).push(" = lower(wanted)");
    }
    query.push(") ORDER BY coalesce(rating, -1) DESC, id LIMIT ").push_bind(MOST);
    query.push(") AS found ORDER BY wanted.place, coalesce(rating, -1) DESC, id");
    // What is best to do depends on the names.
    let rows: Vec<PgRow> = query.build().persistent(false).fetch_all(db).await?;
    for row in &rows {
        let place: i64 = row.try_get("place")?;
        let list = usize::try_from(place - 1).ok().and_then(|at| found.get_mut(at));
        list.into_iter().try_for_each(|list| T::from_row(row).map(|model| list.push(model)))?;
    }
    Ok(found)
}
