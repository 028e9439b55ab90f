//! The JSON API under `/api/v1`, and what programs that watch us ask for.

mod body;
mod bulk;
mod checkpoints;
mod document;
mod engines;
mod feedback;
mod files;
mod grids;
mod hashing;
mod images;
mod jobs;
mod list;
mod loras;
mod problems;
mod revision;
mod roots;
mod scans;
mod trash;
mod watch;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::app::App;
use crate::problem::{Problem, ProblemType};

pub use document::{Document, routes_documented};

pub fn routes() -> Router<App> {
    let v1 = Router::new()
        .route("/checkpoint-models", get(checkpoints::list).post(checkpoints::create))
        .route("/checkpoint-models/facets", get(checkpoints::facets))
        .route("/checkpoint-models/bulk", post(checkpoints::bulk))
        .route("/checkpoint-models/bulk/{id}/undo", post(checkpoints::undo))
        .route("/checkpoint-models/{id}", get(checkpoints::show).patch(checkpoints::patch).delete(checkpoints::delete))
        .route("/checkpoint-models/{id}/files", get(files::of_checkpoint))
        .route("/checkpoint-models/{id}/feedback", get(feedback::of_checkpoint))
        .route("/lora-models", get(loras::list).post(loras::create))
        .route("/lora-models/facets", get(loras::facets))
        .route("/lora-models/bulk", post(loras::bulk))
        .route("/lora-models/bulk/{id}/undo", post(loras::undo))
        .route("/lora-models/{id}", get(loras::show).patch(loras::patch).delete(loras::delete))
        .route("/lora-models/{id}/files", get(files::of_lora))
        .route("/lora-models/{id}/feedback", get(feedback::of_lora))
        .route("/files/problems", get(files::problems))
        .route("/files/kinds", get(files::kinds))
        .route("/hashing", get(hashing::show).patch(hashing::patch))
        .route("/roots", get(roots::list))
        .route("/roots/{id}", delete(roots::delete))
        .route("/scans", get(scans::list).post(scans::create))
        .route("/scans/{id}", get(scans::show))
        .route("/scans/{id}/cancel", post(scans::cancel))
        .route("/jobs", get(jobs::list).post(jobs::create))
        .route("/jobs/{id}", get(jobs::show))
        .route("/jobs/cancel", post(jobs::cancel_all))
        .route("/jobs/{id}/cancel", post(jobs::cancel))
        .route("/jobs/{id}/retry", post(jobs::retry))
        .route("/grids", get(grids::list).post(grids::create))
        .route("/grids/{id}", get(grids::show).delete(grids::delete))
        .route("/grids/{id}/cancel", post(grids::cancel))
        .route("/grids/{id}/retry", post(grids::retry))
        .route("/engines", get(engines::list))
        .route("/images", get(images::list))
        .route("/images/{id}", get(images::show).patch(images::rate).delete(images::delete))
        .route("/images/{id}/restore", post(images::restore))
        .route("/checkpoint-models/{id}/restore", post(trash::restore_checkpoint))
        .route("/lora-models/{id}/restore", post(trash::restore_lora))
        .route("/trash/models", get(trash::models))
        .route("/trash/models/{id}", delete(trash::purge_model))
        .route("/trash/images", get(trash::images))
        .route("/trash/images/{id}", delete(trash::purge_image))
        .route("/openapi.json", get(document::json))
        .fallback(async || Problem::not_found("route"))
        .method_not_allowed_fallback(async || {
            Problem::new(ProblemType::MethodNotAllowed, "the Allow header lists the supported methods")
        });
    Router::new()
        .nest("/api/v1", v1)
        .route("/api/docs", get(document::page))
        .route("/problems", get(problems::list))
        .route("/problems/{slug}", get(problems::show))
        .route("/healthz", get(watch::healthz))
        .route("/readyz", get(watch::readyz))
        .route("/metrics", get(watch::metrics))
}
