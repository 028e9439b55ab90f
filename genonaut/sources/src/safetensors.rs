//! Reads the header of a `.safetensors` file and nothing of its data. What the format forbids and files in the wild do
//! all the same is read, with a warning.

mod dtype;
mod entry;
mod layout;
mod mend;
mod metadata;
mod parse;

use std::io::{self, Read, Seek};

use crate::header::Header;
use crate::not_read::NotRead;
use crate::sniff;

/// The largest header that the format allows.
const LARGEST_HEADER: u64 = 100_000_000;

/// Holds the whole header of most LoRAs.
const FIRST_READ: u64 = 16 << 10;

/// Reads the header of a file of `size` bytes, in at most two reads.
///
/// # Errors
/// Why this is no safetensors file, or which part of its header makes no sense.
pub fn read(file: &mut (impl Read + Seek), size: u64) -> Result<Header, NotRead> {
    let start = start(file)?;
    read_on(file, start, size)
}

/// Bytes of a tensor's data; `None` for an unknown type, or if no computer holds that many.
pub(crate) fn bytes(dtype: &str, shape: &[u64]) -> Option<u64> {
    dtype::bytes(shape, dtype::bits(dtype)?)
}

/// The first bytes of a file, enough to say what it is.
pub(crate) fn start(file: &mut (impl Read + Seek)) -> io::Result<Vec<u8>> {
    file.rewind()?;
    let mut start = Vec::with_capacity(FIRST_READ as usize);
    file.take(FIRST_READ).read_to_end(&mut start)?;
    Ok(start)
}

/// Goes on where `start` ends.
pub(crate) fn read_on(file: &mut impl Read, mut start: Vec<u8>, size: u64) -> Result<Header, NotRead> {
    let length =
        length(&start, size).map_err(|code| sniff::sniff(&start).map_or(NotRead::Refused(code), sniff::refusal))?;
    let end = 8 + length;
    let missing = end.saturating_sub(start.len() as u64);
    start.reserve_exact(missing as usize);
    file.take(missing).read_to_end(&mut start)?;
    let text = start.get(8..end as usize).ok_or(io::ErrorKind::UnexpectedEof).map_err(io::Error::from)?;
    let mut header = header(text, size - end).map_err(NotRead::Refused)?;
    header.length = end;
    Ok(header)
}

/// How long the header is, if this can be a safetensors file; only then is memory set aside for it.
pub(crate) fn length(start: &[u8], size: u64) -> Result<u64, &'static str> {
    let length = start.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)).ok_or("too-short")?;
    match length {
        0 | 1 => return Err("empty-header"),
        _ if length > LARGEST_HEADER => return Err("header-too-large"),
        _ if 8 + length > size => return Err("header-length-exceeds-file"),
        _ => {}
    }
    let text = start[8..].strip_prefix(BOM).unwrap_or(&start[8..]);
    match text.trim_ascii_start().first() {
        Some(b'{') => Ok(length),
        _ => Err("header-not-object"),
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

fn header(bytes: &[u8], data: u64) -> Result<Header, &'static str> {
    let text = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let trimmed = text.trim_ascii_end().strip_suffix(b"\0").map_or(text, without_padding);
    let (mut header, offsets) = parse::parse(str::from_utf8(trimmed).map_err(|_| "header-not-utf8")?)?;
    let odd = [("bom", text.len() < bytes.len()), ("nul-padding", trimmed.len() < text.len())];
    odd.into_iter().filter(|(_, found)| *found).for_each(|(code, _)| header.warn(code));
    layout::check(&mut header, offsets, data);
    Ok(header)
}

fn without_padding(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte != 0 && !byte.is_ascii_whitespace());
    &text[..end.map_or(0, |end| end + 1)]
}
