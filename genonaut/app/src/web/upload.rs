//! A file as a request's body. Files of all requests, tables of models too, share one budget, and few are read at once.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::problem::{Problem, ProblemType};

/// Bytes of one file (128 MiB).
const LARGEST: usize = 128 << 20;
/// Bytes of all files that are held at once (256 MiB), of which those that still come in have no more than they have sent.
static HELD: Semaphore = Semaphore::const_new(2 * LARGEST);
/// Files that are read at once: each takes a core, and memory for its texts and pixels.
static READING: Semaphore = Semaphore::const_new(2);

/// A file, and its part of the budget.
#[derive(Debug)]
pub struct Upload {
    bytes: Bytes,
    _held: Held,
}

/// The part of the budget that an upload takes, until it is dropped.
#[derive(Debug)]
pub struct Held {
    budget: &'static Semaphore,
    permits: Option<SemaphorePermit<'static>>,
}

impl Held {
    pub const fn of(budget: &'static Semaphore) -> Self {
        Self { budget, permits: None }
    }

    /// Takes more of it, as soon as so many bytes have come in.
    ///
    /// # Errors
    /// When other uploads have the rest.
    pub fn more(&mut self, bytes: usize) -> Result<(), Problem> {
        let more = u32::try_from(bytes).ok().and_then(|bytes| self.budget.try_acquire_many(bytes).ok());
        let more = more.ok_or_else(busy)?;
        match &mut self.permits {
            Some(permits) => permits.merge(more),
            None => self.permits = Some(more),
        }
        Ok(())
    }
}

/// Nothing yet, of what all requests share.
impl Default for Held {
    fn default() -> Self {
        Self::of(&HELD)
    }
}

impl Upload {
    /// Waits for its turn to be read, which lasts as long as what is given back.
    pub async fn turn(self) -> Result<Turn, Problem> {
        let turn = READING.acquire().await;
        let reading = turn.map_err(|error| Problem::new(ProblemType::Internal, "see the server log").because(error))?;
        Ok(Turn { upload: self, _reading: reading })
    }
}

/// A file whose turn it is.
pub struct Turn {
    upload: Upload,
    _reading: SemaphorePermit<'static>,
}

impl Turn {
    pub fn bytes(&self) -> &[u8] {
        &self.upload.bytes
    }
}

impl<S: Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let length =
            request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if length.is_some_and(|length: u64| length > LARGEST as u64) {
            return Err(too_large());
        }
        receive(request.into_body(), &HELD, LARGEST).await
    }
}

async fn receive(body: Body, budget: &'static Semaphore, largest: usize) -> Result<Upload, Problem> {
    let (mut bytes, mut held) = (BytesMut::new(), Held::of(budget));
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        let part =
            part.map_err(|error| Problem::new(ProblemType::BadRequest, "the file was cut off").because(error))?;
        if bytes.len() + part.len() > largest {
            return Err(too_large());
        }
        held.more(part.len())?;
        bytes.extend_from_slice(&part);
    }
    Ok(Upload { bytes: bytes.freeze(), _held: held })
}

fn too_large() -> Problem {
    Problem::new(ProblemType::TooLarge, format!("a file has at most {} MiB", LARGEST >> 20))
}

fn busy() -> Problem {
    Problem::new(ProblemType::Busy, "other files are being read; try again in a moment")
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn body(parts: &[&'static [u8]]) -> Body {
        let parts: Vec<_> = parts.iter().map(|part| Ok::<_, std::io::Error>(*part)).collect();
        Body::from_stream(stream::iter(parts))
    }

    #[tokio::test]
    async fn files_share_one_budget_and_give_it_back() {
        static BUDGET: Semaphore = Semaphore::const_new(10);
        let first = receive(body(&[&b"1234"[..], b"56"]), &BUDGET, 8).await.unwrap();
        assert_eq!(&first.bytes[..], b"123456");
        let refused = receive(body(&[&b"1234"[..], b"5"]), &BUDGET, 8).await.unwrap_err();
        assert_eq!((refused.kind, refused.status), (ProblemType::Busy, 503));
        drop(first);
        assert_eq!(BUDGET.available_permits(), 10);
        assert!(receive(body(&[&b"1234"[..], b"5678"]), &BUDGET, 8).await.is_ok());
    }

    #[tokio::test]
    async fn a_file_that_is_too_large_or_cut_off_is_refused() {
        static BUDGET: Semaphore = Semaphore::const_new(100);
        let refused = receive(body(&[&b"1234"[..], b"56789"]), &BUDGET, 8).await.unwrap_err();
        assert_eq!(refused.kind, ProblemType::TooLarge);
        let broken = stream::iter([Ok(&b"12"[..]), Err(std::io::Error::other("gone"))]);
        let refused = receive(Body::from_stream(broken), &BUDGET, 8).await.unwrap_err();
        assert_eq!((refused.kind, refused.status), (ProblemType::BadRequest, 400));
        assert_eq!(BUDGET.available_permits(), 100);
    }
}
