//! Following one prompt to its end, through lost connections.

use std::ops::ControlFlow::{self, Break, Continue};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::event::Event;
use super::jobs::{Place, Saved};
use super::socket::Socket;
use super::{ComfyUi, refusal};
use crate::{Failure, Kind, Progress, Request};

/// How long silence is taken as it is. A model that loads is silent for longer, so silence alone means nothing: the
/// queue is looked at.
const SILENCE: Duration = Duration::from_secs(5);
const BETWEEN_TRIES: Duration = Duration::from_millis(500);

type End = Result<Saved, Failure>;

pub(super) struct Follower<'a, Tell> {
    comfy: &'a ComfyUi,
    request: &'a Request,
    id: Uuid,
    tell: &'a mut Tell,
    done: (u32, u32),
    output: Option<Saved>,
}

impl<'a, Tell: FnMut(Progress)> Follower<'a, Tell> {
    pub fn new(comfy: &'a ComfyUi, request: &'a Request, id: Uuid, tell: &'a mut Tell) -> Self {
        Self { comfy, request, id, tell, done: (0, request.steps), output: None }
    }

    pub async fn follow(mut self, mut socket: Socket) -> End {
        let id = self.id.to_string();
        let silence = SILENCE.min(self.comfy.patience);
        loop {
            let next = match timeout(silence, socket.next()).await {
                Ok(Some(Ok(message))) => self.hear(Event::read(&message, &id)).await,
                Ok(Some(Err(_)) | None) => Continue(false),
                // The server was there all the time: a prompt that is gone was taken off its queue.
                Err(_) => self.look(Kind::Cancelled).await,
            };
            let next = match next {
                Continue(false) => {
                    socket = self.listen_again().await?;
                    self.look(Kind::Lost).await
                }
                next => next,
            };
            if let Break(end) = next {
                return end;
            }
        }
    }

    /// Goes on with `true` while the server is there.
    async fn hear(&mut self, event: Event) -> ControlFlow<End, bool> {
        let server = &self.comfy.server;
        match event {
            Event::Step { step, steps } if (step, steps) != self.done => self.tell((step, steps), None),
            Event::Preview(jpeg) => self.tell((self.done.0.max(1), self.done.1), Some(jpeg)),
            Event::Output(saved) => self.output = Some(saved),
            Event::Failed(broken) => return Break(Err(refusal::of_run(&broken, self.request, server))),
            Event::Interrupted => return Break(Err(refusal::interrupted(server))),
            Event::Done => return Break(self.done().await),
            Event::Step { .. } | Event::Other => {}
        }
        Continue(true)
    }

    fn tell(&mut self, done: (u32, u32), preview: Option<Vec<u8>>) {
        self.done = done;
        (self.tell)(Progress { step: done.0, steps: done.1, preview });
    }

    /// Where the output was told while nobody listened, the history has it, a moment after the success.
    async fn done(&mut self) -> End {
        if let Some(saved) = self.output.take() {
            return Ok(saved);
        }
        let until = Instant::now() + SILENCE;
        loop {
            match self.comfy.server.place(self.id).await? {
                Place::Over(outcome) => return outcome.saved(self.request, &self.comfy.server),
                _ if Instant::now() > until => return Err(refusal::without_image(&self.comfy.server)),
                _ => sleep(BETWEEN_TRIES).await,
            }
        }
    }

    /// Goes on with `true` if the server answers.
    async fn look(&self, gone: Kind) -> ControlFlow<End, bool> {
        let server = &self.comfy.server;
        match server.place(self.id).await {
            Ok(Place::Waiting | Place::Running) => Continue(true),
            Ok(Place::Over(outcome)) => Break(outcome.saved(self.request, server)),
            Ok(Place::Nowhere) if gone == Kind::Cancelled => Break(Err(refusal::unqueued(server))),
            Ok(Place::Nowhere) => Break(Err(refusal::forgotten(server))),
            Err(_) => Continue(false),
        }
    }

    /// The same client id, and events go on where they are.
    async fn listen_again(&self) -> Result<Socket, Failure> {
        let lost = Instant::now();
        loop {
            match self.comfy.server.listen(self.id).await {
                Ok(socket) => return Ok(socket),
                Err(failure) if lost.elapsed() > self.comfy.patience() => return Err(failure),
                Err(_) => sleep(BETWEEN_TRIES.min(self.comfy.patience)).await,
            }
        }
    }
}
