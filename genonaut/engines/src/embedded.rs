//! The engine of our own: stable-diffusion.cpp, in a process of its own of the same program. What breaks in there, and
//! C++ aborts on much that is odd, ends that process and nothing else; stopping is ending it. The process keeps the
//! last model loaded, and goes by itself when nothing was asked of it for a while.
//!
//! This side is part of every build. What the process runs, [`child`], needs the feature `embedded`.

mod check;
#[cfg(feature = "embedded")]
mod inside;
mod lora;
mod model;
mod names;
mod order;
mod part;
mod process;
mod refusal;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

#[cfg(feature = "embedded")]
pub use inside::serve as child;

use crate::{Failure, Picture, Progress, Request};
pub use model::ARCHITECTURES;
use order::Order;
use process::{End, Process};

/// The words that make the program the engine's process; behind them comes how many seconds it waits for an order.
pub const CHILD: &str = "engine-child";

/// What it cannot do, for people.
pub const LIMITS: &str = if HAS_GPU {
    "Supports SD 1.5, SDXL and FLUX.1 as .safetensors or .gguf, at sizes in multiples of 64."
} else {
    "Supports SD 1.5, SDXL and FLUX.1 as .safetensors or .gguf, at sizes in multiples of 64. Built for CPU only: \
     on two cores, 512×512 in 20 steps takes about 14 minutes."
};

/// Metal needs no asking for on a Mac.
const HAS_GPU: bool = cfg!(any(
    feature = "embedded-cuda",
    feature = "embedded-vulkan",
    feature = "embedded-metal",
    target_vendor = "apple"
));

/// How long a process with nothing to do keeps its model, which takes gigabytes.
const IDLE: Duration = Duration::from_secs(600);

#[derive(Debug, Clone)]
pub struct Embedded {
    program: PathBuf,
    threads: Option<u32>,
    idle: Duration,
    /// The process that waits for the next order. Whoever works with it has taken it out, so whoever is dropped in the
    /// middle of that ends it.
    waiting: Arc<Mutex<Option<Process>>>,
}

impl Embedded {
    /// `program` is this program, which runs as `program engine-child SECONDS`. Without a number of threads it takes as
    /// many as there are cores. Nothing is started yet.
    pub fn new(program: PathBuf, threads: Option<u32>) -> Self {
        Self { program, threads, idle: IDLE, waiting: Arc::default() }
    }

    /// How long a process without an order stays.
    #[must_use]
    pub fn with_idle(self, idle: Duration) -> Self {
        Self { idle, ..self }
    }

    /// Makes one image; others wait until it is done. Dropping the future ends the process.
    ///
    /// # Errors
    /// When no image came of it. All files are looked into before anything is started.
    pub async fn make(&self, request: &Request, mut tell: impl FnMut(Progress)) -> Result<Picture, Failure> {
        let order = self.order(request).await?;
        let mut waiting = self.waiting.lock().await;
        loop {
            let warm = waiting.take();
            let may_have_gone = warm.is_some();
            let mut process = match warm {
                Some(process) => process,
                None => Process::start(&self.program, self.idle).map_err(|error| refusal::unstarted(&error))?,
            };
            match process.carry_out(&order, &mut tell).await {
                End::Made(picture) => {
                    *waiting = Some(process);
                    return Ok(picture);
                }
                End::Failed { stage, said } => {
                    *waiting = Some(process);
                    return Err(refusal::failed(stage, &said, request));
                }
                // It had waited long enough, and went while we came.
                End::Gone { began: false } if may_have_gone => {}
                End::Gone { .. } => return Err(refusal::broken(&process.last_words().await, request)),
            }
        }
    }

    async fn order(&self, request: &Request) -> Result<Order, Failure> {
        let (request, threads) = (request.clone(), self.threads);
        let checked = tokio::task::spawn_blocking(move || check::order(&request, threads)).await;
        checked.map_err(|error| refusal::unstarted(&error))?
    }
}
