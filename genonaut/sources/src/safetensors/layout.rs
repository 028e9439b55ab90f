//! Whether the tensors' data lies as the format wants it: one behind the other, to the end of the file.

use super::parse::Offsets;
use crate::header::Header;

/// Warns of what is odd; `data` is how many bytes follow the header.
pub fn check(header: &mut Header, mut offsets: Vec<Offsets>, data: u64) {
    offsets.sort_unstable();
    let mut end = 0;
    for (from, to) in offsets {
        if from > end {
            header.warn("offset-gap");
        }
        if from < end && to > from {
            header.warn("overlapping-offsets");
        }
        end = end.max(to);
    }
    if end > data {
        header.warn("incomplete-file");
    }
    if end < data {
        header.warn("trailing-bytes");
    }
}
