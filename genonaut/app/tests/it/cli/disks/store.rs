//! A stand-in for an S3 store that has no room until it is given some.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

pub struct Store {
    url: String,
    has_room: Arc<AtomicBool>,
}

impl Store {
    pub async fn start() -> Self {
        let has_room = Arc::<AtomicBool>::default();
        let router = Router::new().fallback(answer).with_state(has_room.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, has_room }
    }

    /// What leads a program there.
    pub fn variables(&self) -> [(&str, &str); 5] {
        [
            ("AWS_ENDPOINT", self.url.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "here"),
            ("AWS_ACCESS_KEY_ID", "me"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ]
    }

    pub fn make_room(&self) {
        self.has_room.store(true, Ordering::Relaxed);
    }
}

/// Nothing is there, and what is put is taken as soon as there is room.
async fn answer(State(has_room): State<Arc<AtomicBool>>, method: Method, _: Bytes) -> Response {
    if method != Method::PUT {
        return (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>").into_response();
    }
    match has_room.load(Ordering::Relaxed) {
        true => [(header::ETAG, "\"1\"")].into_response(),
        false => (StatusCode::INSUFFICIENT_STORAGE, "<Error><Code>XMinioStorageFull</Code></Error>").into_response(),
    }
}
