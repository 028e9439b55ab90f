//! Whether an image is there to its end and of a size that can be drawn, by its structure alone.

use std::io::{Read, Seek, SeekFrom};

use super::{Kind, LONGEST_SIDE};

/// Pieces of a file; more are in none.
const MOST: usize = 100_000;

/// `length` is the file's in bytes.
pub fn is_whole(file: &mut (impl Read + Seek), kind: Kind, length: u64) -> bool {
    let whole = match kind {
        Kind::Png => png(file, length),
        Kind::Jpeg => jpeg(file, length),
        Kind::Avif => avif(file, length),
        Kind::WebP => bytes(file, 4).map(|size| u64::from(u32::from_le_bytes(size)) + 8 <= length),
        Kind::Gif => bytes(file, 6).map(|[a, b, c, d]| fits([a, b], [c, d], u16::from_le_bytes)),
        Kind::Jxl | Kind::Mp4 | Kind::WebM => None,
    };
    whole.unwrap_or(false)
}

/// Image data, and an end behind them.
fn png(file: &mut (impl Read + Seek), length: u64) -> Option<bool> {
    let size = bytes::<8>(file, 16)?;
    let side = |at: usize| u32::from_be_bytes([size[at], size[at + 1], size[at + 2], size[at + 3]]);
    let (mut at, mut has_data) = (8, false);
    for _ in 0..MOST {
        let [a, b, c, d, kind @ ..] = bytes::<8>(file, at)?;
        at += u64::from(u32::from_be_bytes([a, b, c, d])) + 12;
        has_data |= kind == *b"IDAT";
        if kind == *b"IEND" || at > length {
            break;
        }
    }
    let fits = (1..=LONGEST_SIDE).contains(&side(0)) && (1..=LONGEST_SIDE).contains(&side(4));
    Some(fits && has_data && at <= length)
}

/// A size, and the beginning of the data: what is cut off behind it is drawn as far as it goes.
fn jpeg(file: &mut (impl Read + Seek), length: u64) -> Option<bool> {
    let (mut at, mut has_size) = (2, false);
    for _ in 0..MOST {
        let [mark, kind, high, low] = bytes(file, at)?;
        match (mark, kind) {
            (0xff, 0xff) => at += 1,
            (0xff, 0xda) => return Some(has_size && at + 16 < length),
            (0xff, 0xc0..=0xcf) if !matches!(kind, 0xc4 | 0xc8 | 0xcc) => {
                let [a, b, c, d] = bytes(file, at + 5)?;
                has_size = fits([a, b], [c, d], u16::from_be_bytes);
                at += u64::from(u16::from_be_bytes([high, low])) + 2;
            }
            (0xff, _) => at += u64::from(u16::from_be_bytes([high, low])) + 2,
            _ => return Some(false),
        }
    }
    None
}

/// A description among boxes that end where the file does.
fn avif(file: &mut (impl Read + Seek), length: u64) -> Option<bool> {
    let (mut at, mut is_described) = (0, false);
    for _ in 0..MOST {
        let [a, b, c, d, kind @ ..] = bytes::<8>(file, at)?;
        is_described |= kind == *b"meta" || kind == *b"moov";
        at = at.saturating_add(match u32::from_be_bytes([a, b, c, d]) {
            // To the end of the file.
            0 => length - at,
            1 => u64::from_be_bytes(bytes(file, at + 8)?).max(16),
            size => u64::from(size.max(8)),
        });
        if at >= length {
            break;
        }
    }
    Some(is_described && at == length)
}

fn fits(a: [u8; 2], b: [u8; 2], side: fn([u8; 2]) -> u16) -> bool {
    [a, b].map(side).iter().all(|side| (1..=LONGEST_SIDE).contains(&u32::from(*side)))
}

fn bytes<const COUNT: usize>(file: &mut (impl Read + Seek), at: u64) -> Option<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    file.seek(SeekFrom::Start(at)).ok()?;
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}
