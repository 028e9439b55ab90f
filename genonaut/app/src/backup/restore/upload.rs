//! Images put into a store that is no folder. What it has is never overwritten.

use std::fs;

use anyhow::{Context, bail};

use super::stage::Stage;
use crate::backup::IMAGES;
use crate::backup::manifest::Manifest;
use crate::pictures::Pictures;

/// What was put there.
#[derive(Default)]
pub struct Uploads {
    done: Vec<String>,
}

impl Uploads {
    /// # Errors
    /// When the store fails, or has another file of the same name.
    pub async fn put(&mut self, store: &Pictures, stage: &Stage, manifest: &Manifest) -> anyhow::Result<()> {
        for name in manifest.files.iter().filter_map(|file| file.name.strip_prefix(IMAGES)) {
            let bytes = fs::read(stage.images().join(name)).with_context(|| format!("failed to read {name}"))?;
            match store.find(name).await? {
                Some(there) if there == bytes => {}
                Some(_) => bail!("{} has another {name} already; name an empty store", store.describe()),
                None => {
                    store.put(name, bytes.into()).await?;
                    self.done.push(name.to_owned());
                }
            }
        }
        Ok(())
    }

    /// Removes it again.
    pub async fn undo(self, store: &Pictures) {
        for name in &self.done {
            if let Err(error) = store.remove(name).await {
                tracing::error!("{error:#}");
            }
        }
    }
}
