use crate::app::App;
use axum::Router;
pub fn pages() -> Router<App> {
    Router::new()
}
