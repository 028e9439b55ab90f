//! Which picture or film beside a model shows what it makes. Nothing is decoded.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Siblings;

/// What follows the model's name, in this order; the extension says nothing of what is inside.
pub const SUFFIXES: [&str; 18] = [
    ".preview.png",
    ".preview.jpg",
    ".preview.jpeg",
    ".preview.webp",
    ".preview.gif",
    ".preview.mp4",
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

/// The first file that is what its place promises: a picture or a film.
pub fn find(siblings: &Siblings, stem: &str) -> Option<Preview> {
    let files = SUFFIXES.iter().filter_map(|suffix| siblings.find(stem, suffix));
    files.into_iter().find_map(|(_, path)| Some(Preview { kind: kind_of(&path)?, path }))
}

impl Kind {
    pub fn is_film(self) -> bool {
        matches!(self, Self::Mp4 | Self::WebM)
    }

    /// From a file's first 12 bytes.
    pub fn sniff(start: &[u8]) -> Option<Self> {
        match start {
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [b'G', b'I', b'F', b'8', ..] => Some(Self::Gif),
            [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => Some(Self::Avif),
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Self::Mp4),
            [0xff, 0x0a, ..] | [0, 0, 0, 0x0c, b'J', b'X', b'L', b' ', ..] => Some(Self::Jxl),
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(Self::WebM),
            _ => None,
        }
    }
}

fn kind_of(path: &Path) -> Option<Kind> {
    // A pipe would never end.
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut start = Vec::new();
    File::open(path).ok()?.take(12).read_to_end(&mut start).ok()?;
    Kind::sniff(&start)
}
