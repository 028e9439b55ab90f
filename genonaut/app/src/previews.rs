//! Images beside models' files, made small once and kept with the generated ones.

pub mod sweep;

use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, ensure};
use bytes::Bytes;
use genonaut_db::library;
use genonaut_db::library::PreviewFile;
use genonaut_sources::folder::{self, Origin, Root, text};
use genonaut_sources::meaning::Siblings;
use genonaut_sources::meaning::preview::{self, Kind, LARGEST, LONGEST_SIDE};
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::pictures::webp;

/// Pixels of the longer side: sharp on a card of a screen with double pixels.
const LONGER_SIDE: u32 = 512;
const MOST_MEMORY: u64 = 512 << 20;
/// A page asks for dozens at once; each can take as much memory as that.
static DRAWING: Semaphore = Semaphore::const_new(2);

/// An image for a browser.
pub struct Shown {
    pub bytes: Bytes,
    pub content_type: &'static str,
}

/// The image that this name stands for, small and as WebP; AVIF as it is, which every browser shows and we do not decode.
/// Where it turns out to be damaged, the next one beside the model stands in.
///
/// # Errors
/// Whatever keeps all of them from being shown: no such image, too large, broken.
pub async fn thumbnail(app: &App, name: &str) -> anyhow::Result<Shown> {
    ensure!(is_name(name), "not a valid preview name");
    let kept = kept(name);
    if let Ok(bytes) = app.pictures.read(&kept).await {
        return Ok(Shown { bytes, content_type: "image/webp" });
    }
    let file = library::preview(&app.db, name).await?.context("no file for this preview")?;
    let drawing = DRAWING.acquire().await?;
    // The turn lasts as long as the work, whoever has stopped waiting for it.
    let (shown, _drawing) = tokio::task::spawn_blocking(move || (shown(&file), drawing)).await?;
    let shown = shown?;
    if shown.content_type == "image/webp" {
        app.pictures.put(&kept, shown.bytes.clone()).await?;
    }
    Ok(shown)
}

/// Keeps an image that a person has chosen for a model. Returns its name.
///
/// # Errors
/// When it is no image that can be read, or the store fails.
pub async fn keep(app: &App, bytes: Vec<u8>) -> anyhow::Result<String> {
    keep_drawn(app, move || drawn(bytes)).await
}

/// The same of a file, which is removed.
///
/// # Errors
/// As above.
pub async fn keep_file(app: &App, file: TempPath) -> anyhow::Result<String> {
    keep_drawn(app, move || drawn(read(&file)?)).await
}

async fn keep_drawn(
    app: &App,
    draw: impl FnOnce() -> anyhow::Result<Vec<u8>> + Send + 'static,
) -> anyhow::Result<String> {
    let drawing = DRAWING.acquire().await?;
    let (small, _drawing) = tokio::task::spawn_blocking(move || (draw(), drawing)).await?;
    let small = small?;
    let digest: Vec<String> = Sha256::digest(&small).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    // No file's number is 0.
    let name = format!("0-{}", digest.concat());
    app.pictures.put(&kept(&name), small.into()).await?;
    Ok(name)
}

fn drawn(bytes: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    Ok(webp(&decode(bytes)?.thumbnail(LONGER_SIDE, LONGER_SIDE)))
}

/// The number of a file and the digest of what lies beside it.
fn is_name(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.split_once('-').is_some_and(|(file, digest)| digits(file) && digits(digest))
}

/// Where its small picture is kept.
pub(crate) fn kept(name: &str) -> String {
    format!("previews/{}.webp", name.replace('-', "/"))
}

/// Below the root, whatever the catalogue says.
fn place(root: &str, below: &str) -> anyhow::Result<PathBuf> {
    let below = text::path(below);
    let plain = |part: Component| matches!(part, Component::Normal(_));
    ensure!(below.components().all(plain), "{} points outside its folder", below.display());
    Ok(text::path(root).join(below))
}

fn shown(file: &PreviewFile) -> anyhow::Result<Shown> {
    let first = small(&place(&file.root, &file.preview)?);
    first.or_else(|error| others(file).iter().find_map(|path| small(path).ok()).ok_or(error))
}

/// Whatever else beside the model can be shown.
fn others(file: &PreviewFile) -> Vec<PathBuf> {
    let root = Root { path: text::path(&file.root), kind: None, origin: Origin::Plain, shallow: true };
    let Some(folder) = folder::again(&root, &text::path(&file.folder)) else { return Vec::new() };
    let siblings = Siblings::listed(&root.path.join(&folder.path), folder.beside);
    let stem = text::path(&file.name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    preview::all(&siblings, &stem).map(|preview| preview.path).collect()
}

fn small(path: &Path) -> anyhow::Result<Shown> {
    let bytes = read(path)?;
    if Kind::sniff(&bytes) == Some(Kind::Avif) {
        return Ok(Shown { bytes: bytes.into(), content_type: "image/avif" });
    }
    Ok(Shown { bytes: drawn(bytes)?.into(), content_type: "image/webp" })
}

/// Neither a pipe that never ends nor a file that fills the memory.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    ensure!(std::fs::metadata(path)?.is_file(), "{} is not a file", path.display());
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= LARGEST, "{} is larger than {LARGEST} bytes", path.display());
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
