//! A backup laid out beside the places that its files are for, so that each is one rename away from its own.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::{Builder, TempDir};

use crate::backup::manifest::Manifest;
use crate::backup::{DATABASE, IMAGES, Places, Progress, SETTINGS, WILDCARDS, archive};

/// Goes with everything in it that was not moved.
pub struct Stage {
    dump: PathBuf,
    images: PathBuf,
    moves: Vec<(PathBuf, PathBuf)>,
    _folders: Vec<TempDir>,
}

/// The places that its files need.
pub fn places(places: &Places, manifest: &Manifest) -> Vec<PathBuf> {
    let names = |kind: &'static str| manifest.files.iter().filter_map(move |file| file.name.strip_prefix(kind));
    let mut all: Vec<PathBuf> = names(SETTINGS).map(|name| places.data.join(name)).collect();
    all.extend(places.images.folder().filter(|_| names(IMAGES).next().is_some()).map(Path::to_owned));
    all.extend(names(WILDCARDS).next().map(|_| places.wildcards.clone()));
    all
}

impl Stage {
    pub fn unpack<R: Read>(
        input: &mut R,
        places: &Places,
        manifest: &Manifest,
        progress: &impl Progress,
    ) -> anyhow::Result<Self> {
        let settings = beside(&places.data.join("settings"))?;
        let wildcards = beside(&places.wildcards)?;
        let images = match places.images.folder() {
            Some(folder) => beside(folder)?,
            None => beside(&places.data.join("images"))?,
        };
        let roots = [
            (SETTINGS, settings.path().join("settings")),
            (WILDCARDS, wildcards.path().join("wildcards")),
            (IMAGES, images.path().join("images")),
        ];
        let dump = settings.path().join(DATABASE);
        progress.begin("files", manifest.files.len() as u64);
        archive::each(input, |name, _, content| {
            let inside = roots.iter().find_map(|(kind, root)| Some(root.join(name.strip_prefix(kind)?)));
            let path = if name == DATABASE { Some(dump.clone()) } else { inside };
            progress.step();
            path.map_or(Ok(()), |path| unpack(content, &path))
        })?;
        let [(_, settings_root), (_, wildcards_root), (_, images_root)] = roots;
        let mut moves = Vec::new();
        for file in &manifest.files {
            if let Some(name) = file.name.strip_prefix(SETTINGS) {
                moves.push((settings_root.join(name), places.data.join(name)));
            }
        }
        if wildcards_root.exists() {
            moves.push((wildcards_root, places.wildcards.clone()));
        }
        if let Some(folder) = places.images.folder().filter(|_| images_root.exists()) {
            moves.push((images_root.clone(), folder.to_owned()));
        }
        Ok(Self { dump, images: images_root, moves, _folders: vec![settings, wildcards, images] })
    }

    /// The database's part.
    pub fn dump(&self) -> &Path {
        &self.dump
    }

    /// The folder of the images, which may not be there when there are none.
    pub fn images(&self) -> &Path {
        &self.images
    }

    /// From where to where.
    pub fn moves(&self) -> &[(PathBuf, PathBuf)] {
        &self.moves
    }
}

/// A folder of its own on the same disk as the place.
fn beside(place: &Path) -> anyhow::Result<TempDir> {
    let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = || format!("failed to write into the folder {}", parent.display());
    fs::create_dir_all(parent).with_context(failed)?;
    Builder::new().prefix(".genonaut-restore-").tempdir_in(parent).with_context(failed)
}

fn unpack(content: &mut impl Read, path: &Path) -> anyhow::Result<()> {
    let failed = || format!("failed to write {}", path.display());
    fs::create_dir_all(path.parent().unwrap_or(path)).with_context(failed)?;
    let mut file = File::create_new(path).with_context(failed)?;
    io::copy(content, &mut file).with_context(failed)?;
    // It is to be there as surely as the database is.
    file.sync_all().with_context(failed)
}
