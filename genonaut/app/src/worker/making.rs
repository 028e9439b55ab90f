//! One job, image by image.

use std::time::{Duration, Instant};

use genonaut_db::DbError;
use genonaut_db::jobs::{self, Ending, Lease, Renewal};
use genonaut_engines::{Failure, Kind, Picture, Progress, Request};
use tokio::sync::watch;
use uuid::Uuid;

use super::Worker;
use super::keeping::Finishing;
use super::outage::is_outage;
use crate::recipe::Recipe;

/// How often progress is told at most.
const BEAT: Duration = Duration::from_millis(100);

/// How the work on a job ended.
pub(super) enum End {
    With(Ending),
    /// No image came of it here.
    Failed(Failure),
    /// This worker is to stop; another goes on.
    Stopped,
    /// Another worker has the job.
    Lost,
}

type Made = Result<Result<Picture, Failure>, End>;

impl Worker {
    /// Makes what is still missing of the job's images.
    pub(super) async fn make(&self, lease: &Lease, stop: &mut watch::Receiver<bool>) -> anyhow::Result<End> {
        let job = &lease.job;
        let recipe: Recipe = match serde_json::from_value(job.recipe.clone()) {
            Ok(recipe) => recipe,
            Err(error) => {
                let failure = Failure::new(Kind::Refused, "The recipe of this job cannot be read", error.to_string());
                return Ok(End::Failed(failure));
            }
        };
        for place in job.made..job.images {
            let seed = recipe.seed.unwrap_or_default().wrapping_add(place.into()) & i64::MAX;
            let started = Instant::now();
            let recipe = recipe.at(place);
            let plain = recipe.plain();
            let mut request = plain.request(seed);
            let held = self.known.borrow().inventory.clone();
            let located = super::models::locate(&self.db, &plain, &mut request, &self.engine, held.as_deref()).await?;
            if let Err(failure) = located {
                return Ok(End::Failed(failure));
            }
            // The same again for whoever takes this image over: an engine that has it in work goes on with it.
            request.attempt = Some(Uuid::from_u128(job.id.as_u128() ^ u128::from(place.unsigned_abs())));
            let picture = match self.one(lease, &request, stop).await? {
                Ok(Ok(picture)) => picture,
                Ok(Err(failure)) => return Ok(End::Failed(failure)),
                Err(end) => return Ok(end),
            };
            let seconds = started.elapsed().as_secs_f64();
            let made = Finishing { lease, recipe: &recipe, place, seed, seconds };
            if let Some(end) = self.keep(made, picture, stop).await? {
                return Ok(end);
            }
        }
        // Its last image has ended it; this ends one whose images were all there.
        Ok(End::With(Ending::Done))
    }

    /// Makes one image, renewing the lease and listening for a cancel meanwhile.
    async fn one(&self, lease: &Lease, request: &Request, stop: &mut watch::Receiver<bool>) -> anyhow::Result<Made> {
        let (tell, mut told) = watch::channel(None::<Progress>);
        let making = self.engine.make(request, |progress| drop(tell.send_replace(Some(progress))));
        tokio::pin!(making);
        // The lease is fresh: what is told at once would only keep the engine waiting.
        let every = BEAT.min(self.lease / 3);
        let mut beat = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
        let mut asked = None;
        let mut renewed = Instant::now().checked_sub(self.lease).unwrap_or_else(Instant::now);
        loop {
            tokio::select! {
                biased;
                made = &mut making => return Ok(Ok(made)),
                _ = stop.changed() => return Ok(Err(End::Stopped)),
                _ = beat.tick() => {}
            }
            match self.hurry(lease, &mut asked).await {
                Err(error) if is_outage(&error) => {}
                hurried => hurried?,
            }
            let news = told.has_changed().unwrap_or(false);
            if !news && renewed.elapsed() < self.lease / 3 {
                continue;
            }
            let progress = told.borrow_and_update().clone();
            let done = progress.as_ref().map_or((0, request.steps), |progress| (progress.step, progress.steps));
            let preview = progress.as_ref().and_then(|progress| progress.preview.as_deref());
            let renewal = match jobs::renew(&self.db, lease, done, preview).await {
                // The image goes on; whether the job is still ours is known when the database is back.
                Err(error) if is_outage(&error) => continue,
                renewal => renewal?,
            };
            match renewal {
                Renewal::Kept => renewed = Instant::now(),
                Renewal::Cancelled => return Ok(Err(End::With(Ending::Cancelled))),
                Renewal::Lost => return Ok(Err(End::Lost)),
            }
        }
    }

    /// While the engine's server is away: it is waited for as long as nobody else can make the image. `asked` is when that
    /// was looked at last.
    async fn hurry(&self, lease: &Lease, asked: &mut Option<Instant>) -> Result<(), DbError> {
        let Some(comfyui) = self.engine.comfyui() else { return Ok(()) };
        let away = self.known.borrow().reachable == Some(false);
        if !away {
            comfyui.hurry(false);
        } else if asked.is_none_or(|at| at.elapsed() >= self.beat) {
            *asked = Some(Instant::now());
            comfyui.hurry(jobs::can_pass_on(&self.db, lease, self.id, self.engine.uses_models()).await?);
        }
        Ok(())
    }
}
