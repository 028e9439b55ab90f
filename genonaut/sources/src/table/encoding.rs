//! What the CSV reader does not see to: a byte order mark, and a quote that is never closed.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

/// Passes bytes on and keeps track of quotes, by the reader's own rules.
pub(super) struct Watched<R> {
    inner: R,
    delimiter: u8,
    line: u64,
    /// The line where the latest quoted text begins.
    opened: u64,
    state: State,
    /// Whether the next byte that ends no line begins a record.
    fresh: bool,
    /// Lines of records that begin in what was read, and that nobody has asked for yet.
    starts: VecDeque<u64>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    FieldStart,
    /// A quote in here is a letter like any other.
    Plain,
    Quoted,
    /// Behind a quote in a quoted text: its end, or the first of two.
    QuoteInQuoted,
}

impl<R: BufRead> Watched<R> {
    /// Skips a UTF-8 byte order mark.
    pub fn new(mut inner: R, delimiter: u8) -> io::Result<Self> {
        if inner.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            inner.consume(3);
        }
        Ok(Self {
            inner,
            delimiter,
            line: 1,
            opened: 0,
            state: State::FieldStart,
            fresh: true,
            starts: VecDeque::new(),
        })
    }

    /// Where a quoted text begins that has no end, once everything is read.
    pub fn open_quote(&self) -> Option<u64> {
        (self.state == State::Quoted).then_some(self.opened)
    }

    /// The line of the next record. The reader's own count begins a record at the end of the line before,
    /// blank lines and the second half of CR LF included.
    pub fn next_start(&mut self) -> Option<u64> {
        self.starts.pop_front()
    }

    fn watch(&mut self, byte: u8) {
        let ends_line = matches!(byte, b'\n' | b'\r');
        if self.fresh && !ends_line {
            self.starts.push_back(self.line);
            self.fresh = false;
        }
        if ends_line && self.state != State::Quoted {
            self.fresh = true;
        }
        self.state = match (self.state, byte) {
            (State::FieldStart, b'"') => {
                self.opened = self.line;
                State::Quoted
            }
            (State::Quoted, b'"') => State::QuoteInQuoted,
            (State::Quoted, _) | (State::QuoteInQuoted, b'"') => State::Quoted,
            (_, b'\n' | b'\r') => State::FieldStart,
            (_, byte) if byte == self.delimiter => State::FieldStart,
            _ => State::Plain,
        };
        self.line += u64::from(byte == b'\n');
    }
}

impl<R: BufRead> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        buffer[..count].iter().for_each(|byte| self.watch(*byte));
        Ok(count)
    }
}
