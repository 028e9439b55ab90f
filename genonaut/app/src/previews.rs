//! Pictures beside models' files, made small once and kept with the images.

pub mod sweep;

use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, ensure};
use bytes::Bytes;
use genonaut_db::library;
use genonaut_sources::folder::text;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use tokio::sync::Semaphore;

use crate::app::App;
use crate::pictures::webp;

/// Pixels of the longer side: sharp on a card of a screen with double pixels.
const LONGER_SIDE: u32 = 512;
const LARGEST_FILE: u64 = 32 << 20;
const LONGEST_SIDE: u32 = 16_384;
const MOST_MEMORY: u64 = 512 << 20;
/// A page asks for dozens at once; each can take as much memory as that.
static DRAWING: Semaphore = Semaphore::const_new(2);

/// The picture that this name stands for, as WebP.
///
/// # Errors
/// Whatever keeps it from being shown: no such picture, a film, too large, broken.
pub async fn thumbnail(app: &App, name: &str) -> anyhow::Result<Bytes> {
    ensure!(is_name(name), "it is no name of a picture");
    let kept = kept(name);
    if let Ok(webp) = app.pictures.read(&kept).await {
        return Ok(webp);
    }
    let (root, below) = library::preview(&app.db, name).await?.context("no file has this picture")?;
    let path = place(&root, &below)?;
    let _drawing = DRAWING.acquire().await?;
    let webp = Bytes::from(tokio::task::spawn_blocking(move || small(&path)).await??);
    app.pictures.put(&kept, webp.clone()).await?;
    Ok(webp)
}

/// The number of a file and the digest of what lies beside it.
fn is_name(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.split_once('-').is_some_and(|(file, digest)| digits(file) && digits(digest))
}

/// Where its small picture is kept.
fn kept(name: &str) -> String {
    format!("previews/{}.webp", name.replace('-', "/"))
}

/// Below the root, whatever the catalogue says.
fn place(root: &str, below: &str) -> anyhow::Result<PathBuf> {
    let below = text::path(below);
    let plain = |part: Component| matches!(part, Component::Normal(_));
    ensure!(below.components().all(plain), "{} leads out of its folder", below.display());
    Ok(text::path(root).join(below))
}

fn small(path: &Path) -> anyhow::Result<Vec<u8>> {
    Ok(webp(&decode(read(path)?)?.thumbnail(LONGER_SIDE, LONGER_SIDE)))
}

/// Neither a pipe that never ends nor a file that fills the memory.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    ensure!(std::fs::metadata(path)?.is_file(), "{} is no file", path.display());
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= LARGEST_FILE, "{} is larger than {LARGEST_FILE} bytes", path.display());
    Ok(bytes)
}

/// The first frame, the right way up.
fn decode(bytes: Vec<u8>) -> anyhow::Result<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    reader.limits(limits());
    let mut decoder = reader.into_decoder()?;
    let turned = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(turned);
    Ok(picture)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    limits
}
