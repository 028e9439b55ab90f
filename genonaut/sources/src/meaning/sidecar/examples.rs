//! How the images that an author shows were made: each is a hint of what works. Only what most of several share is a setting.

use std::cmp::Reverse;

use serde_json::Value;

use super::super::Usage;
use super::Fields;
use super::json::Read;
use crate::picture::{Program, samplers};

/// More images tell nothing new.
const MOST: usize = 100;
/// Fewer are no several.
const SEVERAL: usize = 3;

/// The settings that more than half of several images share, each by itself.
pub fn agreed(images: &[Value]) -> Usage {
    settings(images, &shared::<u32>, &shared::<Sampler>, &shared::<(u32, u32)>)
}

/// Those of the middle image, or of the most.
pub fn hints(images: &[Value]) -> Option<Usage> {
    let hints = settings(images, &median, &most_frequent::<Sampler>, &most_frequent::<(u32, u32)>);
    Some(hints).filter(|hints| *hints != Usage::default())
}

type Sampler = (&'static str, Option<&'static str>);
type Choose<'a, T> = &'a dyn Fn(Vec<T>) -> Option<T>;

fn settings(images: &[Value], number: Choose<u32>, sampler: Choose<Sampler>, sides: Choose<(u32, u32)>) -> Usage {
    let made: Vec<&Fields> = images.iter().take(MOST).filter_map(|image| image.get("meta")?.as_object()).collect();
    let counts = |key: &str| number(made.iter().filter_map(|meta| meta.count(key)).collect());
    let sampler = sampler(made.iter().filter_map(|meta| sampling(meta)).collect());
    let size = sides(made.iter().filter_map(|meta| size(&meta.text("Size")?)).collect());
    // Tenths, so that there is a middle one.
    let cfg = made.iter().filter_map(|meta| Some((meta.number("cfgScale")? * 10.0).round() as u32));
    Usage {
        width: size.map(|(width, _)| width),
        height: size.map(|(_, height)| height),
        steps: counts("steps"),
        cfg: number(cfg.collect()).map(|tenths| f64::from(tenths) / 10.0).filter(|cfg| *cfg > 0.0),
        sampler: sampler.map(|(id, _)| id.to_owned()),
        scheduler: sampler.and_then(|(_, scheduler)| scheduler.map(str::to_owned)),
        clip_skip: counts("clipSkip").or_else(|| counts("Clip skip")),
        ..Usage::default()
    }
}

/// Sampler and scheduler, in the words of the program that made the picture.
fn sampling(meta: &Fields) -> Option<(&'static str, Option<&'static str>)> {
    let schedule = meta.text("Schedule type").or_else(|| meta.text("scheduler"));
    let sampling = samplers::sampling(&meta.text("sampler")?, schedule.as_deref(), Program::A1111);
    Some((sampling.sampler?, sampling.scheduler))
}

/// `832x1216`
fn size(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

fn median(mut values: Vec<u32>) -> Option<u32> {
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}

fn shared<T: PartialEq + Copy>(values: Vec<T>) -> Option<T> {
    let of_all = values.len();
    let most = most_frequent(values.clone())?;
    let times = values.iter().filter(|value| **value == most).count();
    (of_all >= SEVERAL && times * 2 > of_all).then_some(most)
}

/// Of equals the first.
fn most_frequent<T: PartialEq + Copy>(values: Vec<T>) -> Option<T> {
    let times = |value: &T| values.iter().filter(|other| *other == value).count();
    values.iter().min_by_key(|value| Reverse(times(value))).copied()
}
