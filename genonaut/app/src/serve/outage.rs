//! What is answered while the database is away or its disk is full: at once, and with its name.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use genonaut_db::Availability;

use super::guard::is_open;
use crate::problem::{Problem, ProblemType, TRY_AGAIN};

/// Seconds after which programs and open pages ask again.
const RETRY: HeaderValue = HeaderValue::from_static("3");

/// A request that waits for the database ends as soon as it is known to be away.
pub async fn fail_fast(State(database): State<Availability>, request: Request, next: Next) -> Response {
    if is_open(request.uri().path()) {
        return next.run(request).await;
    }
    tokio::select! {
        response = next.run(request) => named(&database, response),
        outage = database.away() => unavailable(outage.to_string()),
    }
}

/// Failures that know no more than that the database failed get its name.
fn named(database: &Availability, response: Response) -> Response {
    let Some(problem) = response.extensions().get::<Problem>() else { return response };
    let cause = problem.cause.clone();
    match problem.kind {
        ProblemType::Unavailable if problem.detail == TRY_AGAIN => {
            let mut response = unavailable(database.unanswered());
            response.extensions_mut().insert(cause);
            response
        }
        ProblemType::NoRoom => {
            Problem { cause, ..Problem::new(ProblemType::NoRoom, database.no_room()) }.into_response()
        }
        _ => response,
    }
}

fn unavailable(detail: String) -> Response {
    ([(header::RETRY_AFTER, RETRY)], Problem::new(ProblemType::Unavailable, detail)).into_response()
}
