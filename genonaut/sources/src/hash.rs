//! The hashes by which stores, tools and pictures name a model file, all from one reading of it.
//!
//! SHA-256 of the whole file and of its tensors cannot be had from one another. With SHA instructions both together take
//! as long as one (`hash/pair.rs`), elsewhere up to twice as long. With them, two threads are as fast as SHA-256 alone,
//! with tensors or without: it has a thread of its own, and the rest takes less. One thread does it all at 0.6 of that
//! speed where there is AVX-512 for BLAKE3. `make bench` measures it.

mod digest;
mod pair;
mod pump;

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// In hexadecimal digits, lower case. Civitai writes them in upper case, InvokeAI puts `blake3:` before that one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hashes {
    /// Bytes that were read.
    pub size: u64,
    /// Of the whole file.
    pub sha256: String,
    /// SHA-256 of everything after the header: kohya's `sshs_model_hash`, `modelspec.hash_sha256` without its `0x`.
    /// Other metadata leaves it as it is. Missing where there are no tensors' bytes.
    pub tensors: Option<String>,
    /// First 8 digits of the SHA-256 of up to 64 KiB at 1 MiB, once Stable Diffusion web UI's hash. Several files can
    /// share it. Missing for files up to 1 MiB.
    pub autov1: Option<String>,
    /// Of the whole file.
    pub blake3: String,
    /// Of the whole file, IEEE polynomial.
    pub crc32: String,
}

impl Hashes {
    /// First 10 digits of the SHA-256: `Model hash` in pictures.
    pub fn autov2(&self) -> &str {
        &self.sha256[..10]
    }

    /// First 12 digits of the tensors' SHA-256: how LoRAs are named in pictures and on Civitai.
    pub fn autov3(&self) -> Option<&str> {
        self.tensors.as_deref().map(|digits| &digits[..12])
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Bytes before the tensors' data (8 + N of a safetensors file); none for other formats, where AutoV3 means nothing.
    pub tensors_at: Option<u64>,
    /// 1 or 2 are of use; the calling thread is one of them.
    pub threads: usize,
}

/// Why there are no hashes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Worth another try once the file is at rest.
    #[error("the file changed while it was being read")]
    Changed,
    /// The caller's own wish.
    #[error("stopped")]
    Stopped,
    /// Every empty file has the same hashes: they name nothing.
    #[error("the file is empty")]
    Empty,
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// Reads a file once. `progress` hears the bytes read so far after each MiB, and can say stop.
pub fn file(path: &Path, options: Options, progress: impl FnMut(u64) -> ControlFlow<()>) -> Result<Hashes, Error> {
    let file = File::open(path)?;
    let before = Stamp::of(&file.metadata()?);
    read_once(&file);
    let hashes = reader(&file, options, progress)?;
    // By path, not by handle: a file that was replaced meanwhile is another file.
    match fs::metadata(path) {
        Ok(after) if Stamp::of(&after) == before && before.size == hashes.size => Ok(hashes),
        _ => Err(Error::Changed),
    }
}

/// The same for bytes from anywhere.
pub fn reader(
    source: impl Read,
    options: Options,
    progress: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Hashes, Error> {
    let (size, digests) = pump::run(source, digest::lanes(options), progress)?;
    if size == 0 {
        return Err(Error::Empty);
    }
    let mut hashes = Hashes { size, ..Hashes::default() };
    digests.into_iter().for_each(|digest| digest.finish(&mut hashes));
    Ok(hashes)
}

#[derive(PartialEq)]
struct Stamp {
    file: (u64, u64),
    size: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(file: &Metadata) -> Self {
        let modified = (file.mtime(), file.mtime_nsec());
        Self { file: (file.dev(), file.ino()), size: file.len(), modified }
    }
}

/// Reads ahead, and lets the pages go before others in the cache. They are not thrown out at once: what is cached may
/// be the very model an engine is using. Advice only, so a refusal is no failure.
#[cfg(target_os = "linux")]
fn read_once(file: &File) {
    use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
    for advice in [PosixFadviseAdvice::POSIX_FADV_SEQUENTIAL, PosixFadviseAdvice::POSIX_FADV_NOREUSE] {
        let _ = posix_fadvise(file, 0, 0, advice);
    }
}

/// Other systems take no such advice.
#[cfg(not(target_os = "linux"))]
fn read_once(_: &File) {}
