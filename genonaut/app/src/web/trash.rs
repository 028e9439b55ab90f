//! `/trash`: what was deleted, models and images, to be restored or deleted for good.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use genonaut_db::images::{self, Image, TRASH_DAYS};
use genonaut_db::trash::{self, Kind, Trashed};
use uuid::Uuid;

use super::answer::{Failure, Htmx};
use super::look::Look;
use super::query::Pairs;
use crate::app::App;
use crate::cleanup;
use crate::problem::Problem;

/// Of each kind on one page.
const LISTED: u16 = 48;

#[derive(Template)]
#[template(path = "trash.html")]
struct Page {
    models: Vec<Entry>,
    images: Vec<Entry>,
    /// Where the older ones are.
    older_models: Option<String>,
    older_images: Option<String>,
    said: Option<&'static str>,
    days: i32,
    look: Look,
}

struct Entry {
    /// `checkpoint`, `lora` or `image`, and the id.
    kind: String,
    id: Uuid,
    name: String,
    /// What is said of it below its name.
    about: String,
    /// Address of a small picture of it.
    picture: Option<String>,
}

/// `models` and `images` are the last ones of the pages before.
pub async fn show(State(app): State<App>, htmx: Htmx, look: Look, Pairs(pairs): Pairs) -> Result<Response, Failure> {
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let (behind_model, behind_image) = (value("models").and_then(behind), value("images").and_then(behind));
    let models = trash::list(&app.db, behind_model, LISTED + 1).await.map_err(|error| htmx.failure(error))?;
    let images = images::trashed(&app.db, htmx.viewer, behind_image, LISTED + 1).await;
    let images = images.map_err(|error| htmx.failure(error))?;
    let page = usize::from(LISTED);
    let last_model = models.get(page - 1).filter(|_| models.len() > page).map(|last| (last.deleted_at, last.id));
    let last_image =
        images.get(page - 1).filter(|_| images.len() > page).and_then(|last| Some((last.deleted?, last.id)));
    let said = match value("said") {
        Some("restored") => Some("Restored"),
        Some("deleted") => Some("Deleted for good"),
        _ => None,
    };
    htmx.html(&Page {
        older_models: last_model.map(|last| format!("/trash?models={}", cursor(last))),
        older_images: last_image.map(|last| format!("/trash?images={}", cursor(last))),
        models: models.into_iter().take(page).map(Entry::from).collect(),
        images: images.into_iter().take(page).map(Entry::from).collect(),
        said,
        days: TRASH_DAYS,
        look,
    })
}

pub async fn restore(State(app): State<App>, htmx: Htmx, path: Path<(String, Uuid)>) -> Result<Response, Failure> {
    let Path((kind, id)) = path;
    let restored = match model(&kind) {
        Some(kind) => trash::restore(&app.db, kind, id).await,
        None if kind == "image" => images::bin(&app.db, htmx.viewer, id, false).await,
        None => Ok(false),
    };
    done(htmx, restored.map_err(|error| htmx.failure(error))?, "restored")
}

/// For good.
pub async fn purge(State(app): State<App>, htmx: Htmx, path: Path<(String, Uuid)>) -> Result<Response, Failure> {
    let Path((kind, id)) = path;
    let purged = match model(&kind) {
        Some(kind) => trash::purge(&app.db, kind, id).await.map_err(|error| htmx.failure(error))?,
        None if kind == "image" => {
            let purged = cleanup::purge_image(&app.db, &app.pictures, htmx.viewer, id).await;
            purged.map_err(|error| htmx.failure(error))?
        }
        None => false,
    };
    done(htmx, purged, "deleted")
}

fn done(htmx: Htmx, found: bool, said: &str) -> Result<Response, Failure> {
    match found {
        true => Ok(Redirect::to(&format!("/trash?said={said}")).into_response()),
        false => Err(htmx.refused(Problem::not_found("what was to be restored or deleted"))),
    }
}

fn model(kind: &str) -> Option<Kind> {
    match kind {
        "checkpoint" => Some(Kind::Checkpoint),
        "lora" => Some(Kind::Lora),
        _ => None,
    }
}

/// The key that a page starts behind, as an address has it.
pub fn cursor((time, id): trash::Behind) -> String {
    format!("{}_{id}", time.timestamp_micros())
}

pub fn behind(cursor: &str) -> Option<trash::Behind> {
    let (time, id) = cursor.split_once('_')?;
    // From 1970 to the year 9999: PostgreSQL knows fewer times than a number of 64 bits.
    let time = time.parse().ok().filter(|time: &i64| (0..253_402_300_800_000_000).contains(time))?;
    Some((DateTime::from_timestamp_micros(time)?, id.parse().ok()?))
}

fn since(deleted: DateTime<Utc>) -> String {
    format!("deleted {}", deleted.format("%-d %b %Y, %H:%M UTC"))
}

impl From<Trashed> for Entry {
    fn from(model: Trashed) -> Self {
        let kind = if model.kind == "lora" { "LoRA" } else { "Checkpoint" };
        Self {
            about: format!("{kind}, {}, {}", since(model.deleted_at), model.path),
            picture: model.preview.map(|name| format!("/previews/{name}")),
            kind: model.kind,
            id: model.id,
            name: model.name,
        }
    }
}

impl From<Image> for Entry {
    fn from(image: Image) -> Self {
        Self {
            kind: "image".to_owned(),
            id: image.id,
            name: format!("Image {}", image.number),
            about: image.deleted.map(since).unwrap_or_default(),
            picture: Some(format!("/images/{}/thumbnail", image.id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_the_place_to_the_microsecond() {
        let place = (DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(), Uuid::from_u128(7));
        assert_eq!(behind(&cursor(place)), Some(place));
        assert!(["", "x", "1_x", "-1_00000000-0000-0000-0000-000000000007"].iter().all(|text| behind(text).is_none()));
    }
}
