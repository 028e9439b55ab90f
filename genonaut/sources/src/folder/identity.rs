//! Whether two files are likely to be one and the same, without reading them whole: how a moved file is recognised.

use std::ops::Range;

/// Bytes of data that tell fine-tunes apart.
const SAMPLE: u64 = 64 * 1024;

/// BLAKE3 of size, header and sample. Equal for equal files; for others as good as never, but only hashes of the whole
/// file prove it. `header` is what stands before the tensors' data, empty for formats without one.
///
/// Size and header alone do not do: merges of one base model have the same tensors, and often no metadata.
pub fn digest(size: u64, header: &[u8], sample: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&size.to_le_bytes());
    // So that no byte can pass from the header to the sample unseen.
    hasher.update(&(header.len() as u64).to_le_bytes());
    hasher.update(header).update(sample);
    hasher.finalize().into()
}

/// Which bytes of a file to sample: the middle of its data, where the diffusion model lies in a checkpoint. The text
/// encoders and the VAE at the edges are often those of the base model.
pub fn sample(size: u64, header: u64) -> Range<u64> {
    let data = size.saturating_sub(header);
    let start = header.min(size) + data.saturating_sub(SAMPLE) / 2;
    start..size.min(start + SAMPLE)
}
