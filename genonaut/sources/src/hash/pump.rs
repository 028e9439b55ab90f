//! Reads once and hands every block to each thread: the disk is asked for nothing twice.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle, scope};

use super::Error;
use super::digest::Digest;

/// Bytes per read: large enough for a disk, small enough to stay in a core's cache.
const BLOCK: usize = 1 << 20;

/// A block that three may hold: one thread is at work on it, one has it next, and it is being read into. A thread has
/// let go of a block before the next but one can be sent to it, so none is ever copied.
const BLOCKS: usize = 3;

#[derive(Clone)]
struct Block {
    at: u64,
    length: usize,
    bytes: Arc<Vec<u8>>,
}

impl Block {
    fn feed(&self, digests: &mut [Digest]) {
        digests.iter_mut().for_each(|digest| digest.update(self.at, &self.bytes[..self.length]));
    }
}

/// Bytes read, and the digests that have seen them.
pub fn run(
    mut source: impl Read,
    lanes: Vec<Vec<Digest>>,
    mut progress: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<(u64, Vec<Digest>), Error> {
    let mut lanes = lanes.into_iter().filter(|lane| !lane.is_empty());
    let mut own = lanes.next().unwrap_or_default();
    scope(|scope| {
        let workers: Vec<_> = lanes.map(|lane| start(scope, lane)).collect();
        let mut ring: [_; BLOCKS] = std::array::from_fn(|_| Arc::new(vec![0; BLOCK]));
        let mut at = 0;
        for turn in 0.. {
            let bytes = &mut ring[turn % BLOCKS];
            let length = fill(&mut source, Arc::<Vec<u8>>::make_mut(bytes))?;
            if length == 0 {
                break;
            }
            let block = Block { at, length, bytes: bytes.clone() };
            for (sender, _) in &workers {
                // Refused only by a thread that panicked, which joining it will tell.
                let _ = sender.send(block.clone());
            }
            block.feed(&mut own);
            at += length as u64;
            if progress(at).is_break() {
                return Err(Error::Stopped);
            }
        }
        for (sender, worker) in workers {
            drop(sender);
            own.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        Ok((at, own))
    })
}

type Worker<'scope> = (SyncSender<Block>, ScopedJoinHandle<'scope, Vec<Digest>>);

fn start<'scope>(scope: &'scope Scope<'scope, '_>, mut lane: Vec<Digest>) -> Worker<'scope> {
    let (sender, blocks): (_, Receiver<Block>) = sync_channel(1);
    let worker = scope.spawn(move || {
        blocks.iter().for_each(|block| block.feed(&mut lane));
        lane
    });
    (sender, worker)
}

/// Reads until the block is full or the source ends.
fn fill(source: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < block.len() {
        match source.read(&mut block[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}
