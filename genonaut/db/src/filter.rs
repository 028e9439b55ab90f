//! The conditions that both kinds of model can be filtered by.

use sqlx::QueryBuilder;
use sqlx::postgres::Postgres;

use crate::architecture;

pub(crate) type Query = QueryBuilder<Postgres>;

/// Every word of `q` must be in the row, as `search_query` in `schema/search.sql` reads it; a blank `q` asks for nothing.
pub(crate) fn words(query: &mut Query, q: Option<&str>) {
    if let Some(q) = q.filter(|q| !q.trim().is_empty()) {
        query.push(" AND search @@ search_query(").push_bind(q.to_owned()).push(")");
    }
}

/// Whether a model's files must be there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Presence {
    #[default]
    Any,
    /// A file is there, or none is known.
    Here,
    Missing,
}

pub(crate) fn presence(query: &mut Query, presence: Presence) {
    match presence {
        Presence::Any => {}
        Presence::Here => _ = query.push(" AND missing_since IS NULL"),
        Presence::Missing => _ = query.push(" AND missing_since IS NOT NULL"),
    }
}

pub(crate) fn without_examples(query: &mut Query, without: bool) {
    if without {
        query.push(" AND example IS NOT TRUE");
    }
}

/// Only what nobody has rated.
pub(crate) fn unrated(query: &mut Query, only: bool) {
    if only {
        // The expression that the index by rating holds.
        query.push(" AND coalesce(rating, -1) = -1");
    }
}

pub(crate) fn any_of(query: &mut Query, column: &str, values: &[String]) {
    if !values.is_empty() {
        query.push(format!(" AND {column} = ANY(")).push_bind(values.to_vec()).push(")");
    }
}

/// `operator` is `@>` (all of them) or `&&` (any of them).
pub(crate) fn array(query: &mut Query, column: &str, operator: &str, values: &[String]) {
    if !values.is_empty() {
        query.push(format!(" AND {column} {operator} ")).push_bind(values.to_vec());
    }
}

pub(crate) fn min_rating(query: &mut Query, rating: Option<f64>) {
    if let Some(rating) = rating {
        // The expression that the index by rating holds.
        query.push(" AND coalesce(rating, -1) >= ").push_bind(rating);
    }
}

/// Canonical ids of spellings; one that nobody knows stands for itself and so finds nothing.
pub(crate) fn bases(spellings: &[String]) -> Vec<String> {
    let base = |spelling: &String| architecture::canonical(spelling).map_or_else(|| spelling.clone(), str::to_owned);
    spellings.iter().map(base).collect()
}
