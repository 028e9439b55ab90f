//! A model in the list, and one page of them.

use askama::Template;
use genonaut_db::examples::{self, Standing};
use genonaut_db::{DbError, PgPool};

use super::asked::{Asked, Chip};
use super::record::{self, Record};
use crate::web::taught;
use crate::web::view::{self, Picture, fingerprint};

pub struct Card {
    pub model: Record,
    pub rating: Option<String>,
    /// `★ 4.3 (27 images)`
    pub stars: Option<String>,
    pub picture: Picture,
    /// Chosen for a bulk change.
    pub checked: bool,
}

/// One page of the list.
pub struct Results {
    pub cards: Vec<Card>,
    pub chips: Vec<Chip>,
    pub examples: Standing,
    pub prev: Option<String>,
    pub next: Option<String>,
    /// The same filters give the same number: the counts beside the list are asked for when it changes.
    pub list: u32,
}

/// One card, to take the place of what it was.
#[derive(Template)]
#[template(path = "models/card_part.html")]
pub struct CardPart<'a> {
    pub card: &'a Card,
}

impl Card {
    pub fn new(model: Record) -> Self {
        let picture = Picture::new(&model.label, model.preview.as_deref());
        let stars = taught::stars(model.average_stars, model.rated_pictures);
        Self { rating: model.rating.map(view::of_five), stars, picture, model, checked: false }
    }

    pub fn url(&self) -> String {
        format!("/models/{}/{}", self.model.kind.word(), self.model.id)
    }

    /// `v1.0`, `beta`; empty without a version.
    pub fn version(&self) -> String {
        short_version(self.model.version.as_deref().unwrap_or_default())
    }

    /// What it is known by, some of it.
    pub fn words(&self) -> String {
        let words = if self.model.trigger_words.is_empty() { &self.model.tags } else { &self.model.trigger_words };
        words.iter().take(8).map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

impl Results {
    pub async fn load(db: &PgPool, asked: &Asked) -> Result<Self, DbError> {
        let page = record::page(db, asked, &asked.request()).await?;
        let behind = |cursor| asked.at("/models", Some(&cursor));
        Ok(Self {
            prev: page.prev.map(behind),
            next: page.next.map(behind),
            cards: page.items.into_iter().map(Card::new).collect(),
            chips: asked.chips(),
            examples: examples::standing(db).await?,
            list: fingerprint(&asked.at("", None)),
        })
    }

    /// Whether there are more than these.
    pub fn is_part(&self) -> bool {
        self.prev.is_some() || self.next.is_some()
    }
}

fn short_version(version: &str) -> String {
    if version.starts_with(|first: char| first.is_ascii_digit()) { format!("v{version}") } else { version.to_owned() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_version_has_one_v() {
        let shown = ["1.0", "v1.0", "beta", ""].map(super::short_version);
        assert_eq!(shown, ["v1.0", "v1.0", "beta", ""]);
    }
}
