//! The keys of a GGUF file. Texts and numbers are kept as metadata; lists are passed over, because those of language
//! models hold whole dictionaries.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::source::Source;
use crate::header::Header;
use crate::not_read::NotRead;
use crate::text;

/// Texts are kept up to this sum of bytes (64 MiB).
const MOST_TEXT: usize = 64 << 20;

/// Lists of lists of lists do not occur.
const DEEPEST: u32 = 4;

/// Marks a tensor that had to be flattened to be quantised; behind it stand the tensor's name and true shape.
const TRUE_SHAPE: &str = "comfy.gguf.orig_shape.";

const TEXT: u32 = 8;
const LIST: u32 = 9;

/// What reading on needs to know from the keys.
#[derive(Default)]
pub struct Kept {
    pub alignment: Option<u64>,
    pub shapes: HashMap<String, Vec<u64>>,
    text: usize,
}

/// Reads one key and its value.
pub fn read(source: &mut Source<impl Read + Seek>, header: &mut Header, kept: &mut Kept) -> Result<(), NotRead> {
    let key = source.name(header)?;
    let kind = source.u32()?;
    let Some(value) = value(source, header, kept, &key, kind)? else { return Ok(()) };
    if key == "general.alignment" {
        kept.alignment = value.parse().ok();
    }
    kept.text += value.len();
    header.metadata.0.push((key, value));
    Ok(())
}

fn value(
    source: &mut Source<impl Read + Seek>,
    header: &mut Header,
    kept: &mut Kept,
    key: &str,
    kind: u32,
) -> Result<Option<String>, NotRead> {
    match (kind, key.strip_prefix(TRUE_SHAPE)) {
        (TEXT, _) => words(source, header, kept, key),
        (LIST, Some(tensor)) => shape(source).map(|shape| {
            kept.shapes.extend(shape.map(|shape| (tensor.to_owned(), shape)));
            None
        }),
        (LIST, None) => skip_list(source, DEEPEST).map(|()| None),
        _ => number(source, kind).map(Some),
    }
}

fn words(
    source: &mut Source<impl Read + Seek>,
    header: &mut Header,
    kept: &Kept,
    key: &str,
) -> Result<Option<String>, NotRead> {
    let length = source.length()?;
    if length as usize > text::LONGEST_TEXT.min(MOST_TEXT - kept.text.min(MOST_TEXT)) {
        header.warn("oversized-metadata");
        return source.skip(length).map(|()| None);
    }
    let mut value = source.text(length, text::LONGEST_TEXT)?;
    if text::is_picture(key, &value) {
        header.note("thumbnail-not-stored");
        return Ok(None);
    }
    if text::strip_nul(&mut value) {
        header.note("nul-stripped");
    }
    Ok(Some(value))
}

fn number(source: &mut Source<impl Read + Seek>, kind: u32) -> Result<String, NotRead> {
    Ok(match kind {
        0 => u8::from_le_bytes(source.bytes()?).to_string(),
        1 => i8::from_le_bytes(source.bytes()?).to_string(),
        2 => u16::from_le_bytes(source.bytes()?).to_string(),
        3 => i16::from_le_bytes(source.bytes()?).to_string(),
        4 => source.u32()?.to_string(),
        5 => i32::from_le_bytes(source.bytes()?).to_string(),
        6 => f32::from_le_bytes(source.bytes()?).to_string(),
        7 => (source.bytes::<1>()? != [0]).to_string(),
        10 => source.u64()?.to_string(),
        11 => i64::from_le_bytes(source.bytes()?).to_string(),
        12 => f64::from_le_bytes(source.bytes()?).to_string(),
        _ => return Err(NotRead::Refused("gguf-value-type")),
    })
}

/// `None` for what can be no shape: anything but eight whole numbers at most.
fn shape(source: &mut Source<impl Read + Seek>) -> Result<Option<Vec<u64>>, NotRead> {
    let (kind, count) = (source.u32()?, source.u64()?);
    if matches!(kind, 6 | 7 | TEXT | LIST | 12) || count > 8 {
        return skip_elements(source, kind, count, DEEPEST).map(|()| None);
    }
    let lengths = (0..count).map(|_| number(source, kind)).collect::<Result<Vec<_>, _>>()?;
    Ok(lengths.iter().map(|length| length.parse().ok()).collect())
}

fn skip_list(source: &mut Source<impl Read + Seek>, deeper: u32) -> Result<(), NotRead> {
    let (kind, count) = (source.u32()?, source.u64()?);
    skip_elements(source, kind, count, deeper)
}

fn skip_elements(source: &mut Source<impl Read + Seek>, kind: u32, count: u64, deeper: u32) -> Result<(), NotRead> {
    if matches!(kind, TEXT | LIST) {
        source.count(count)?;
    }
    let width = match kind {
        0 | 1 | 7 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        10..=12 => 8,
        TEXT => return (0..count).try_for_each(|_| source.length().and_then(|length| source.skip(length))),
        LIST if deeper > 0 => return (0..count).try_for_each(|_| skip_list(source, deeper - 1)),
        _ => return Err(NotRead::Refused("gguf-value-type")),
    };
    source.skip(count.checked_mul(width).ok_or(NotRead::Refused("gguf-truncated"))?)
}
