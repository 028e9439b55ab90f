//! One hash over one range of a file, and which thread computes which.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::{Hashes, Options};

/// Stable Diffusion web UI's first hash looked at this part of a file only.
const AUTOV1: Range<u64> = 0x10_0000..0x11_0000;

pub struct Digest {
    field: Field,
    range: Range<u64>,
    state: State,
    fed: bool,
}

/// Which field of the hashes it fills.
#[derive(Clone, Copy, PartialEq)]
enum Field {
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

/// One list of digests per thread; the first is for the thread that also reads.
pub fn lanes(options: Options) -> Vec<Vec<Digest>> {
    let whole = [Field::Sha256, Field::Blake3, Field::Crc32].map(|field| Digest::new(field, 0..u64::MAX));
    let autov1 = Digest::new(Field::AutoV1, AUTOV1);
    let tensors = options.tensors_at.map(|start| Digest::new(Field::Tensors, start..u64::MAX));
    let mut lanes = [vec![], vec![], vec![]];
    for digest in whole.into_iter().chain([autov1]).chain(tensors) {
        lanes[lane(digest.field, options)].push(digest);
    }
    lanes.into()
}

/// The two SHA-256 cost most and never share a thread if there are two; BLAKE3 goes where there is less to do.
fn lane(field: Field, options: Options) -> usize {
    let tight = options.threads == 2 && options.tensors_at.is_some();
    match field {
        _ if options.threads < 2 => 0,
        Field::Tensors => 1,
        Field::Blake3 if tight => 1,
        Field::Sha256 if !tight => 2,
        _ => 0,
    }
}

impl Digest {
    fn new(field: Field, range: Range<u64>) -> Self {
        let state = match field {
            Field::Blake3 => State::Blake3(Box::default()),
            Field::Crc32 => State::Crc32(crc32fast::Hasher::new()),
            Field::Sha256 | Field::Tensors | Field::AutoV1 => State::Sha256(Sha256::new()),
        };
        Self { field, range, state, fed: false }
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
        match self.field {
            Field::Sha256 => hashes.sha256 = digits,
            Field::Tensors => hashes.tensors = Some(digits),
            Field::AutoV1 => hashes.autov1 = Some(digits[..8].to_owned()),
            Field::Blake3 => hashes.blake3 = digits,
            Field::Crc32 => hashes.crc32 = digits,
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
