//! Keeping a finished image. While the disk or the image store is full it waits here, with the job: no attempt is lost,
//! and no image.

use std::time::Duration;

use anyhow::Context;
use genonaut_db::jobs::{self, Ending, Lease, NewImage, Renewal};
use genonaut_engines::Picture;
use tokio::sync::watch;
use uuid::Uuid;

use super::Worker;
use super::making::End;
use super::outage::is_outage;
use crate::pictures::{self, Finished, Kept, Pictures};
use crate::recipe::Recipe;

/// How often a full disk or store is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// An image of a job that has been made and not kept yet.
#[derive(Clone, Copy)]
pub(super) struct Finishing<'a> {
    pub lease: &'a Lease,
    pub recipe: &'a Recipe,
    pub place: i32,
    pub seed: i64,
    pub seconds: f64,
}

impl Worker {
    /// An end when the job has ended otherwise meanwhile: the picture does not count, and its files go.
    pub(super) async fn keep(
        &self,
        made: Finishing<'_>,
        picture: Picture,
        stop: &mut watch::Receiver<bool>,
    ) -> anyhow::Result<Option<End>> {
        let (lease, id) = (made.lease, Uuid::now_v7());
        let png =
            made.recipe.sign(&self.db, &picture.png, made.seed).await.context("write the recipe into the image")?;
        let at = Pictures::place(id);
        let writes = async {
            let writes = self.through_outages(stop, || jobs::writes(&self.db, lease, &at)).await;
            Ok(writes?)
        };
        let (writes, finished) = tokio::try_join!(writes, Finished::from(png))?;
        match writes {
            None => return Ok(Some(End::Stopped)),
            Some(false) => return Ok(Some(End::Lost)),
            Some(true) => {}
        }
        let kept = match self.put(lease, &at, finished, stop).await? {
            Ok(kept) => kept,
            Err(end) => {
                self.pictures.clear(&at).await?;
                return Ok(Some(end));
            }
        };
        let (file, thumbnail) = (kept.file.clone(), kept.thumbnail.clone());
        let (width, height) = (i32::try_from(picture.width)?, i32::try_from(picture.height)?);
        let Finishing { place, seed, seconds, .. } = made;
        let image = NewImage { id, place, file, thumbnail, width, height, seed, seconds };
        if jobs::store(&self.db, lease, &image).await? {
            return Ok(None);
        }
        self.pictures.remove(&kept.file).await?;
        self.pictures.remove(&kept.thumbnail).await?;
        Ok(Some(End::Lost))
    }

    /// Writes the files, as soon as there is room.
    async fn put(
        &self,
        lease: &Lease,
        at: &str,
        finished: Finished,
        stop: &mut watch::Receiver<bool>,
    ) -> anyhow::Result<Result<Kept, End>> {
        loop {
            match self.pictures.keep(at, finished.clone()).await {
                Err(error) if pictures::is_full(&error) => {
                    tracing::warn!("{error:#}");
                    self.pause(Some(self.pictures.no_room())).await;
                }
                kept => {
                    self.pause(None).await;
                    return Ok(Ok(kept?));
                }
            }
            if let Some(end) = self.wait_for_room(lease, stop).await? {
                self.pause(None).await;
                return Ok(Err(end));
            }
        }
    }

    /// A moment, with the job held. An end when that is over.
    async fn wait_for_room(&self, lease: &Lease, stop: &mut watch::Receiver<bool>) -> anyhow::Result<Option<End>> {
        tokio::select! {
            () = tokio::time::sleep(AGAIN.min(self.lease / 3)) => {}
            _ = stop.changed() => return Ok(Some(End::Stopped)),
        }
        let steps = (1, 1);
        Ok(match jobs::renew(&self.db, lease, steps, None).await {
            Err(error) if is_outage(&error) => None,
            renewal => match renewal? {
                Renewal::Kept => None,
                Renewal::Cancelled => Some(End::With(Ending::Cancelled)),
                Renewal::Lost => Some(End::Lost),
            },
        })
    }
}
