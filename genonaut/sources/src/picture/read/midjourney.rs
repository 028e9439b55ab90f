//! Midjourney: a description with options, `a lighthouse --ar 3:2 --seed 5 --v 6.0 Job ID: …`.

use super::super::report::Reason;
use super::super::{Program, values};
use super::{Fields, Made};

/// `None` when it has neither an option nor a job.
pub fn read(text: &str) -> Option<Made> {
    let (text, job) = text.split_once("Job ID:").map_or((text, None), |(text, job)| (text, Some(job)));
    let mut parts = format!(" {}", text.trim()).split(" --").map(str::to_owned).collect::<Vec<_>>().into_iter();
    let prompt = parts.next()?.trim().to_owned();
    let options: Vec<_> = parts.collect();
    let named = |option: &String| option.starts_with(|c: char| c.is_ascii_alphabetic());
    if job.is_none() && !(options.iter().all(named) && options.iter().any(|option| is_known(option))) {
        return None;
    }
    let mut fields = Fields::new(Program::Midjourney, []);
    fields.made.prompt = prompt;
    for option in &options {
        let (name, value) = option.trim().split_once(char::is_whitespace).unwrap_or((option.trim(), ""));
        take(&mut fields, name, value.trim());
    }
    Some(fields.finish())
}

fn take(fields: &mut Fields, name: &str, value: &str) {
    match name {
        "seed" => {
            fields.made.seed = values::whole(&value.into()).map(|(seed, _)| seed);
            fields.made.report.take("seed", value);
        }
        "no" => fields.made.negative_prompt = value.to_owned(),
        _ => fields.made.report.leave_out(name, value, Reason::OnlineService),
    }
}

fn is_known(option: &str) -> bool {
    const OPTIONS: [&str; 20] = [
        "ar", "aspect", "seed", "v", "version", "style", "stylize", "s", "chaos", "c", "q", "quality", "niji", "iw",
        "no", "weird", "tile", "raw", "profile", "p",
    ];
    OPTIONS.contains(&option.split_whitespace().next().unwrap_or_default())
}
