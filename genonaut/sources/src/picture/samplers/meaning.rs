//! What a program's words for sampler and schedule mean.

use super::super::{Program, Reason, Report};
use super::aliases::{self, fold};
use super::{SAMPLERS, SCHEDULERS};

/// Longer names (100 characters) are no samplers'.
const LONGEST: usize = 100;

/// A sampler and a schedule in ComfyUI's ids, and why each is another one than was written, if it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sampling {
    /// `None` when it is not known here; `sampler_reason` is `UnknownSampler` then.
    pub sampler: Option<&'static str>,
    pub sampler_reason: Option<Reason>,
    /// Never missing where the sampler is known, except when the schedule's name is not: then `scheduler_reason` is
    /// `UnknownScheduler`.
    pub scheduler: Option<&'static str>,
    pub scheduler_reason: Option<Reason>,
}

/// What `by` means by a sampler's name and, where it writes one, a schedule's. The name may hold both
/// (`DPM++ 2M Karras`, `euler_k`, `heunpp2_ddim_uniform`). A schedule that is missing or left to the program is the one
/// that this program uses then, never ours.
pub fn sampling(name: &str, schedule: Option<&str>, by: Program) -> Sampling {
    let mut meaning = read_name(name);
    let written = schedule.map(str::trim).filter(|text| !text.is_empty());
    let automatic = written.is_some_and(is_automatic);
    if let Some(text) = written.filter(|_| !automatic) {
        meaning.scheduler = scheduler(text);
        meaning.scheduler_reason = meaning.scheduler.is_none().then_some(Reason::UnknownScheduler);
        return meaning;
    }
    // `DPM++ 2M Karras` with `Automatic` is what it is called.
    if meaning.scheduler.is_none() && meaning.scheduler_reason.is_none() {
        let (own, reason): (fn(&str, Program) -> &'static str, _) = match automatic {
            true => (own_schedule, Reason::SamplersOwn),
            false => (default_schedule, Reason::WriterDefault(by)),
        };
        meaning.scheduler = meaning.sampler.map(|id| own(id, by));
        meaning.scheduler_reason = meaning.scheduler.map(|_| reason);
    }
    meaning
}

/// ComfyUI's id of the sampler that any program names so.
pub fn sampler(name: &str) -> Option<&'static str> {
    read_name(name).sampler
}

/// The schedule that a sampler's name ends with: `DPM++ 2M Karras`. `None` where the sampler is not known.
pub fn schedule_of(sampler: &str) -> Option<&'static str> {
    let meaning = read_name(sampler);
    meaning.sampler.and(meaning.scheduler)
}

/// ComfyUI's id of a scheduler that another program names.
pub fn scheduler(name: &str) -> Option<&'static str> {
    folded_scheduler(&fold(&short(name)))
}

impl Sampling {
    /// Tells the report what became of the two names.
    pub fn report(&self, name: &str, schedule: Option<&str>, report: &mut Report) {
        match self.sampler {
            Some(id) => report.add("sampler", name, id, self.sampler_reason),
            None => report.leave_out("sampler", name, Reason::UnknownSampler),
        }
        match self.scheduler {
            Some(id) => report.add("scheduler", schedule.unwrap_or_default(), id, self.scheduler_reason),
            None if self.scheduler_reason.is_some() => {
                report.leave_out("scheduler", schedule.unwrap_or(name), Reason::UnknownScheduler);
            }
            None => {}
        }
    }
}

/// The sampler, and the schedule that its name ends with.
fn read_name(name: &str) -> Sampling {
    let words = words(name);
    let gpu = words.iter().any(|word| word == "gpu");
    let words: Vec<_> = words.into_iter().filter(|word| word != "gpu").collect();
    let known = |sampler| Sampling {
        sampler: Some(sampler),
        sampler_reason: gpu.then_some(Reason::GpuNoise),
        ..Sampling::default()
    };
    if let Some(id) = folded_sampler(&words.concat()) {
        return known(id);
    }
    let unknown = Sampling { sampler_reason: Some(Reason::UnknownSampler), ..Sampling::default() };
    // The longest schedule first: of `ddim_uniform` no `uniform` is left.
    for at in 1..words.len() {
        let (head, tail) = (words[..at].concat(), words[at..].concat());
        let (scheduler, other) = (folded_scheduler(&tail), aliases::OTHER_SCHEDULES.contains(&tail.as_str()));
        if scheduler.is_some() || other {
            let found = folded_sampler(&head).map_or(unknown.clone(), known);
            return Sampling { scheduler, scheduler_reason: other.then_some(Reason::UnknownScheduler), ..found };
        }
    }
    unknown
}

/// In folded form, without the `k_` and `sample_` that k-diffusion's names begin with.
fn words(name: &str) -> Vec<String> {
    let name = short(name);
    let mut words: Vec<_> = name.split(|c: char| !c.is_alphanumeric() && c != '+').map(fold).collect();
    words.retain(|word| !word.is_empty() && word != "scheduler");
    if words.len() > 1 && matches!(words[0].as_str(), "k" | "sample") {
        words.remove(0);
    }
    words
}

fn short(name: &str) -> String {
    name.chars().take(LONGEST).collect()
}

fn folded_sampler(folded: &str) -> Option<&'static str> {
    let folded = folded.strip_suffix("scheduler").unwrap_or(folded);
    find(folded, SAMPLERS, aliases::SAMPLERS)
}

fn folded_scheduler(folded: &str) -> Option<&'static str> {
    find(folded.strip_suffix("schedule").unwrap_or(folded), SCHEDULERS, aliases::SCHEDULERS)
}

fn find(folded: &str, list: &[(&'static str, &str)], aliases: &[(&'static str, &[&str])]) -> Option<&'static str> {
    let known = list.iter().find(|(id, name)| fold(id) == folded || fold(name) == folded).map(|(id, _)| *id);
    known.or_else(|| aliases.iter().find(|(_, names)| names.contains(&folded)).map(|(id, _)| *id))
}

fn is_automatic(schedule: &str) -> bool {
    matches!(fold(schedule).as_str(), "automatic" | "auto" | "usesamesampler" | "usesamescheduler")
}

/// A1111's `Automatic`.
fn own_schedule(sampler: &str, _by: Program) -> &'static str {
    let own = aliases::AUTOMATIC.iter().find(|(id, _)| *id == sampler).map(|(_, schedule)| *schedule);
    own.unwrap_or_else(|| plain_schedule(sampler))
}

fn default_schedule(sampler: &str, by: Program) -> &'static str {
    match by {
        // `default_scheduler` of its settings.
        Program::Fooocus => "karras",
        Program::RuinedFooocus => "simple",
        _ => plain_schedule(sampler),
    }
}

/// DDIM takes every nth step from the first one on, in A1111 and in diffusers alike.
fn plain_schedule(sampler: &str) -> &'static str {
    if sampler == "ddim" { "ddim_uniform" } else { "normal" }
}

#[cfg(test)]
mod tests;
