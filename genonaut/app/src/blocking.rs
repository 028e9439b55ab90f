//! Work that takes a core for a while, apart from what answers requests. It ends with the request that wants it.

use genonaut_sources::cancel::Cancel;
use tokio::task::{AbortHandle, JoinError, spawn_blocking};

/// Runs the work on a thread of its own. Where nobody waits any more (a time limit, a browser that is gone) work that has
/// not begun never does, and what has begun is cancelled.
///
/// # Errors
/// When the work panicked.
pub async fn run<T: Send + 'static>(work: impl FnOnce(&Cancel) -> T + Send + 'static) -> Result<T, JoinError> {
    let cancel = Cancel::default();
    let running = spawn_blocking({
        let cancel = cancel.clone();
        move || work(&cancel)
    });
    let _waiting = Waiting { cancel, running: running.abort_handle() };
    running.await
}

struct Waiting {
    cancel: Cancel,
    running: AbortHandle,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.running.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn work_ends_when_nobody_waits_for_it() {
        let (begun, is_begun) = tokio::sync::oneshot::channel();
        let (ended, is_ended) = mpsc::channel();
        let mut endless = Box::pin(run(move |cancel| {
            let _ = begun.send(());
            while !cancel.is_cancelled() {
                std::thread::sleep(Duration::from_millis(1));
            }
            ended.send(())
        }));
        tokio::select! {
            _ = &mut endless => panic!("nothing has cancelled it"),
            begun = is_begun => begun.unwrap(),
        }
        drop(endless);
        let ended = tokio::task::spawn_blocking(move || is_ended.recv_timeout(Duration::from_secs(60)));
        assert_eq!(ended.await.unwrap(), Ok(()));
    }

    #[tokio::test]
    async fn what_is_waited_for_is_done() {
        assert!(!run(Cancel::is_cancelled).await.unwrap());
    }
}
