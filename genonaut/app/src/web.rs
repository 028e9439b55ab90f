//! The pages people see: HTML made on the server, whole or in parts for htmx. No SQL here, and no JSON.

mod answer;
mod assets;
mod checkpoints;
mod home;
mod look;
mod loras;
mod models;
mod page;
mod query;
mod view;
mod words;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub use assets::{url as asset, vendored};
pub use look::Look;

/// Every page, every part of one, and the files they load.
pub fn pages() -> Router<App> {
    Router::new()
        .route("/", get(home::show))
        .route("/ui/checkpoints", get(checkpoints::options))
        .route("/ui/loras", get(loras::results))
        .route("/ui/loras/count", get(loras::count))
        .route("/ui/theme", post(look::choose))
        .merge(models::routes())
        .route("/assets/{name}", get(assets::serve))
}
