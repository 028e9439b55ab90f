//! Numbers and texts of a GGUF file, in its order. Nothing is set aside for a length before the file is known to hold it.

use std::io::{BufReader, Read, Seek};

use crate::header::Header;
use crate::not_read::NotRead;
use crate::text;

/// No text of a header is longer (16 MiB).
const LONGEST: u64 = 16 << 20;

/// Elements of lists that are passed over one by one; a language model's dictionary has a million.
const MOST_ELEMENTS: u64 = 1 << 24;

/// A file that is read forwards, and never past its end.
pub struct Source<R> {
    file: BufReader<R>,
    size: u64,
    left: u64,
    elements: u64,
    pub version: u32,
}

impl<R: Read + Seek> Source<R> {
    pub fn new(file: BufReader<R>, size: u64) -> Self {
        Self { file, size, left: size, elements: MOST_ELEMENTS, version: 0 }
    }

    /// Bytes read or passed over so far.
    pub fn position(&self) -> u64 {
        self.size - self.left
    }

    pub fn bytes<const N: usize>(&mut self) -> Result<[u8; N], NotRead> {
        self.take(N as u64)?;
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub fn u32(&mut self) -> Result<u32, NotRead> {
        self.bytes().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, NotRead> {
        self.bytes().map(u64::from_le_bytes)
    }

    /// The length of a text that follows.
    pub fn length(&mut self) -> Result<u64, NotRead> {
        let length = self.u64()?;
        if length > LONGEST { Err(NotRead::Refused("gguf-string-length")) } else { Ok(length) }
    }

    /// A text, of which no more than `most` bytes are kept.
    pub fn text(&mut self, length: u64, most: usize) -> Result<String, NotRead> {
        let kept = length.min(most as u64);
        self.take(kept)?;
        let mut bytes = Vec::new();
        (&mut self.file).take(kept).read_to_end(&mut bytes)?;
        self.skip(length - kept)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A name as it may be kept.
    pub fn name(&mut self, header: &mut Header) -> Result<String, NotRead> {
        let length = self.length()?;
        let mut name = self.text(length, text::LONGEST_NAME)?;
        if length > text::LONGEST_NAME as u64 {
            header.warn("oversized-key");
        }
        if text::strip_nul(&mut name) {
            header.note("nul-stripped");
        }
        Ok(name)
    }

    pub fn skip(&mut self, length: u64) -> Result<(), NotRead> {
        self.take(length)?;
        let length = i64::try_from(length).map_err(|_| NotRead::Refused("gguf-truncated"))?;
        Ok(self.file.seek_relative(length)?)
    }

    /// To be asked before elements are passed over one by one: a sparse file could hold billions.
    pub fn count(&mut self, elements: u64) -> Result<(), NotRead> {
        self.elements = self.elements.checked_sub(elements).ok_or(NotRead::Refused("gguf-counts"))?;
        Ok(())
    }

    fn take(&mut self, length: u64) -> Result<(), NotRead> {
        self.left = self.left.checked_sub(length).ok_or(NotRead::Refused("gguf-truncated"))?;
        Ok(())
    }
}
