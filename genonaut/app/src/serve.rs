//! Puts the parts behind one address: API, pages, assets, and the layers that all of them go through.

mod admission;
mod connections;
mod descriptors;
mod guard;
mod login;
mod measure;
mod outage;
mod peer;
mod signals;
mod visible;

use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use tokio::net::TcpListener;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

pub use admission::Admission;
pub use connections::accept;
pub use guard::{Guard, SignedIn, is_open};
pub use measure::metrics;
pub use signals::{Signals, until_signal};
pub use visible::is_person;

use crate::app::App;
use crate::config::Listen;
use crate::problem::{Problem, ProblemType};
use crate::{api, web};

/// Bodies are model records and forms; nothing needs more.
const LARGEST_BODY: usize = 1 << 20;

const CSP: &str = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

pub async fn bind(listen: &Listen) -> anyhow::Result<TcpListener> {
    let hint = || {
        format!(
            "failed to listen on {} (already in use? choose another address with --listen; port 0 picks a free port)",
            listen.listen
        )
    };
    TcpListener::bind(listen.listen).await.with_context(hint)
}

/// The whole server.
pub fn router(app: App, guard: Guard) -> Router {
    let database = app.database.clone();
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    Router::new()
        .merge(api::routes())
        .merge(web::pages())
        .fallback(async || Problem::not_found("page"))
        .method_not_allowed_fallback(async || Problem::new(ProblemType::MethodNotAllowed, ""))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .merge(web::uploads())
        .with_state(app)
        .merge(login::routes(guard.clone()))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(30)))
        .layer(from_fn_with_state(guard, guard::check))
        .layer(from_fn_with_state(database, outage::fail_fast))
        .layer(CatchPanicLayer::custom(visible::panicked))
        .layer(from_fn(visible::readable))
        .layer(from_fn(measure::count))
        .layer(from_fn(measure::trace))
        // A tenth smaller than by default, for half a millisecond.
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(5)))
        .layer(header(header::CONTENT_SECURITY_POLICY, CSP))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
}
