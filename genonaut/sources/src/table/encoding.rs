//! What the CSV reader does not see to: a byte order mark, and a quote that is never closed.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use super::LARGEST_CELL;

/// Passes bytes on and keeps track of quotes, by the reader's own rules.
pub(super) struct Watched<R> {
    inner: R,
    delimiter: u8,
    line: u64,
    /// The line where the latest quoted text begins.
    opened: u64,
    /// Bytes of the latest quoted text so far.
    quoted: usize,
    /// Whether the latest byte ended a line as a carriage return: a line feed behind it ends no other.
    returned: bool,
    ended: bool,
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
            quoted: 0,
            returned: false,
            ended: false,
            state: State::FieldStart,
            fresh: true,
            starts: VecDeque::new(),
        })
    }

    /// Where a quoted text begins that is too long or, once everything is read, is not closed; and which of the two.
    pub fn open_quote(&self) -> Option<(u64, &'static str)> {
        match self.state {
            State::Quoted if self.quoted > LARGEST_CELL => Some((self.opened, "is larger than 16 MiB")),
            State::Quoted if self.ended => Some((self.opened, "is not closed")),
            _ => None,
        }
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
                (self.opened, self.quoted) = (self.line, 0);
                State::Quoted
            }
            (State::Quoted, b'"') => State::QuoteInQuoted,
            (State::Quoted, _) | (State::QuoteInQuoted, b'"') => State::Quoted,
            (_, b'\n' | b'\r') => State::FieldStart,
            (_, byte) if byte == self.delimiter => State::FieldStart,
            _ => State::Plain,
        };
        self.quoted += 1;
        self.line += u64::from(ends_line && !(byte == b'\n' && self.returned));
        self.returned = byte == b'\r';
    }
}

impl<R: BufRead> Read for Watched<R> {
    /// # Errors
    /// In a quoted text of more than [`LARGEST_CELL`], so that one open quote does not bring the whole file into memory.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.open_quote().is_some() && !self.ended {
            return Err(io::Error::other("a quoted text is too long"));
        }
        let count = self.inner.read(buffer)?;
        self.ended = count == 0;
        buffer[..count].iter().for_each(|byte| self.watch(*byte));
        Ok(count)
    }
}
