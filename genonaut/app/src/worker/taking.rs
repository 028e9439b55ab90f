//! Which job comes next, and what becomes of one that this engine could not make.

use genonaut_db::jobs::{self, Ending, Lease, Taker};
use genonaut_engines::{Failure, Kind};
use uuid::Uuid;

use super::Worker;
use super::health::Known;
use super::making::End;

/// Jobs of the loaded checkpoint that may come before older ones, in a row: loading another takes up to a minute, and
/// nobody is to wait for ever.
const MOST_IN_A_ROW: u32 = 4;
/// Attempts of a job that its engine loses again and again, or that it goes away with.
const MOST_LOSSES: i32 = 3;

/// What the engine has made last.
#[derive(Debug, Default)]
pub(super) struct Taking {
    loaded: Option<Uuid>,
    in_a_row: u32,
}

impl Taking {
    pub fn taker(&self, worker: &Worker) -> Taker {
        let prefers = self.loaded.filter(|_| self.in_a_row < MOST_IN_A_ROW);
        let (uses_models, lists_models) = (worker.engine.uses_models(), worker.engine.lists_models());
        Taker { engine: worker.id, name: worker.name.clone(), uses_models, lists_models, prefers }
    }

    /// Remembers the job's checkpoint. `true` when another one is loaded now.
    pub fn took(&mut self, checkpoint: Option<Uuid>, end: &End) -> bool {
        let loaded = match end {
            End::With(Ending::Done | Ending::Cancelled) => checkpoint,
            End::Failed(_) => None,
            _ => self.loaded,
        };
        let is_another = loaded != self.loaded;
        self.in_a_row = if is_another || self.in_a_row >= MOST_IN_A_ROW { 1 } else { self.in_a_row + 1 };
        self.loaded = loaded;
        is_another
    }
}

impl Worker {
    /// Another engine may be able to; where none is, the job ends with the reason.
    pub(super) async fn failed(&self, lease: &Lease, taker: &Taker, failure: &Failure) -> anyhow::Result<()> {
        let Failure { title, hint, kind, .. } = failure;
        if *kind == Kind::Unreachable {
            // No more jobs until it answers again.
            let now = |known: &mut Known| known.reachable = Some(false);
            self.known.send_modify(now);
            self.tell_now(Some(failure)).await?;
        }
        let for_good = !failure.is_worth_another_try();
        if failure.is_worth_another_engine() && jobs::pass_on(&self.db, lease, taker, (title, hint), for_good).await? {
            tracing::info!("job {} was passed to another engine: {failure}", lease.job.number);
            return Ok(());
        }
        // Jobs behind this one wait for the engine to come back, and so does this one.
        if failure.is_worth_another_try() && lease.job.attempts < MOST_LOSSES {
            return Ok(jobs::release(&self.db, lease, true).await?);
        }
        let ending = Ending::Failed { problem: title.clone(), hint: hint.clone() };
        jobs::finish(&self.db, lease, &ending).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loaded_checkpoint_comes_first_but_not_for_ever() {
        let (mut taking, loaded) = (Taking::default(), Some(Uuid::new_v4()));
        let mut preferred = Vec::new();
        for _ in 0..6 {
            preferred.push(taking.loaded.is_some() && taking.in_a_row < MOST_IN_A_ROW);
            taking.took(loaded, &End::With(Ending::Done));
        }
        assert_eq!(preferred, [false, true, true, true, false, true]);
    }
}
