//! `/api/v1/images`: what was made.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use genonaut_db::accounts::Viewer;
use genonaut_db::images::{self, Shown, TRASH_DAYS, Window};
use genonaut_sources::setting_limits::whole;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::{Fields, ImageFields};
use super::revision::Id;
use crate::app::App;
use crate::problem::{Problem, ProblemType};
use crate::query::Params;
use crate::recipe::Recipe;

/// A finished image.
#[derive(Debug, Serialize, ToSchema)]
pub struct Image {
    id: Uuid,
    /// Increases with each image.
    number: i64,
    job: Uuid,
    /// URLs of the PNG and of its WebP thumbnail.
    url: String,
    thumbnail_url: String,
    /// Pixels.
    width: i32,
    height: i32,
    seed: i64,
    /// Generation time.
    seconds: f64,
    /// 1 to 5 stars.
    rating: Option<i16>,
    engine: Option<String>,
    /// The final prompt, with wildcards replaced.
    prompt: Option<String>,
    /// The recipe. For prompts with wildcards, `resolved` has the values that were picked.
    #[schema(value_type = Object)]
    recipe: Value,
    last_created: DateTime<Utc>,
}

/// One page of images.
#[derive(Debug, Serialize, ToSchema)]
pub struct Images {
    items: Vec<Image>,
    /// Value of `before` for the next page; null on the last.
    next_before: Option<i64>,
}

/// Filters and paging.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the API document only")]
pub struct Which {
    /// Only images with 4 stars and up.
    liked: Option<bool>,
    /// Only images generated with this checkpoint.
    checkpoint_id: Option<Uuid>,
    /// Only images with a smaller number.
    before: Option<i64>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// Images, newest first, without the trash.
#[utoipa::path(get, path = "/api/v1/images", operation_id = "list_images", tag = "images", params(Which), responses(
    (status = 200, description = "One page", body = Images),
    (status = 400, description = "Unknown or invalid parameter", body = Problem)))]
pub async fn list(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    params: Params,
) -> Result<Json<Images>, Problem> {
    params.only(&["liked", "checkpoint_id", "before", "limit"])?;
    let shown = match (params.parsed::<bool>("liked")?, params.parsed::<Uuid>("checkpoint_id")?) {
        (Some(true), Some(_)) => return Err(Problem::parameter("liked", "cannot be combined with checkpoint_id")),
        (Some(true), None) => Shown::Liked,
        (_, Some(id)) => Shown::Checkpoint(id),
        _ => Shown::All,
    };
    let window = Window { before: params.whole("before")?, since: None, limit: params.number("limit", 50, 1..=200)? };
    let (found, more) = images::list(&app.db, viewer, shown, window).await?;
    let next_before = found.last().filter(|_| more).map(|image| image.number);
    Ok(Json(Images { items: found.into_iter().map(Image::from).collect(), next_before }))
}

/// One image.
#[utoipa::path(get, path = "/api/v1/images/{id}", operation_id = "show_image", tag = "images", params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The image", body = Image),
    (status = 404, description = "No such ID, or in the trash", body = Problem)))]
pub async fn show(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<Json<Image>, Problem> {
    found(&app, viewer, id).await
}

/// Rates an image with 1 to 5 stars; null clears the rating.
#[utoipa::path(patch, path = "/api/v1/images/{id}", operation_id = "rate_image", tag = "images", params(("id" = Uuid, Path)),
    request_body(content = ImageFields, content_type = "application/merge-patch+json"), responses(
    (status = 200, description = "The updated record", body = Image),
    (status = 404, description = "No such ID, or in the trash", body = Problem),
    (status = 422, description = "Only rating can be changed: 1 to 5, or null", body = Problem)))]
pub async fn rate(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
    Fields(fields): Fields,
) -> Result<Json<Image>, Problem> {
    let stars = fields.get("rating").filter(|_| fields.len() == 1);
    let rating = stars.and_then(whole).filter(|stars| (1..=5).contains(stars));
    if rating.is_none() && stars != Some(&Value::Null) {
        return Err(Problem::new(ProblemType::InvalidField, "send {\"rating\": 1 to 5, or null}; nothing was saved"));
    }
    drop(found(&app, viewer, id).await?);
    images::rate(&app.db, viewer, id, rating.and_then(|stars| i16::try_from(stars).ok())).await?;
    found(&app, viewer, id).await
}

/// Moves an image to the trash, where it is kept for 30 days.
#[utoipa::path(delete, path = "/api/v1/images/{id}", operation_id = "delete_image", tag = "images", params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Moved to the trash"),
    (status = 404, description = "No such ID", body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    match images::bin(&app.db, viewer, id, true).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("image")),
    }
}

/// Restores an image from the trash.
#[utoipa::path(post, path = "/api/v1/images/{id}/restore", operation_id = "restore_image", tag = "images", params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Restored, or not in the trash"),
    (status = 404, description = "No such ID, or in the trash for more than 30 days", body = Problem)))]
pub async fn restore(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    match images::bin(&app.db, viewer, id, false).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(gone()),
    }
}

/// Its file may be gone by then.
fn gone() -> Problem {
    let detail = format!("image not found, or in the trash for more than {TRASH_DAYS} days");
    Problem::new(ProblemType::NotFound, detail)
}

async fn found(app: &App, viewer: Viewer, id: Uuid) -> Result<Json<Image>, Problem> {
    let image = images::find(&app.db, viewer, id).await?.filter(|image| image.deleted.is_none());
    image.map(|image| Json(image.into())).ok_or_else(|| Problem::not_found("image"))
}

impl From<images::Image> for Image {
    fn from(image: images::Image) -> Self {
        let own = Recipe::of_image(&image);
        let prompt = own.as_ref().map(|own| own.plain().prompt);
        let images::Image {
            id, number, job, width, height, seed, seconds, rating, engine, recipe, last_created, ..
        } = image;
        let recipe = own.and_then(|own| serde_json::to_value(own.public()).ok()).unwrap_or(recipe);
        let (url, thumbnail_url) = (format!("/images/{id}"), format!("/images/{id}/thumbnail"));
        Self {
            id,
            number,
            job,
            url,
            thumbnail_url,
            width,
            height,
            seed,
            seconds,
            rating,
            engine,
            prompt,
            recipe,
            last_created,
        }
    }
}
