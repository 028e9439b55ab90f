//! Keys and values, as an address or a form sends them.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::Method;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::problem::Problem;

/// Keys and values of an address, and of the body where they are too long for one.
pub struct Pairs(pub Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Pairs {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let query = request.uri().query().unwrap_or_default();
        let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if request.method() != Method::GET {
            pairs.extend(Body::from_request(request, state).await?.0);
        }
        Ok(Self(pairs))
    }
}

/// Keys and values of a form that is sent as a body.
pub struct Body(pub Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| Problem::from(rejection).into_response())?;
        Ok(Self(form_urlencoded::parse(&bytes).into_owned().collect()))
    }
}
