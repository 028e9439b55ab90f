//! Which image beside a model shows what it makes. Nothing is decoded: of damaged ones those that are cut off are told.

mod whole;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Siblings;

/// Bytes of a file, and pixels of a side, of what is shown.
pub const LARGEST: u64 = 32 << 20;
pub const LONGEST_SIDE: u32 = 16_384;

/// What follows the model's name, in this order; the extension says nothing of what is inside.
pub const SUFFIXES: [&str; 22] = [
    ".preview.png",
    ".preview.jpg",
    ".preview.jpeg",
    ".preview.webp",
    ".preview.gif",
    ".preview.avif",
    ".preview.mp4",
    ".preview.webm",
    ".webp",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".avif",
    ".jxl",
    ".mp4",
    ".webm",
    ".thumb.jpg",
    ".thumb.png",
    ".thumb.webp",
    ".swarmpreview.jpg",
    ".example.0.jpeg",
];

/// A file that shows what a model makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    pub path: PathBuf,
    pub kind: Kind,
}

/// By what the file begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Png,
    Jpeg,
    WebP,
    /// May move.
    Gif,
    Avif,
    Jxl,
    Mp4,
    WebM,
}

/// The first file that can be shown: films, and what is cut off or too large, leave it to the next one.
pub fn find(siblings: &Siblings, stem: &str) -> Option<Preview> {
    all(siblings, stem).next()
}

/// All that can be shown by their beginnings.
pub fn all(siblings: &Siblings, stem: &str) -> impl Iterator<Item = Preview> {
    let files = SUFFIXES.iter().filter_map(move |suffix| siblings.find(stem, suffix));
    files.filter_map(|(_, path)| Some(Preview { kind: shown(&path)?, path }))
}

impl Kind {
    pub fn is_film(self) -> bool {
        matches!(self, Self::Mp4 | Self::WebM)
    }

    /// Whether browsers show it, or we draw it.
    pub fn is_shown(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::WebP | Self::Gif | Self::Avif)
    }

    /// From a file's first 64 bytes.
    pub fn sniff(start: &[u8]) -> Option<Self> {
        match start {
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [b'G', b'I', b'F', b'8', ..] => Some(Self::Gif),
            [_, _, _, _, b'f', b't', b'y', b'p', brands @ ..] => Self::of_brands(start, brands),
            [0xff, 0x0a, ..] | [0, 0, 0, 0x0c, b'J', b'X', b'L', b' ', ..] => Some(Self::Jxl),
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(Self::WebM),
            _ => None,
        }
    }

    /// The first box of such a file lists what it can be read as.
    fn of_brands(start: &[u8], brands: &[u8]) -> Option<Self> {
        let length = start.first_chunk().map_or(0, |length| u32::from_be_bytes(*length) as usize);
        let listed = &brands[..brands.len().min(length.saturating_sub(8))];
        let has = |names: &[&[u8]]| listed.chunks(4).any(|brand| names.contains(&brand));
        if has(&[b"avif", b"avis"]) {
            return Some(Self::Avif);
        }
        // HEIF of other kinds, which no browser shows.
        (!has(&[b"heic", b"heix", b"hevc", b"mif1", b"msf1"])).then_some(Self::Mp4)
    }
}

/// What a file is that can be shown.
fn shown(path: &Path) -> Option<Kind> {
    // A pipe would never end.
    let known = path.metadata().ok()?;
    if !known.is_file() || known.len() > LARGEST {
        return None;
    }
    let mut file = File::open(path).ok()?;
    let mut start = Vec::new();
    file.by_ref().take(64).read_to_end(&mut start).ok()?;
    let kind = Kind::sniff(&start).filter(|kind| kind.is_shown())?;
    whole::is_whole(&mut file, kind, known.len()).then_some(kind)
}
