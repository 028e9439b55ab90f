//! Images day by day, the latest first.

use chrono::{DateTime, Days, Utc};
use genonaut_db::images::Image;
use genonaut_db::jobs::Job;
use uuid::Uuid;

use super::{ImageView, JobView};
use crate::web::query::{Recipe, ShownImages};

pub struct History {
    pub days: Vec<Day>,
    /// Where older images are asked for.
    pub older: Option<String>,
    /// The oldest image here; none before it is here.
    pub last: i64,
}

pub struct Day {
    pub label: String,
    /// Before all images, the places of those that are being made: what is there already stays where it is.
    pub ghost: Option<Ghost>,
    pub images: Vec<ImageView>,
}

/// The job that is being worked on.
pub struct Ghost {
    pub job: JobView,
    /// It is what the stage shows.
    pub current: bool,
}

impl History {
    pub fn new(images: Vec<Image>, more: bool, job: Option<&Job>, recipe: &Recipe) -> Self {
        let last = images.last().map_or(0, |image| image.number);
        let mut older = form_urlencoded::Serializer::new("/ui/images?".to_owned());
        older.append_pair("before", &last.to_string()).append_pair("shown", recipe.shown.word());
        let checkpoint = recipe.checkpoint.filter(|_| recipe.shown == ShownImages::Checkpoint);
        older.extend_pairs(checkpoint.map(|id| ("checkpoint", id.to_string())));
        let now = Utc::now();
        let ghost = job.map(|job| Ghost { job: JobView::from(job), current: false });
        Self { days: with(ghost, days(&images, now), now), older: more.then(|| older.finish()), last }
    }

    pub fn mark(&mut self, shown: Option<Uuid>) {
        for ghost in self.days.iter_mut().filter_map(|day| day.ghost.as_mut()) {
            ghost.current = shown.is_none();
        }
        for image in self.days.iter_mut().flat_map(|day| &mut day.images) {
            image.current = Some(image.id) == shown;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }
}

/// On its day, which may have no image yet.
fn with(ghost: Option<Ghost>, mut days: Vec<Day>, now: DateTime<Utc>) -> Vec<Day> {
    let Some(ghost) = ghost else { return days };
    let today = label(now, now);
    match days.first_mut().filter(|day| day.label == today) {
        Some(day) => day.ghost = Some(ghost),
        None => days.insert(0, Day { label: today, ghost: Some(ghost), images: Vec::new() }),
    }
    days
}

fn days(images: &[Image], now: DateTime<Utc>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for image in images {
        let label = label(image.last_created, now);
        match days.last_mut().filter(|day| day.label == label) {
            Some(day) => day.images.push(image.into()),
            None => days.push(Day { label, ghost: None, images: vec![image.into()] }),
        }
    }
    days
}

fn label(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (day, today) = (at.date_naive(), now.date_naive());
    if day == today {
        "Today".to_owned()
    } else if today.checked_sub_days(Days::new(1)) == Some(day) {
        "Yesterday".to_owned()
    } else {
        day.format("%-d %B %Y").to_string()
    }
}
