//! The pages people see: HTML made on the server, whole or in parts for htmx. No SQL here, and no JSON.

mod answer;
mod assets;
mod beside;
mod bounds;
mod checkpoints;
mod draft;
mod dropped;
mod engines;
mod events;
mod grids;
mod home;
mod images;
mod imports;
mod jobs;
mod look;
mod loras;
mod models;
mod notice;
mod offers;
mod page;
mod previews;
mod query;
mod reuse;
mod row;
mod sampling;
mod stage;
mod start;
mod tags;
mod taught;
pub mod trash;
mod upload;
mod view;
mod viewer;
mod words;

use axum::Router;
use axum::routing::{get, post, put};

use crate::app::App;

pub use assets::{url as asset, vendored};
pub use imports::HashingView;
pub use look::{Look, back_into};
pub use view::fingerprint;

/// What takes whole files, and limits them itself; everything else is small.
pub fn uploads() -> Router<App> {
    Router::new().route("/ui/recipe-from-image", post(dropped::read)).merge(imports::uploads()).merge(models::uploads())
}

/// Every page, every part of one, and the files they load. What the recipe's form asks for by GET it may also ask for by
/// POST, since its prompts can be longer than an address.
pub fn pages() -> Router<App> {
    Router::new()
        .route("/", get(home::show).post(home::show))
        .route("/ui/checkpoints", get(checkpoints::options).post(checkpoints::options))
        .route("/ui/loras", get(loras::results).post(loras::results))
        .route("/ui/loras/count", get(loras::count).post(loras::count))
        .route("/ui/loras/facets", get(loras::facets).post(loras::facets))
        .route("/ui/offers", get(offers::show).post(offers::show))
        .route("/ui/draft", put(draft::save).post(draft::save))
        .route("/ui/live", get(stage::live).post(stage::live))
        .route("/ui/jobs", post(jobs::add))
        .route("/ui/jobs/cancel", post(jobs::cancel_all))
        .route("/ui/jobs/{id}/cancel", post(jobs::cancel))
        .route("/ui/jobs/{id}/retry", post(jobs::retry))
        .route("/ui/jobs/{id}/close", post(jobs::close))
        .route("/jobs/{id}/preview", get(jobs::preview))
        .route("/ui/engines/use", post(engines::choose))
        .route("/ui/engines/demo", post(engines::demo))
        .merge(start::routes())
        .route("/events", get(events::stream))
        .route("/ui/images", get(images::older))
        .route("/ui/images/{id}", get(images::show).delete(images::delete))
        .route("/ui/images/{id}/rating", put(images::rate).post(images::rate))
        .route("/ui/images/{id}/delete", post(images::delete))
        .route("/ui/images/{id}/restore", post(images::restore))
        .route("/ui/images/{id}/view", get(viewer::show))
        .route("/ui/images/{id}/vary", post(images::vary))
        .route("/images/{id}", get(images::file))
        .route("/images/{id}/thumbnail", get(images::thumbnail))
        .route("/trash", get(trash::show))
        .route("/ui/trash/{kind}/{id}/restore", post(trash::restore))
        .route("/ui/trash/{kind}/{id}/purge", post(trash::purge))
        .route("/ui/theme", post(look::choose))
        .route("/previews/{name}", get(previews::show))
        .merge(grids::routes())
        .merge(imports::routes())
        .merge(models::routes())
        .route("/assets/{name}", get(assets::serve))
        .route("/favicon.ico", get(assets::icon))
}
