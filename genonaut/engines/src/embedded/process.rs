//! The engine's process, as the server sees it.

use std::collections::VecDeque;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::CHILD;
use super::order::{Event, Order, Packed, Stage};
use crate::{Picture, Progress};

/// Lines that are kept of what it says: the reason of an abort is among the last.
const KEPT: usize = 20;

/// Dropping it ends it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    orders: ChildStdin,
    events: Lines<BufReader<ChildStdout>>,
    said: JoinHandle<VecDeque<String>>,
}

/// What became of an order.
pub(super) enum End {
    Made(Picture),
    Failed { stage: Stage, said: Vec<String> },
    Gone { began: bool },
}

/// What a process that is gone has left.
pub(super) struct LastWords {
    /// How it ended, for people.
    pub how: String,
    /// By a signal that nobody can catch.
    pub was_killed: bool,
    pub said: Vec<String>,
}

impl Process {
    pub fn start(program: &Path, idle: Duration) -> io::Result<Self> {
        let mut child = Command::new(program)
            .args([CHILD, &idle.as_secs().to_string()])
            // An abort would have a debugger look at the process first, for seconds.
            .env("GGML_NO_BACKTRACE", "1")
            // Ctrl+C at the server's terminal is for the server, which gives the image back to the queue.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (orders, events) = (child.stdin.take(), child.stdout.take());
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        let said = tokio::spawn(listen(child.stderr.take().ok_or_else(gone)?));
        let events = BufReader::new(events.ok_or_else(gone)?).lines();
        Ok(Self { orders: orders.ok_or_else(gone)?, events, said, child })
    }

    pub async fn carry_out(&mut self, order: &Order, tell: &mut impl FnMut(Progress)) -> End {
        let mut began = false;
        if self.send(order).await.is_err() {
            return End::Gone { began };
        }
        loop {
            match self.hear().await {
                None => return End::Gone { began },
                Some(Event::Taken) => began = true,
                Some(Event::Step { step, preview }) => {
                    tell(Progress { step, steps: order.steps, preview: preview.map(|Packed(jpeg)| jpeg) });
                }
                Some(Event::Made { png: Packed(png), width, height }) => {
                    return End::Made(Picture { png, width, height });
                }
                Some(Event::Failed { stage, said }) => return End::Failed { stage, said },
            }
        }
    }

    /// Of a process that is gone, or says what makes no sense and is ended.
    pub async fn last_words(mut self) -> LastWords {
        // What has closed its mouth and lives on would be waited for without end.
        drop(self.orders);
        let ended = self.child.wait().await;
        let said = self.said.await.unwrap_or_default().into();
        LastWords { was_killed: ended.as_ref().is_ok_and(was_killed), how: how(ended), said }
    }

    async fn send(&mut self, order: &Order) -> io::Result<()> {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        self.orders.write_all(&line).await?;
        self.orders.flush().await
    }

    /// `None` when there is nothing more to hear.
    async fn hear(&mut self) -> Option<Event> {
        let line = self.events.next_line().await.ok()??;
        serde_json::from_str(&line).ok()
    }
}

async fn listen(stderr: ChildStderr) -> VecDeque<String> {
    let mut lines = BufReader::new(stderr).lines();
    let mut kept = VecDeque::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(line);
    }
    kept
}

fn how(ended: io::Result<ExitStatus>) -> String {
    ended.map_or_else(|error| error.to_string(), |status| status.to_string())
}

fn was_killed(status: &ExitStatus) -> bool {
    status.signal() == Some(9)
}
