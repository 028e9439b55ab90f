//! The viewer: one image over the whole page and the way to those beside it, or two and what tells them apart.

mod differences;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use form_urlencoded::Serializer;
use genonaut_db::images::{self, Image};
use genonaut_db::{DbError, PgPool};
use uuid::Uuid;

pub use differences::Difference;

use super::answer::{Failure, Htmx};
use super::query::{Asked, Pairs, Recipe, ShownImages};
use super::stage::{ImageView, shown};
use crate::app::App;

/// What the viewer shows; without an image there is none left.
#[derive(Default)]
pub struct View {
    pub image: Option<ImageView>,
    /// The one that it is compared with.
    pub other: Option<ImageView>,
    pub differences: Vec<Difference>,
    /// Addresses of the images beside it.
    pub newer: Option<String>,
    pub older: Option<String>,
    /// Where it stands beside another one, and where alone again.
    pub compare: Option<String>,
    pub single: Option<String>,
    /// What its buttons send along.
    pub query: String,
}

#[derive(Template)]
#[template(path = "viewer/view.html")]
struct Fragment<'a> {
    view: &'a View,
}

/// One image, with those beside it among what the history lists.
pub async fn show(
    State(app): State<App>,
    htmx: Htmx,
    Path(id): Path<Uuid>,
    Pairs(pairs): Pairs,
) -> Result<Response, Failure> {
    if !htmx.partial {
        let recipe = Recipe { image: Some(id), ..Recipe::default() };
        return Ok(Redirect::to(&recipe.url()).into_response());
    }
    let view = Asking::new(htmx, &pairs).view(&app.db, id).await.map_err(|error| htmx.failure(error))?;
    match view.image {
        Some(_) => htmx.fragment(&Fragment { view: &view }),
        None => htmx.complain(StatusCode::NOT_FOUND, vec!["This image no longer exists.".into()]),
    }
}

/// Who looks at images, among which, and beside which one.
pub struct Asking {
    htmx: Htmx,
    among: Recipe,
    with: Option<Uuid>,
    is_open: bool,
}

impl Asking {
    pub fn new(htmx: Htmx, pairs: &[(String, String)]) -> Self {
        let value = |key: &str| pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        let asked = Asked::read(pairs).recipe;
        let among = Recipe {
            shown: asked.shown,
            checkpoint: asked.checkpoint.filter(|_| asked.shown == ShownImages::Checkpoint),
            ..Recipe::default()
        };
        let with = value("with").and_then(|id| id.parse().ok());
        Self { htmx, among, with, is_open: value("viewer").is_some() }
    }

    /// The image as the viewer shows it, if the viewer is what asks.
    pub async fn open(&self, db: &PgPool, id: Uuid) -> Result<Option<View>, DbError> {
        if self.is_open { self.view(db, id).await.map(Some) } else { Ok(None) }
    }

    /// What is shown once this image is gone: the next older one, else the next newer.
    pub async fn after(&self, db: &PgPool, id: Uuid) -> Result<Option<View>, DbError> {
        let gone = images::find(db, self.htmx.viewer, id).await?.filter(|_| self.is_open);
        let Some(gone) = gone else { return Ok(None) };
        let (newer, older) = self.beside(db, &gone).await?;
        match older.or(newer) {
            Some(next) => self.view(db, next).await.map(Some),
            None => Ok(Some(View::default())),
        }
    }

    async fn view(&self, db: &PgPool, id: Uuid) -> Result<View, DbError> {
        let Some(image) = self.find(db, id).await? else { return Ok(View::default()) };
        let other = match self.with.filter(|with| *with != id) {
            Some(with) => self.find(db, with).await?,
            None => None,
        };
        let (newer, older) = self.beside(db, &image).await?;
        let with = other.as_ref().map(|other| other.id);
        let address = |id: Uuid, with: Option<Uuid>| format!("/ui/images/{id}/view?{}", self.query(with));
        Ok(View {
            newer: newer.map(|id| address(id, with)),
            older: older.map(|id| address(id, with)),
            compare: older.or(newer).filter(|_| with.is_none()).map(|next| address(next, Some(id))),
            single: with.map(|_| address(id, None)),
            query: self.query(with),
            differences: other.as_ref().map(|other| differences::between(other, &image)).unwrap_or_default(),
            other: other.as_ref().map(ImageView::from),
            image: Some(ImageView::from(&image)),
        })
    }

    /// One that is not in the trash.
    async fn find(&self, db: &PgPool, id: Uuid) -> Result<Option<Image>, DbError> {
        Ok(images::find(db, self.htmx.viewer, id).await?.filter(|image| image.deleted.is_none()))
    }

    async fn beside(&self, db: &PgPool, image: &Image) -> Result<(Option<Uuid>, Option<Uuid>), DbError> {
        images::beside(db, self.htmx.viewer, shown(&self.among), image.number, self.with).await
    }

    fn query(&self, with: Option<Uuid>) -> String {
        let mut pairs = Serializer::new(String::new());
        pairs.append_pair("viewer", "1").append_pair("shown", self.among.shown.word());
        pairs.extend_pairs(self.among.checkpoint.map(|id| ("checkpoint", id.to_string())));
        pairs.extend_pairs(with.map(|id| ("with", id.to_string())));
        pairs.finish()
    }
}
