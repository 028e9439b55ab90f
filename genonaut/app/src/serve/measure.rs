//! Counts requests and writes one line about each to the log.

use std::sync::OnceLock;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// What has been counted, in Prometheus' text format. The first call starts the counting.
pub fn metrics() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
    let install = || PrometheusBuilder::new().set_buckets(&buckets).ok()?.install_recorder().ok();
    HANDLE.get_or_init(install).as_ref()
}

/// By the route's template: an id in a label would make a series of its own.
pub async fn count(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    metrics();
    let route = path.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().to_string();
    let start = Instant::now();
    let response = next.run(request).await;
    let labels = [("route", route), ("method", method), ("status", response.status().as_u16().to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds", &labels).record(start.elapsed());
    response
}

/// Without the query: it may hold a token.
pub async fn trace(request: Request, next: Next) -> Response {
    let (method, path, start) = (request.method().clone(), request.uri().path().to_owned(), Instant::now());
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), start.elapsed());
    match status {
        500.. => tracing::error!(%method, path, status, ?took, "request failed"),
        _ => tracing::debug!(%method, path, status, ?took, "request"),
    }
    response
}
