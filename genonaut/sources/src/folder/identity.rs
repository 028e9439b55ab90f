//! Whether two files are likely to be one and the same, without reading them whole: how a moved file is recognised.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use crate::header::Header;

/// Bytes of data that tell fine-tunes apart.
const SAMPLE: u64 = 64 * 1024;

/// Bytes of a header. Real ones are shorter; a hostile one would be read to the end of the file.
const LONGEST_HEADER: u64 = 100 << 20;

/// BLAKE3 of size, header and sample. Equal for equal files; for others as good as never, but only hashes of the whole
/// file prove it. `header` is how many bytes stand before the tensors' data, 0 for formats without a header.
///
/// Size and header alone do not do: merges of one base model have the same tensors, and often no metadata.
///
/// # Errors
/// When the file cannot be read.
pub fn digest(file: &mut (impl Read + Seek), size: u64, header: u64) -> io::Result<[u8; 32]> {
    let header = header.min(LONGEST_HEADER);
    let sample = sample(size, header);
    let mut hasher = blake3::Hasher::new();
    hasher.update(&size.to_le_bytes());
    // So that no byte can pass from the header to the sample unseen.
    hasher.update(&header.to_le_bytes());
    file.rewind()?;
    hasher.update_reader(file.by_ref().take(header))?;
    file.seek(SeekFrom::Start(sample.start))?;
    hasher.update_reader(file.by_ref().take(sample.end - sample.start))?;
    Ok(hasher.finalize().into())
}

/// BLAKE3 of the tensors alone: names, types, shapes and the same sample of their data. Equal where only the metadata in
/// the header was rewritten. `None` for a file without data: thousands share it.
///
/// # Errors
/// When the file cannot be read.
pub fn tensors_digest(file: &mut (impl Read + Seek), size: u64, header: &Header) -> io::Result<Option<[u8; 32]>> {
    let sample = sample(size, header.length);
    if sample.is_empty() || header.tensors.is_empty() {
        return Ok(None);
    }
    let mut tensors: Vec<_> = header.tensors.iter().collect();
    // Whoever rewrites a header may order it otherwise.
    tensors.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(size - header.length.min(size)).to_le_bytes());
    for tensor in tensors {
        // Debug quotes names, so that none can pass for two.
        hasher.update(format!("{:?} {:?} {:?} {}\n", tensor.name, tensor.dtype, tensor.shape, tensor.bytes).as_bytes());
    }
    file.seek(SeekFrom::Start(sample.start))?;
    hasher.update_reader(file.by_ref().take(sample.end - sample.start))?;
    Ok(Some(hasher.finalize().into()))
}

/// Which bytes of a file to sample: the middle of its data, where the diffusion model lies in a checkpoint. The text
/// encoders and the VAE at the edges are often those of the base model.
pub fn sample(size: u64, header: u64) -> Range<u64> {
    let data = size.saturating_sub(header);
    let start = header.min(size) + data.saturating_sub(SAMPLE) / 2;
    start..size.min(start + SAMPLE)
}
