//! An engine to try things with.

use std::path::Path;
use std::pin::pin;
use std::process::Command;
use std::time::{Duration, Instant};

use genonaut_engines::{Embedded, Failure, LoraFile, Picture, Progress, Request};

use crate::fixture::{Models, SD1};

pub struct Studio {
    pub models: Models,
    engine: Embedded,
    /// Seconds that its process waits, by which it is told from those of other tests.
    idle: u64,
}

impl Studio {
    /// `idle` is a number of seconds that no other test uses.
    pub fn new(idle: u64) -> Self {
        let program = env!("CARGO_BIN_EXE_genonaut").into();
        let engine = Embedded::new(program, Some(1)).with_idle(Duration::from_secs(idle));
        Self { models: Models::get(), engine, idle }
    }

    /// Two steps of 64×64.
    pub fn request(&self) -> Request {
        Request {
            prompt: "a cat".to_owned(),
            checkpoint: self.models.path(SD1),
            width: 64,
            height: 64,
            steps: 2,
            cfg: 7.0,
            sampler: "euler".to_owned(),
            scheduler: "karras".to_owned(),
            seed: 42,
            clip_skip: 1,
            ..Request::default()
        }
    }

    pub fn lora(&self, name: &str, weight: f64) -> Vec<LoraFile> {
        vec![LoraFile { path: self.models.path(name), weight, clip_weight: weight }]
    }

    pub async fn make(&self, request: &Request) -> Result<Picture, Failure> {
        self.engine.make(request, drop).await
    }

    pub async fn told(&self, request: &Request) -> (Picture, Vec<Progress>) {
        let mut told = Vec::new();
        let picture = self.engine.make(request, |progress| told.push(progress)).await.unwrap();
        (picture, told)
    }

    /// Until the first step is done and many are left.
    pub async fn in_the_middle<T>(&self, act: impl FnOnce() -> T, then: Then) -> (T, Option<Failure>) {
        let request = Request { steps: 150, ..self.request() };
        let (began, mut hears) = tokio::sync::mpsc::unbounded_channel();
        let mut making = pin!(self.engine.make(&request, |_| began.send(()).unwrap_or_default()));
        tokio::select! {
            made = &mut making => panic!("it was done at once: {:?}", made.map(drop)),
            _ = hears.recv() => {}
        }
        let acted = act();
        let failure = match then {
            Then::Drop => None,
            Then::Wait => making.await.err(),
        };
        (acted, failure)
    }

    /// The process ids of the engine; those that are over and not yet buried don't count.
    pub fn processes(&self) -> Vec<u32> {
        let asked = format!("engine-child\0{}\0", self.idle);
        let all =
            std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        all.filter(|id| std::fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|line| ends_with(&line, &asked)))
            .collect()
    }

    pub async fn until_alone(&self) {
        let until = Instant::now() + Duration::from_secs(30);
        while !self.processes().is_empty() {
            assert!(Instant::now() < until, "the engine's process is still there");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// What becomes of an image in the middle.
pub enum Then {
    Drop,
    Wait,
}

pub fn kill(id: u32) {
    assert!(Command::new("kill").args(["-9", &id.to_string()]).status().unwrap().success());
}

/// A copy that ends early.
pub fn cut(from: &str, to: &Path, bytes: u64) {
    use std::io::Read;
    let mut start = Vec::new();
    std::fs::File::open(from).unwrap().take(bytes).read_to_end(&mut start).unwrap();
    std::fs::write(to, start).unwrap();
}

fn ends_with(line: &[u8], end: &str) -> bool {
    line.ends_with(end.as_bytes())
}
