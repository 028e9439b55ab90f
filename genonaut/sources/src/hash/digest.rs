//! The hashes of a file, and which thread computes which.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::pair::Pair;
use super::{Hashes, Options};

/// Stable Diffusion web UI's first hash looked at this part of a file only.
const AUTOV1: Range<u64> = 0x10_0000..0x11_0000;

pub enum Digest {
    Sha256(Sha256),
    /// SHA-256 of the file and of its tensors, which begin here.
    WithTensors(Box<Pair>, u64),
    AutoV1(Sha256),
    Blake3(Box<blake3::Hasher>),
    Crc32(crc32fast::Hasher),
}

/// One list of digests per thread; the first is for the thread that also reads. SHA-256 takes longer than all the rest.
pub fn lanes(options: Options) -> Vec<Vec<Digest>> {
    let sha256 = match options.tensors_at {
        Some(start) => Digest::WithTensors(Box::new(Pair::new(start)), start),
        None => Digest::Sha256(Sha256::new()),
    };
    let mut rest =
        vec![Digest::AutoV1(Sha256::new()), Digest::Blake3(Box::default()), Digest::Crc32(crc32fast::Hasher::new())];
    if options.threads > 1 {
        return vec![rest, vec![sha256]];
    }
    rest.push(sha256);
    vec![rest]
}

impl Digest {
    /// Takes the next bytes of the file, which begin at `at` in it.
    pub fn update(&mut self, at: u64, bytes: &[u8]) {
        let inside = |edge: u64| edge.saturating_sub(at).min(bytes.len() as u64) as usize;
        match self {
            Self::Sha256(state) => state.update(bytes),
            Self::WithTensors(pair, _) => pair.update(at, bytes),
            Self::AutoV1(state) => state.update(&bytes[inside(AUTOV1.start)..inside(AUTOV1.end)]),
            Self::Blake3(state) => _ = state.update(bytes),
            Self::Crc32(state) => state.update(bytes),
        }
    }

    /// Fills in its part of the hashes, which know the file's size. The hash of nothing is left out: thousands of files
    /// share it.
    pub fn finish(self, hashes: &mut Hashes) {
        match self {
            Self::Sha256(state) => hashes.sha256 = hexadecimal(&state.finalize()),
            Self::WithTensors(pair, start) => {
                let [whole, tensors] = pair.finish().map(|digest| hexadecimal(&digest));
                hashes.sha256 = whole;
                hashes.tensors = (hashes.size > start).then_some(tensors);
            }
            Self::AutoV1(state) if hashes.size > AUTOV1.start => {
                hashes.autov1 = Some(hexadecimal(&state.finalize()[..4]));
            }
            Self::AutoV1(_) => {}
            Self::Blake3(state) => hashes.blake3 = state.finalize().to_hex().to_string(),
            Self::Crc32(state) => hashes.crc32 = hexadecimal(&state.finalize().to_be_bytes()),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
