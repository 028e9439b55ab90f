//! Serves until it is told to stop, and then lets running requests end.

use std::time::Duration;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::connections::accept;
use super::descriptors;

/// How long running requests may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// Ctrl+C and SIGTERM, from now on ours to answer.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// To be called before anybody is told that we serve: a signal until then ends the process as it stands.
    pub fn catch() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("failed to wait for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("failed to wait for SIGINT")?,
        })
    }

    /// Until there is one.
    pub async fn wait(mut self) {
        self.any().await;
    }

    async fn any(&mut self) {
        tokio::select! { _ = self.terminate.recv() => {}, _ = self.interrupt.recv() => {} }
    }
}

/// `stop` is told as soon as there is a signal.
pub async fn until_signal(
    mut signals: Signals,
    listener: TcpListener,
    router: Router,
    stop: &watch::Sender<bool>,
) -> anyhow::Result<()> {
    let mut stopped = stop.subscribe();
    let serving = accept(listener, router, descriptors::raise(), stopped.clone());
    let told = async {
        signals.any().await;
        stop.send_replace(true);
        std::future::pending::<()>().await
    };
    let late = async {
        stopped.wait_for(|stop| *stop).await.map(drop).unwrap_or_default();
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = serving => Ok(()),
        () = told => Ok(()),
        () = late => Ok(()),
        () = super::measure::fold() => Ok(()),
    }
}
