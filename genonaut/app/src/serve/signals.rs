//! Serves until it is told to stop, and then lets running requests end.

use std::time::Duration;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How long running requests may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// Ends at Ctrl+C or SIGTERM.
pub async fn until_signal(listener: TcpListener, router: Router) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("wait for SIGINT")?;
    let (stop, mut stopped) = watch::channel(false);
    let serving = axum::serve(listener, router).with_graceful_shutdown({
        let mut stopped = stopped.clone();
        async move { stopped.wait_for(|stop| *stop).await.map(drop).unwrap_or_default() }
    });
    let told = async {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        stop.send_replace(true);
        std::future::pending::<()>().await
    };
    let late = async {
        stopped.wait_for(|stop| *stop).await.map(drop).unwrap_or_default();
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        done = serving.into_future() => done.context("serve"),
        () = told => Ok(()),
        () = late => Ok(()),
    }
}
