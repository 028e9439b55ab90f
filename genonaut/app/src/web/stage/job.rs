//! A job as the stage and the history show it.

use genonaut_db::jobs::{Job, State};
use serde::Serialize;
use uuid::Uuid;

#[derive(Debug, Clone, Serialize)]
pub struct JobView {
    pub id: Uuid,
    pub waits: bool,
    pub open: bool,
    pub images: i32,
    pub made: i32,
    /// Of the image in work.
    pub step: i32,
    pub steps: i32,
    /// Of the image in work, and of the whole job.
    pub image_percent: i32,
    pub percent: i32,
    /// Pixels of its images.
    #[serde(skip)]
    pub width: i64,
    #[serde(skip)]
    pub height: i64,
    /// What it waits for, where that is more than its turn.
    #[serde(skip)]
    pub why: String,
    #[serde(skip)]
    pub problem: String,
    #[serde(skip)]
    pub hint: String,
}

impl From<&Job> for JobView {
    fn from(job: &Job) -> Self {
        let image_percent = if job.steps > 0 { job.step * 100 / job.steps } else { 0 };
        Self {
            id: job.id,
            waits: job.state == State::Waiting,
            open: job.is_open(),
            images: job.images,
            made: job.made,
            step: job.step,
            steps: job.steps,
            image_percent,
            percent: (job.made * 100 + image_percent) / job.images.max(1),
            width: job.recipe["width"].as_i64().unwrap_or(1024),
            height: job.recipe["height"].as_i64().unwrap_or(1024),
            why: String::new(),
            problem: job.problem.clone().unwrap_or_default(),
            hint: job.hint.clone().unwrap_or_default(),
        }
    }
}

impl JobView {
    /// The image in work, counted from 1.
    pub fn number(&self) -> i32 {
        (self.made + 1).min(self.images)
    }

    /// Images that come after the one in work, as far as the history keeps places for them.
    pub fn behind(&self) -> std::ops::Range<i32> {
        0..(self.images - self.number()).clamp(0, 24)
    }

    /// Places of the images that are still to come, counted from 1.
    pub fn pending(&self) -> std::ops::RangeInclusive<i32> {
        self.made + 1..=self.images
    }
}
