//! Where images are kept: a folder, or anything that speaks S3. Each image has a thumbnail beside it, made once.

mod s3;

use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::future::ready;
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, ObjectStoreScheme, PutPayload};
use url::Url;
use uuid::Uuid;

/// Pixels of a thumbnail's longer side: sharp in the history on a screen with double pixels.
pub const THUMBNAIL: u32 = 320;
const THUMBNAIL_QUALITY: f32 = 80.0;

#[derive(Clone)]
pub struct Pictures {
    store: Arc<dyn ObjectStore>,
    root: Path,
    location: Location,
}

/// Where a store is.
#[derive(Clone)]
enum Location {
    /// On this machine.
    Folder(PathBuf),
    Address(Arc<str>),
}

/// A file of the store.
pub struct Listed {
    pub file: String,
    pub made: DateTime<Utc>,
}

/// An image and its thumbnail, kept nowhere yet.
#[derive(Clone)]
pub struct Finished {
    png: Bytes,
    thumbnail: Bytes,
}

impl Finished {
    /// Makes the thumbnail.
    ///
    /// # Errors
    /// When it is no picture.
    pub async fn from(png: Vec<u8>) -> anyhow::Result<Self> {
        let png = Bytes::from(png);
        let drawn = png.clone();
        let thumbnail = tokio::task::spawn_blocking(move || thumbnail(&drawn)).await??.into();
        Ok(Self { png, thumbnail })
    }
}

/// Where an image and its thumbnail are.
pub struct Kept {
    pub file: String,
    pub thumbnail: String,
}

impl Kept {
    fn at(place: &str) -> Self {
        Self { file: format!("{place}.png"), thumbnail: format!("{place}.webp") }
    }
}

impl Pictures {
    /// `s3://bucket/folder` (with the usual `AWS_…` variables), or any other address that object_store knows.
    pub fn at(url: &str) -> anyhow::Result<Self> {
        let location = Location::Address(url.into());
        let url: Url =
            url.parse().with_context(|| format!("failed to read the address of the image store, {url:?}"))?;
        let (store, root) = open(&url).context("failed to open the image store")?;
        Ok(Self { store, root, location })
    }

    /// A folder, made when it is not there.
    pub fn in_folder(folder: &std::path::Path) -> anyhow::Result<Self> {
        let mut private = std::fs::DirBuilder::new();
        private
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("failed to create the folder {}", folder.display()))?;
        let store = object_store::local::LocalFileSystem::new_with_prefix(folder);
        let store = store.with_context(|| format!("failed to open the folder {}", folder.display()))?;
        Ok(Self { store: Arc::new(store), root: Path::default(), location: Location::Folder(folder.to_owned()) })
    }

    /// Where images are kept, for people.
    pub fn describe(&self) -> String {
        match &self.location {
            Location::Folder(folder) => genonaut_db::disk::describe(folder),
            Location::Address(address) => format!("the image store {address}"),
        }
    }

    /// The sentence for an image that found no room.
    pub fn no_room(&self) -> String {
        match &self.location {
            Location::Folder(_) => format!("The disk of the images is full: {}", self.describe()),
            Location::Address(address) => format!("The image store is full: {address}"),
        }
    }

    /// The folder that they are in, if it is one.
    pub fn folder(&self) -> Option<&std::path::Path> {
        match &self.location {
            Location::Folder(folder) => Some(folder),
            Location::Address(_) => None,
        }
    }

    /// The bytes of a file; `None` when it is not there.
    pub async fn find(&self, file: &str) -> anyhow::Result<Option<Bytes>> {
        match self.store.get(&self.path(file)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            got => Ok(Some(got.with_context(|| format!("failed to read the image {file}"))?.bytes().await?)),
        }
    }

    /// Where an image of this id goes: a folder for each month is small enough for any file browser.
    pub fn place(id: Uuid) -> String {
        format!("{}/{id}", chrono::Utc::now().format("%Y-%m"))
    }

    /// Keeps an image and its thumbnail at its place.
    pub async fn keep(&self, place: &str, image: Finished) -> anyhow::Result<Kept> {
        let kept = Kept::at(place);
        tokio::try_join!(self.put(&kept.file, image.png), self.put(&kept.thumbnail, image.thumbnail))?;
        Ok(kept)
    }

    pub async fn read(&self, file: &str) -> anyhow::Result<Bytes> {
        let got = self.store.get(&self.path(file)).await.with_context(|| format!("failed to read the image {file}"))?;
        Ok(got.bytes().await?)
    }

    /// One that is not there counts as removed.
    pub async fn remove(&self, file: &str) -> anyhow::Result<()> {
        match self.store.delete(&self.path(file)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            removed => removed.with_context(|| format!("failed to remove the image {file}")),
        }
    }

    /// Removes all that may be at a place, files half written too.
    pub async fn clear(&self, place: &str) -> anyhow::Result<()> {
        let Kept { file, thumbnail } = Kept::at(place);
        for file in [file, thumbnail] {
            self.remove(&file).await?;
            // A folder gets a file under another name first, which the store does not show.
            if let Some(folder) = self.folder() {
                let half = folder.join(format!("{file}#1"));
                match tokio::fs::remove_file(&half).await {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(error).with_context(|| format!("failed to remove {}", half.display()));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Every file in a folder, in no order.
    pub fn list(&self, folder: &str) -> BoxStream<'static, object_store::Result<Listed>> {
        let root = self.root.clone();
        let listed = move |file: ObjectMeta| {
            let below: Vec<_> = file.location.prefix_match(&root)?.map(|part| part.as_ref().to_owned()).collect();
            Some(Listed { file: below.join("/"), made: file.last_modified })
        };
        let files = self.store.list(Some(&self.path(folder)));
        files.try_filter_map(move |file| ready(Ok(listed(file)))).boxed()
    }

    /// Removes a file that was listed, and its folder when that is empty. `false` where it lies elsewhere, behind a
    /// link.
    pub async fn sweep(&self, file: &str) -> anyhow::Result<bool> {
        let Some(folder) = self.folder() else { return self.remove(file).await.map(|()| true) };
        let place = folder.join(file);
        let inner = place.parent().unwrap_or(folder);
        let (Ok(ours), Ok(real)) = (tokio::fs::canonicalize(folder).await, tokio::fs::canonicalize(inner).await) else {
            return Ok(false);
        };
        if Some(real.as_path()) != ours.join(file).parent() {
            return Ok(false);
        }
        self.remove(file).await?;
        // Most have others in them.
        let _ = tokio::fs::remove_dir(inner).await;
        Ok(true)
    }

    pub async fn put(&self, file: &str, bytes: Bytes) -> anyhow::Result<()> {
        let written = self.store.put(&self.path(file), PutPayload::from_bytes(bytes)).await;
        written.map(drop).with_context(|| format!("failed to write the image {file}"))
    }

    fn path(&self, file: &str) -> Path {
        file.split('/').fold(self.root.clone(), |path, part| path.join(part))
    }
}

fn open(url: &Url) -> object_store::Result<(Arc<dyn ObjectStore>, Path)> {
    let (scheme, root) = ObjectStoreScheme::parse(url)?;
    if scheme == ObjectStoreScheme::AmazonS3 {
        return Ok((Arc::new(s3::open(url)?), root));
    }
    // Folders are all that is left, and have no settings.
    let (store, root) = object_store::parse_url(url)?;
    Ok((store.into(), root))
}

/// Whether a write failed for want of room.
pub fn is_full(error: &anyhow::Error) -> bool {
    let causes = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge];
    causes.map(std::io::Error::kind).any(|kind| full.contains(&kind))
}

fn thumbnail(png: &[u8]) -> anyhow::Result<Vec<u8>> {
    let small =
        image::load_from_memory(png).context("failed to read the finished image")?.thumbnail(THUMBNAIL, THUMBNAIL);
    Ok(webp(&small.to_rgb8().into()))
}

/// Small enough for a card, with whatever of it is transparent.
pub(crate) fn webp(picture: &image::DynamicImage) -> Vec<u8> {
    let (width, height) = (picture.width(), picture.height());
    let packed = match picture.color().has_alpha() {
        true => webp::Encoder::from_rgba(&picture.to_rgba8(), width, height).encode(THUMBNAIL_QUALITY),
        false => webp::Encoder::from_rgb(&picture.to_rgb8(), width, height).encode(THUMBNAIL_QUALITY),
    };
    packed.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_image_is_kept_with_a_small_one_beside_it() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let pictures = Pictures::in_folder(&folder.path().join("new/images"))?;
        let mut png = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(640, 320).write_to(&mut png, image::ImageFormat::Png)?;
        let kept =
            pictures.keep(&Pictures::place(Uuid::new_v4()), Finished::from(png.get_ref().clone()).await?).await?;
        assert_eq!(pictures.read(&kept.file).await?, png.into_inner());
        let small = webp::Decoder::new(&pictures.read(&kept.thumbnail).await?).decode().map(|small| small.width());
        assert_eq!(small, Some(THUMBNAIL));
        pictures.remove(&kept.file).await?;
        pictures.remove(&kept.file).await?;
        assert!(pictures.read(&kept.file).await.is_err());
        Ok(())
    }
}
