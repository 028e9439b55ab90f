//! Connections: each is bounded in time and memory, and there are never more than descriptors. Whoever sends half a
//! request, or nothing, makes way for others.

mod open;
mod stall;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::peer::Peer;
use open::{Open, Place, Tracked};
use stall::Stalling;

/// For the head of a request, from the end of the one before: an idle connection ends after it.
const HEAD: Duration = Duration::from_secs(30);
/// Of a head, and of what is read and written at once.
const BUFFER: usize = 128 << 10;
/// After a failure of the system to hand over a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves at most so many connections at once, until `stop` says so; then until their requests have ended.
pub async fn accept(listener: TcpListener, router: Router, most: usize, mut stop: watch::Receiver<bool>) {
    let (open, mut connections) = (Open::new(most), JoinSet::new());
    while !*stop.borrow() {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    let Some(place) = open.place() else { continue };
                    let (peer, id) = (Peer(address.ip()), place.id());
                    open.remember(id, connections.spawn(serve(stream, router.clone(), peer, place, stop.clone())));
                }
                Err(error) => {
                    tracing::warn!("accept a connection: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            changed = stop.changed() => if changed.is_err() { break },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn serve(stream: TcpStream, router: Router, peer: Peer, place: Place, mut stop: watch::Receiver<bool>) {
    let routes = TowerToHyperService::new(router);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let busy = place.busy();
        let answer = routes.call(request);
        async move { answer.await.map(|response| response.map(|body| Body::new(Tracked::new(body, busy)))) }
    });
    // Events are small and come one by one: none waits until the one before has arrived.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Stalling::new(stream)), service);
    tokio::pin!(connection);
    // How a connection ends concerns nobody: clients leave when they like.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
