//! Reads the header of a `.gguf` file, versions 2 and 3, and nothing of its data. The key `GGUF.version` is added to
//! the metadata: what the file itself says beside its keys.

mod kinds;
mod source;
mod values;

use std::io::{BufReader, Read, Seek};

use crate::header::{Header, Tensor};
use crate::not_read::NotRead;
use source::Source;

/// Stands in the metadata of GGUF files only.
pub const VERSION_KEY: &str = "GGUF.version";

const MOST_KEYS: u64 = 1 << 16;
const MOST_TENSORS: u64 = 1 << 18;
const MOST_AXES: u32 = 8;

/// What the data is aligned to unless `general.alignment` says otherwise (bytes).
const ALIGNMENT: u64 = 32;

/// Reads the header of a file of `size` bytes.
///
/// # Errors
/// Why this is no GGUF file that we know, or what in its header cannot be.
pub fn read(file: &mut (impl Read + Seek), size: u64) -> Result<Header, NotRead> {
    file.rewind()?;
    let mut source = Source::new(BufReader::new(file), size);
    let (tensors, keys) = opening(&mut source)?;
    let mut header = Header::default();
    let version = source.version.to_string();
    header.metadata.0.push((VERSION_KEY.to_owned(), version));
    let mut kept = values::Kept::default();
    for _ in 0..keys {
        values::read(&mut source, &mut header, &mut kept)?;
    }
    let ends = (0..tensors).map(|_| tensor(&mut source, &mut header)).collect::<Result<Vec<_>, _>>()?;
    finish(&mut header, &kept, source.position(), ends.into_iter().max().unwrap_or(0), size)?;
    Ok(header)
}

/// How many tensors and keys follow.
fn opening(source: &mut Source<impl Read + Seek>) -> Result<(u64, u64), NotRead> {
    if source.bytes::<4>()? != *b"GGUF" {
        return Err(NotRead::Refused("unknown-format"));
    }
    source.version = source.u32()?;
    match source.version {
        2 | 3 => {}
        0x1_0000.. => return Err(NotRead::Refused("gguf-big-endian")),
        _ => return Err(NotRead::Refused("gguf-version")),
    }
    let counts = (source.u64()?, source.u64()?);
    if counts.0 > MOST_TENSORS || counts.1 > MOST_KEYS {
        return Err(NotRead::Refused("gguf-counts"));
    }
    Ok(counts)
}

/// Adds a tensor, and gives where its data ends, counted from where all data begins.
fn tensor(source: &mut Source<impl Read + Seek>, header: &mut Header) -> Result<u64, NotRead> {
    let name = source.name(header)?;
    let axes = source.u32()?;
    if axes > MOST_AXES {
        return Err(NotRead::Refused("gguf-dimensions"));
    }
    let mut shape = (0..axes).map(|_| source.u64()).collect::<Result<Vec<_>, _>>()?;
    // The fastest axis stands first in the file, and last everywhere else.
    shape.reverse();
    let (dtype, bytes) = kinds::describe(source.u32()?, &shape).ok_or(NotRead::Refused("shape-overflow"))?;
    if dtype == kinds::UNKNOWN {
        header.warn("unknown-dtype");
    }
    header.tensors.push(Tensor { name, dtype: dtype.to_owned(), shape: Some(shape), bytes });
    source.u64()?.checked_add(bytes).ok_or(NotRead::Refused("bad-offsets"))
}

fn finish(header: &mut Header, kept: &values::Kept, at: u64, data: u64, size: u64) -> Result<(), NotRead> {
    let alignment = kept.alignment.filter(|alignment| alignment.is_power_of_two()).unwrap_or(ALIGNMENT);
    header.length = at.next_multiple_of(alignment);
    for tensor in &mut header.tensors {
        if let Some(shape) = kept.shapes.get(&tensor.name) {
            tensor.shape = Some(shape.clone());
        }
    }
    let end = header.length.checked_add(data).ok_or(NotRead::Refused("bad-offsets"))?;
    if end > size {
        header.warn("incomplete-file");
    }
    if header.tensors.is_empty() {
        header.warn("no-tensors");
    }
    Ok(())
}
