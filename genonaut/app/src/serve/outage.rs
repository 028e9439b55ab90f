//! What is answered while the database is away or its disk is full: at once, and with its name.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use genonaut_db::Availability;

use super::guard::is_open;
use crate::problem::{Problem, ProblemType, naming};

/// Seconds after which programs and open pages ask again.
const RETRY: HeaderValue = HeaderValue::from_static("3");

/// A request that waits for the database ends as soon as it is known to be away.
pub async fn fail_fast(State(database): State<Availability>, request: Request, next: Next) -> Response {
    if is_open(request.uri().path()) {
        return next.run(request).await;
    }
    let mut response = tokio::select! {
        response = naming(database.clone(), next.run(request)) => response,
        outage = database.away() => Problem::new(ProblemType::Unavailable, outage.to_string()).into_response(),
    };
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY);
    }
    response
}
