//! One hash over one range of a file, and which thread computes which.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::{Hashes, Options};

/// Stable Diffusion web UI's first hash looked at this part of a file only.
const AUTOV1: Range<u64> = 0x10_0000..0x11_0000;

pub struct Digest {
    result: Result,
    range: Range<u64>,
    state: State,
    fed: bool,
}

/// Which field of the hashes it fills.
#[derive(Clone, Copy, PartialEq)]
enum Result {
    Sha256,
    Tensors,
    AutoV1,
    Blake3,
    Crc32,
}

enum State {
    Sha256(Sha256),
    Blake3(Box<blake3::Hasher>),
    Crc32(crc32fast::Hasher),
}

/// One list of digests per thread; the first is for the thread that also reads, and is the lightest.
pub fn lanes(options: Options) -> Vec<Vec<Digest>> {
    let mut lanes: Vec<Vec<Digest>> = vec![vec![], vec![], vec![]];
    let mut add = |result, range| {
        let lane = match (result, options.threads) {
            (_, 0 | 1) => 0,
            (Result::Tensors, _) | (Result::Blake3, 2) => 1,
            (Result::Sha256, 3..) => 2,
            _ => 0,
        };
        lanes[lane].push(Digest::new(result, range));
    };
    for whole in [Result::Sha256, Result::Blake3, Result::Crc32] {
        add(whole, 0..u64::MAX);
    }
    add(Result::AutoV1, AUTOV1);
    if let Some(start) = options.tensors_at {
        add(Result::Tensors, start..u64::MAX);
    }
    lanes
}

impl Digest {
    fn new(result: Result, range: Range<u64>) -> Self {
        let state = match result {
            Result::Blake3 => State::Blake3(Box::default()),
            Result::Crc32 => State::Crc32(crc32fast::Hasher::new()),
            Result::Sha256 | Result::Tensors | Result::AutoV1 => State::Sha256(Sha256::new()),
        };
        Self { result, range, state, fed: false }
    }

    /// Takes what is in its range of the bytes that begin at `at` in the file.
    pub fn update(&mut self, at: u64, bytes: &[u8]) {
        let inside = |edge: u64| edge.saturating_sub(at).min(bytes.len() as u64) as usize;
        let bytes = &bytes[inside(self.range.start)..inside(self.range.end)];
        self.fed |= !bytes.is_empty();
        match &mut self.state {
            State::Sha256(state) => state.update(bytes),
            State::Blake3(state) => _ = state.update(bytes),
            State::Crc32(state) => state.update(bytes),
        }
    }

    /// The hash of nothing is left out: thousands of files share it.
    pub fn finish(self, hashes: &mut Hashes) {
        if !self.fed {
            return;
        }
        let digits = match self.state {
            State::Sha256(state) => hexadecimal(&state.finalize()),
            State::Blake3(state) => state.finalize().to_hex().to_string(),
            State::Crc32(state) => hexadecimal(&state.finalize().to_be_bytes()),
        };
        match self.result {
            Result::Sha256 => hashes.sha256 = digits,
            Result::Tensors => hashes.tensors = Some(digits),
            Result::AutoV1 => hashes.autov1 = Some(digits[..8].to_owned()),
            Result::Blake3 => hashes.blake3 = digits,
            Result::Crc32 => hashes.crc32 = digits,
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
