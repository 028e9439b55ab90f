//! Stopping our own prompt, and nobody else's.

use std::time::Duration;

use tokio::runtime::Handle;
use uuid::Uuid;

use super::jobs::Place;
use super::server::Server;
use crate::Failure;

/// A prompt that is not there yet may be on its way, and one that waited may have begun: so it is looked for again.
const AGAIN: [Duration; 2] = [Duration::ZERO, Duration::from_millis(500)];

pub(super) async fn stop(server: &Server, id: Uuid) -> Result<(), Failure> {
    for pause in AGAIN {
        tokio::time::sleep(pause).await;
        match server.place(id).await? {
            Place::Waiting => server.unqueue(id).await?,
            Place::Running => return server.interrupt(id).await,
            Place::Over(_) => return Ok(()),
            Place::Nowhere => {}
        }
    }
    Ok(())
}

/// Stops a prompt whose future is dropped before it came to an end.
pub(super) struct Guard {
    prompt: Option<(Server, Uuid)>,
}

impl Guard {
    pub fn new(server: Server, id: Uuid) -> Self {
        Self { prompt: Some((server, id)) }
    }

    pub fn disarm(&mut self) {
        self.prompt = None;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let (Some((server, id)), Ok(runtime)) = (self.prompt.take(), Handle::try_current()) else { return };
        // Nobody is left to tell that the server could not be reached; the prompt ends by itself then.
        runtime.spawn(async move { stop(&server, id).await.ok() });
    }
}
