//! `/models`: the catalogue to look through, edit, and take along as a file.

mod asked;
mod bulk;
mod cards;
mod detail;
mod editor;
mod examples;
mod export;
mod facts;
mod fields;
mod list;
mod peek;
mod places;
mod preview;
mod rating;
mod record;
mod taught;

pub use places::size;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts};
use axum::http::request::Parts;
use axum::routing::{get, patch, post};
use uuid::Uuid;

use crate::app::App;
use crate::problem::Problem;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/models", get(list::show))
        .route("/models/facets", get(list::facets))
        .route("/models/export.csv", get(export::csv))
        .route("/models/export.tsv", get(export::tsv))
        .route("/models/{kind}/{id}", get(detail::show).post(detail::submit))
        .route("/models/{kind}/{id}/preview", get(preview::show))
        .route("/ui/models/{kind}/{id}/preview", post(preview::choose))
        .route("/ui/models", get(list::search))
        .route("/ui/models/again", get(list::again))
        .route("/ui/models/count", get(list::count))
        .route("/ui/loras/{id}", get(peek::show).post(peek::show))
        .route("/ui/examples", post(examples::hide))
        .route("/ui/models/bulk", post(bulk::apply))
        .route("/ui/models/bulk/undo", post(bulk::undo))
        .route("/ui/models/{kind}/{id}", patch(detail::save).get(detail::read_only))
        .route("/ui/models/{kind}/{id}/delete", post(detail::delete))
}

/// What takes a file.
pub fn uploads() -> Router<App> {
    Router::new()
        .route("/ui/models/{kind}/{id}/preview-file", post(preview::upload))
        .layer(DefaultBodyLimit::max(LARGEST_PREVIEW))
}

/// Bytes of a request with a preview, which has a limit of its own (64 MiB).
const LARGEST_PREVIEW: usize = 64 << 20;

/// The two kinds of model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    Checkpoint,
    #[default]
    Lora,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Checkpoint, Self::Lora];

    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// As addresses have it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::Lora => "lora",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Checkpoint => "Checkpoint",
            Self::Lora => "LoRA",
        }
    }

    pub const fn plural(self) -> &'static str {
        match self {
            Self::Checkpoint => "Checkpoints",
            Self::Lora => "LoRAs",
        }
    }

    /// Within a sentence.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::Lora => "LoRA",
        }
    }

    pub const fn noun_plural(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoints",
            Self::Lora => "LoRAs",
        }
    }

    pub const fn is_lora(self) -> bool {
        matches!(self, Self::Lora)
    }
}

/// The model that an address names.
#[derive(Debug, Clone, Copy)]
pub struct Which {
    pub kind: Kind,
    pub id: Uuid,
}

impl<S: Send + Sync> FromRequestParts<S> for Which {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut words = parts.uri.path().rsplit('/');
        let id = words.next().and_then(|word| word.parse().ok());
        let kind = words.next().and_then(Kind::of);
        kind.zip(id).map(|(kind, id)| Self { kind, id }).ok_or_else(|| Problem::not_found("model"))
    }
}

/// The pairs of a form's body or an address, as they were sent.
fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).into_owned().collect()
}

/// `1204` as `1,204`.
pub fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
