//! SHA-256 of a whole file and of what follows its header: two messages over the same bytes, in step on one core.
//!
//! The blocks of the second one begin anywhere within those of the first, so each keeps its own block that is not full.

mod compress;

use sha2::block_api::compress256;

use compress::{Block, State};

/// FIPS 180-4, 5.3.3.
const START: State = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

pub struct Pair {
    whole: Message,
    tail: Message,
    tail_at: u64,
}

impl Pair {
    /// `tail_at`: how many bytes belong to the whole file only.
    pub fn new(tail_at: u64) -> Self {
        Self { whole: Message::new(), tail: Message::new(), tail_at }
    }

    /// Takes the next bytes of the file, which begin at `at` in it.
    pub fn update(&mut self, at: u64, bytes: &[u8]) {
        let header = self.tail_at.saturating_sub(at).min(bytes.len() as u64) as usize;
        let (whole, tail) = (self.whole.take(bytes), self.tail.take(&bytes[header..]));
        let both = whole.len().min(tail.len());
        compress::both([&mut self.whole.state, &mut self.tail.state], [&whole[..both], &tail[..both]]);
        compress256(&mut self.whole.state, &whole[both..]);
        compress256(&mut self.tail.state, &tail[both..]);
    }

    /// Of the whole file, and of what follows the header.
    pub fn finish(self) -> [[u8; 32]; 2] {
        [self.whole.finish(), self.tail.finish()]
    }
}

struct Message {
    state: State,
    /// Bytes so far.
    length: u64,
    /// What is there of the block that is not full yet.
    begun: Block,
}

impl Message {
    fn new() -> Self {
        Self { state: START, length: 0, begun: [0; 64] }
    }

    /// Completes the block that was begun, keeps what begins another one, and returns the blocks between, to be
    /// compressed before the next call.
    fn take<'a>(&mut self, bytes: &'a [u8]) -> &'a [Block] {
        let begun = (self.length % 64) as usize;
        self.length += bytes.len() as u64;
        let (completes, bytes) = bytes.split_at(bytes.len().min((64 - begun) % 64));
        let end = begun + completes.len();
        self.begun[begun..end].copy_from_slice(completes);
        if end == 64 {
            compress256(&mut self.state, &[self.begun]);
        }
        let (blocks, begins) = bytes.as_chunks();
        self.begun[..begins.len()].copy_from_slice(begins);
        blocks
    }

    /// Ends as FIPS 180-4, 5.1.1 has it: one bit, zeros, and the length in bits up to the end of a block.
    fn finish(mut self) -> [u8; 32] {
        let bits = (self.length * 8).to_be_bytes();
        let zeros = vec![0; (119 - self.length % 64) as usize % 64];
        let end = [&[0x80], &zeros[..], &bits].concat();
        let blocks = self.take(&end);
        compress256(&mut self.state, blocks);
        let mut digest = [0; 32];
        digest.as_chunks_mut().0.iter_mut().zip(self.state).for_each(|(bytes, word)| *bytes = word.to_be_bytes());
        digest
    }
}

#[cfg(test)]
mod tests;
