//! A file in UTF-16 read as UTF-8, piece by piece.

use std::io::{self, BufRead, Read};

use crate::decode::Unit;

pub(super) struct Utf16<R> {
    inner: R,
    unit: Unit,
    /// Half a unit.
    odd: Option<u8>,
    /// Half a character.
    high: Option<u16>,
    /// UTF-8 that nobody has read yet, from `taken` on.
    ready: Vec<u8>,
    taken: usize,
}

impl<R: BufRead> Utf16<R> {
    /// `inner` begins behind the byte order mark.
    pub fn new(inner: R, unit: Unit) -> Self {
        Self { inner, unit, odd: None, high: None, ready: Vec::new(), taken: 0 }
    }

    /// Decodes a piece. False at the end.
    fn fill(&mut self) -> io::Result<bool> {
        let bytes: Vec<u8> = self.odd.take().into_iter().chain(self.inner.fill_buf()?.iter().copied()).collect();
        let read = self.inner.fill_buf()?.len();
        self.inner.consume(read);
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = self.high.take().into_iter().chain(pairs.iter().map(|pair| (self.unit)(*pair))).collect();
        let units = match units.split_last() {
            Some((last, before)) if read > 0 && (0xd800..0xdc00).contains(last) => {
                self.high = Some(*last);
                before
            }
            _ => &units[..],
        };
        self.odd = rest.first().copied().filter(|_| read > 0);
        let text: String =
            char::decode_utf16(units.iter().copied()).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        (self.ready, self.taken) = (text.into_bytes(), 0);
        Ok(read > 0 || !self.ready.is_empty())
    }
}

impl<R: BufRead> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.ready.len() {
            if !self.fill()? {
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.ready.len() - self.taken);
        buffer[..count].copy_from_slice(&self.ready[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn characters_that_are_read_in_pieces_are_whole() {
        let given = "a😀ä\n大";
        let mut bytes: Vec<u8> = given.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for size in 1..9 {
            let mut text = String::new();
            let pieces = BufReader::with_capacity(size, &bytes[..]);
            Utf16::new(pieces, u16::from_be_bytes).read_to_string(&mut text).unwrap();
            assert_eq!(text, given, "{size}");
        }
        bytes.extend([0xd8, 0x3d, 0]);
        let mut text = String::new();
        Utf16::new(&bytes[..], u16::from_be_bytes).read_to_string(&mut text).unwrap();
        assert_eq!(text, format!("{given}\u{fffd}"));
    }
}
