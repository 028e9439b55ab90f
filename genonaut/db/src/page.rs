//! Pages of a list: the closed list of sorts, and opaque cursors that name the row a page starts behind.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The orders a list can have; each is total, with the id as its last word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// Highest rating first, unrated last.
    #[default]
    Rating,
    /// Highest learned rating first: the given one, moved by the stars of the pictures; unknown last.
    Best,
    /// Most pictures first.
    Used,
    /// By name, from A to Z, without regard to case.
    Name,
    /// Latest in the catalogue first.
    Newest,
    /// Latest change first.
    Updated,
}

impl Sort {
    pub const ALL: [Self; 6] = [Self::Rating, Self::Best, Self::Used, Self::Name, Self::Newest, Self::Updated];

    /// What is compared; each expression has its index.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Rating => "coalesce(rating, -1)",
            Self::Best => "coalesce(learned_rating, -1)",
            Self::Used => "coalesce(pictures, 0)",
            Self::Name => "lower(coalesce(name, path))",
            Self::Newest => "last_created",
            Self::Updated => "last_updated",
        }
    }

    pub(crate) const fn descending(self) -> bool {
        !matches!(self, Self::Name)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Rating => "rating",
            Self::Best => "best",
            Self::Used => "used",
            Self::Name => "name",
            Self::Newest => "newest",
            Self::Updated => "updated",
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The word names no sort.
#[derive(Debug, thiserror::Error)]
#[error("unknown sort order; use rating, best, used, name, newest or updated")]
pub struct UnknownSort;

impl FromStr for Sort {
    type Err = UnknownSort;

    fn from_str(word: &str) -> Result<Self, UnknownSort> {
        Self::ALL.into_iter().find(|sort| sort.word() == word).ok_or(UnknownSort)
    }
}

/// Which page of which order.
#[derive(Debug, Clone)]
pub struct PageRequest {
    pub sort: Sort,
    /// Rows on the page, at least 1.
    pub limit: u16,
    pub cursor: Option<Cursor>,
    /// Whether to count all rows too, which costs more than the page.
    pub total: bool,
    /// Whether examples come behind everything else, where the order is one of ratings.
    pub examples_last: bool,
}

impl PageRequest {
    /// What is compared; each expression has its index.
    pub(crate) const fn key(&self) -> &'static str {
        match self.sort {
            Sort::Rating if self.examples_last => "coalesce(rating, -1) - 10 * coalesce(example, false)::integer",
            Sort::Best if self.examples_last => "coalesce(learned_rating, -1) - 10 * coalesce(example, false)::integer",
            sort => sort.key(),
        }
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { sort: Sort::Rating, limit: 50, cursor: None, total: false, examples_last: false }
    }
}

/// Some rows of a list, and how to get to those before and behind.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<Cursor>,
    pub prev: Option<Cursor>,
    pub total: Option<i64>,
}

/// Where a page starts: behind (or before) this row of this order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(rename = "s")]
    pub(crate) sort: Sort,
    #[serde(rename = "k")]
    pub(crate) key: Key,
    #[serde(rename = "i")]
    pub(crate) id: Uuid,
    #[serde(rename = "b", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) backwards: bool,
}

/// A row's place in an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Key {
    #[serde(rename = "r")]
    Rating(f64),
    #[serde(rename = "c")]
    Count(i32),
    #[serde(rename = "n")]
    Name(String),
    #[serde(rename = "t", with = "chrono::serde::ts_microseconds")]
    Time(DateTime<Utc>),
}

impl Cursor {
    /// The order it belongs to; it means nothing in another.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Whether it asks for what comes before its row.
    pub const fn is_backwards(&self) -> bool {
        self.backwards
    }

    /// Before all rows in the order of ratings.
    pub const fn start_of_ratings() -> Self {
        Self { sort: Sort::Rating, key: Key::Rating(2.0), id: Uuid::max(), backwards: false }
    }

    /// Behind all rows in the order of ratings, where examples are 10 lower, for what comes before.
    pub const fn end_of_ratings() -> Self {
        Self { sort: Sort::Rating, key: Key::Rating(-20.0), id: Uuid::nil(), backwards: true }
    }

    fn is_sound(&self) -> bool {
        match (&self.key, self.sort) {
            (Key::Rating(rating), Sort::Rating | Sort::Best) => rating.is_finite(),
            (Key::Count(_), Sort::Used) => true,
            (Key::Name(name), Sort::Name) => !name.contains('\0'),
            // Years that PostgreSQL's timestamps reach too.
            (Key::Time(time), Sort::Newest | Sort::Updated) => (1900..=9999).contains(&time.year()),
            _ => false,
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_vec(self).map_err(|_| fmt::Error)?;
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(json))
    }
}

/// The text is no cursor of ours.
#[derive(Debug, thiserror::Error)]
#[error("invalid cursor; start again without it")]
pub struct BadCursor;

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let json = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let cursor: Self = serde_json::from_slice(&json).map_err(|_| BadCursor)?;
        if cursor.is_sound() { Ok(cursor) } else { Err(BadCursor) }
    }
}

/// Available filter values of a list, with counts.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Facets {
    pub architectures: Vec<Facet>,
    pub families: Vec<Facet>,
    pub tags: Vec<Facet>,
}

/// A filter value.
#[derive(Debug, Clone, Serialize, sqlx::FromRow, ToSchema)]
pub struct Facet {
    /// Filter value.
    pub value: String,
    /// Display name.
    pub label: String,
    pub count: i64,
}
