//! Which connections are open, and which of them have a request in work. When there is no place left, the one that has
//! been open longest without a request loses its own.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::task::AbortHandle;

#[derive(Clone)]
pub struct Open {
    most: usize,
    connections: Arc<Mutex<Connections>>,
}

#[derive(Default)]
struct Connections {
    last: u64,
    open: BTreeMap<u64, Connection>,
}

struct Connection {
    /// Requests in work, or whose answer is still being sent.
    busy: Arc<AtomicUsize>,
    task: Option<AbortHandle>,
}

/// A connection's own; free again when it is dropped.
pub struct Place {
    id: u64,
    busy: Arc<AtomicUsize>,
    open: Open,
}

impl Open {
    pub fn new(most: usize) -> Self {
        Self { most, connections: Arc::default() }
    }

    /// `None` when every connection has a request in work.
    pub fn place(&self) -> Option<Place> {
        let mut connections = self.lock();
        if connections.open.len() >= self.most {
            connections.make_way()?;
        }
        connections.last += 1;
        let (id, busy) = (connections.last, Arc::<AtomicUsize>::default());
        connections.open.insert(id, Connection { busy: busy.clone(), task: None });
        Some(Place { id, busy, open: self.clone() })
    }

    /// What ends the connection.
    pub fn remember(&self, id: u64, task: AbortHandle) {
        if let Some(connection) = self.lock().open.get_mut(&id) {
            connection.task = Some(task);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connections {
    fn make_way(&mut self) -> Option<()> {
        let idle = |(_, connection): &(&u64, &Connection)| connection.busy.load(Ordering::Relaxed) == 0;
        let id = self.open.iter().find(idle).map(|(id, _)| *id)?;
        if let Some(task) = self.open.remove(&id).and_then(|connection| connection.task) {
            task.abort();
        }
        Some(())
    }
}

impl Place {
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Keeps the connection until it is dropped.
    pub fn busy(&self) -> Busy {
        self.busy.fetch_add(1, Ordering::Relaxed);
        Busy(self.busy.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.lock().open.remove(&self.id);
    }
}

pub struct Busy(Arc<AtomicUsize>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The body of an answer, which keeps its connection until it is sent.
pub struct Tracked {
    body: Body,
    _busy: Busy,
}

impl Tracked {
    pub fn new(body: Body, busy: Busy) -> Self {
        Self { body, _busy: busy }
    }
}

impl HttpBody for Tracked {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_idle_connection_makes_way_and_a_busy_one_never() {
        let open = Open::new(2);
        let (first, second) = (open.place().unwrap(), open.place().unwrap());
        let busy = first.busy();
        let third = open.place().unwrap();
        assert!(!open.lock().open.contains_key(&second.id) && open.lock().open.len() == 2);
        let _busy = third.busy();
        assert!(open.place().is_none());
        drop(busy);
        assert!(open.place().is_some());
    }

    #[test]
    fn a_connection_that_ends_leaves_its_place() {
        let open = Open::new(1);
        for _ in 0..3 {
            let place = open.place().unwrap();
            let _busy = place.busy();
        }
        assert!(open.lock().open.is_empty());
    }
}
