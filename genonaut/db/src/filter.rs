//! The conditions that both kinds of model can be filtered by.

use sqlx::QueryBuilder;
use sqlx::postgres::Postgres;

use crate::architecture;

pub(crate) type Query = QueryBuilder<Postgres>;

/// Every word of `q` must be in the row, at least as the beginning of a word.
pub(crate) fn words(query: &mut Query, q: Option<&str>) {
    let Some(prefixes) = q.and_then(prefixes) else { return };
    query.push(" AND search @@ (to_tsquery('simple', ").push_bind(prefixes);
    query.push(") || plainto_tsquery('english', ").push_bind(q.unwrap_or_default().to_owned()).push("))");
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

/// `'detail':* & 'sk':*`; `None` when there is no word in it.
fn prefixes(q: &str) -> Option<String> {
    let words: Vec<_> = q.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let terms: Vec<_> = words.iter().map(|word| format!("'{}':*", word.to_lowercase())).collect();
    (!terms.is_empty()).then(|| terms.join(" & "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_prefixes_and_nothing_else() {
        assert_eq!(prefixes("Add_det").as_deref(), Some("'add':* & 'det':*"));
        assert_eq!(prefixes("it's | !x & (y) \\ :*").as_deref(), Some("'it':* & 's':* & 'x':* & 'y':*"));
        assert_eq!(prefixes(" -- "), None);
    }
}
