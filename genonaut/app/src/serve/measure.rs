//! Counts requests and writes one line about each to the log.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::problem::Cause;

/// What has been counted, in Prometheus' text format. The first call starts the counting.
pub fn metrics() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
    let install = || PrometheusBuilder::new().set_buckets(&buckets).ok()?.install_recorder().ok();
    HANDLE.get_or_init(install).as_ref()
}

/// Folds what was measured into the buckets. Without it every request since the last look at the metrics is kept,
/// and where nobody looks, all of them.
pub async fn fold() {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        if let Some(handle) = metrics() {
            handle.run_upkeep();
        }
    }
}

/// By the route's template: an id in a label would make a series of its own.
pub async fn count(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    metrics();
    let route = path.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = known(request.method()).to_owned();
    let start = Instant::now();
    let response = next.run(request).await;
    let labels = [("route", route), ("method", method), ("status", response.status().as_u16().to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds", &labels).record(start.elapsed());
    response
}

/// Clients can make up methods, and each would make a series of its own.
fn known(method: &Method) -> &str {
    let usual = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if usual.contains(method) { method.as_str() } else { "other" }
}

/// Without the query: it may hold a token.
pub async fn trace(request: Request, next: Next) -> Response {
    let (method, path, start) = (request.method().clone(), request.uri().path().to_owned(), Instant::now());
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), start.elapsed());
    match status {
        500.. => {
            let cause = response.extensions().get::<Cause>().and_then(|cause| cause.0.as_deref());
            tracing::error!(%method, path, status, ?took, cause, "request failed");
        }
        _ => tracing::debug!(%method, path, status, ?took, "request"),
    }
    response
}
