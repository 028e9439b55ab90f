//! What lists of both kinds have in common.

use genonaut_db::Presence;
use genonaut_db::page::{Cursor, Page, PageRequest, Sort};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;
use crate::query::Params;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    pub items: Vec<T>,
    /// Cursor of the next page; null on the last.
    pub next_cursor: Option<String>,
    /// Total count, only with `total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

impl<T> Listed<T> {
    pub fn new<M>(page: Page<M>, item: impl Fn(M) -> T) -> Self {
        let next_cursor = page.next.map(|cursor| cursor.to_string());
        Self { items: page.items.into_iter().map(item).collect(), next_cursor, total: page.total }
    }
}

/// Names of what every list and its facets can be narrowed by.
pub const FILTERS: [&str; 8] = ["q", "architecture", "family", "tag", "any_tag", "min_rating", "unrated", "missing"];
/// Names of what says which page.
pub const PAGING: [&str; 4] = ["sort", "limit", "cursor", "total"];

/// Order and paging.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the API document only")]
pub struct Paging {
    /// `rating` (default): highest first, unrated last. `best`: by `learned_rating`. `used`: most images first. `name`: alphabetical. `newest`: last added first. `updated`: last changed first.
    #[param(inline)]
    sort: Option<Sort>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// `next_cursor` of the previous page.
    cursor: Option<String>,
    /// Return the total count.
    total: Option<bool>,
}

/// Filters of both kinds. Repeat a parameter to give several values.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the API document only")]
pub struct Narrowing {
    /// Words: parts of names, tags, trigger words, family and architectures, beginnings of words of the description and
    /// notes, without case and accents. Signs alone (`C++`, `:3`) are found as they are, a link to Civitai by its ids.
    q: Option<String>,
    /// Any of these architectures, in any spelling: `sd1`, `SD 1.5`, `Pony`.
    architecture: Option<Vec<String>>,
    /// Any of these families.
    family: Option<Vec<String>>,
    /// Has all of these tags.
    tag: Option<Vec<String>>,
    /// Has any of these tags.
    any_tag: Option<Vec<String>>,
    #[param(minimum = 0, maximum = 1)]
    min_rating: Option<f64>,
    /// Only unrated models.
    unrated: Option<bool>,
    /// Only models with a missing file (`true`), or only the others (`false`).
    missing: Option<bool>,
}

pub fn presence(params: &Params) -> Result<Presence, Problem> {
    let missing = params.parsed::<bool>("missing")?;
    Ok(missing.map_or(Presence::Any, |missing| if missing { Presence::Missing } else { Presence::Here }))
}

pub fn paging(params: &Params) -> Result<PageRequest, Problem> {
    let sort = params.parsed::<Sort>("sort")?;
    let cursor = params.parsed::<Cursor>("cursor")?;
    if let (Some(cursor), sort) = (&cursor, sort.unwrap_or_default())
        && cursor.sort() != sort
    {
        return Err(Problem::parameter("cursor", format!("belongs to sort order {}, not {sort}", cursor.sort())));
    }
    Ok(PageRequest {
        sort: sort.unwrap_or_default(),
        limit: params.number("limit", 50, 1..=200)?,
        cursor,
        total: params.parsed::<bool>("total")?.unwrap_or_default(),
        ..PageRequest::default()
    })
}
