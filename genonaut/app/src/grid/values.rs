//! Reads the values of an axis: numbers within the settings' limits, models of the catalogue.

use genonaut_db::architecture::Target;
use genonaut_db::checkpoint::Checkpoint;
use genonaut_db::lora::Lora;
use genonaut_db::{DbError, PgPool, checkpoint, lora};
use genonaut_sources::picture::{Model, SAMPLERS, SCHEDULERS};
use genonaut_sources::setting_limits::{WEIGHT, whole_text};

use super::MOST_CELLS;
use super::axis::{Axis, Change, Value};
use super::kind::Kind;
use super::names::names;
use super::numbers::{numbers, shortened};
use crate::lookup;
use crate::recipe::random_seed;
use crate::settings::Settings;

/// Characters of an axis' values.
const LONGEST: usize = 20_000;

/// The axis, or everything that is wrong with its values. `target` decides between LoRAs that are called the same.
pub async fn read(db: &PgPool, kind: Kind, text: &str, target: &Target) -> Result<Result<Axis, String>, DbError> {
    if text.chars().count() > LONGEST || text.contains('\0') {
        return Ok(Err(format!("{}: at most {LONGEST} characters of text without NUL", kind.name())));
    }
    let values = match kind {
        Kind::Checkpoint | Kind::Lora => models(db, kind, text, target).await?,
        Kind::Sampler | Kind::Scheduler => each(names(text).iter().map(String::as_str), |name| setting(kind, name)),
        Kind::Prompt => Ok(names(text).iter().map(|text| words(text)).collect()),
        Kind::Seed => seeds(text),
        Kind::Weight => numeric(text, false, weight),
        Kind::Cfg => numeric(text, false, |number| setting(kind, number)),
        Kind::Steps | Kind::ClipSkip => numeric(text, true, |number| setting(kind, number)),
    };
    Ok(match values {
        Ok(values) if values.is_empty() => Err(format!("{} has no values", kind.name())),
        Ok(values) if values.len() > MOST_CELLS => {
            Err(format!("{} has {} values; a grid can have at most {MOST_CELLS}", kind.name(), values.len()))
        }
        Ok(values) => Ok(Axis { kind, values }),
        Err(wrong) => Err(format!("{}: {}", kind.name(), wrong.join("; "))),
    })
}

type Values = Result<Vec<Value>, Vec<String>>;

fn numeric(text: &str, whole: bool, value: impl Fn(&str) -> Result<Value, String>) -> Values {
    let (numbers, mut wrong) = numbers(text, whole);
    let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
    let values = each(numbers.iter().map(String::as_str), value);
    match values {
        Ok(values) if wrong.is_empty() => Ok(values),
        Ok(_) => Err(wrong),
        Err(more) => {
            wrong.extend(more);
            Err(wrong)
        }
    }
}

/// All values, or all that is wrong.
fn each<'a>(texts: impl Iterator<Item = &'a str>, value: impl Fn(&str) -> Result<Value, String>) -> Values {
    let (mut values, mut wrong): (Vec<Value>, Vec<String>) = (Vec::new(), Vec::new());
    for text in texts {
        match value(text) {
            Ok(value) if values.iter().any(|known| known.label == value.label) => {}
            Ok(value) => values.push(value),
            Err(reason) => wrong.push(reason),
        }
    }
    if wrong.is_empty() { Ok(values) } else { Err(wrong) }
}

/// With the limits that the setting has everywhere.
fn setting(kind: Kind, text: &str) -> Result<Value, String> {
    let mut settings = Settings::default();
    let taken = settings.take(kind.word(), text).ok_or_else(|| format!("“{}” cannot be varied", shortened(text)))?;
    taken.map_err(|refused| refused.reason)?;
    let labels: Vec<_> = settings.pairs().into_iter().map(|(name, value)| label(name, &value)).collect();
    Ok(Value { label: labels.join(" "), change: Change::Set(Box::new(settings)) })
}

/// What people call a value.
fn label(setting: &str, value: &str) -> String {
    let names: &[(&str, &str)] = match setting {
        "sampler" => SAMPLERS,
        "scheduler" => SCHEDULERS,
        _ => &[],
    };
    names.iter().find(|(id, _)| *id == value).map_or(value, |(_, label)| label).to_owned()
}

fn weight(text: &str) -> Result<Value, String> {
    let weight = WEIGHT.number(text).map_err(|refused| refused.reason)?;
    Ok(Value { label: text.to_owned(), change: Change::Weight(weight) })
}

/// `random`, and the -1 of other programs, is another one each time.
fn seeds(text: &str) -> Values {
    let is_random = |entry: &str| whole_text(entry) == Some(-1) || entry.eq_ignore_ascii_case("random");
    let entries = text.split([',', ';', '\n']).map(str::trim);
    let (random, given): (Vec<_>, Vec<_>) = entries.partition(|entry| is_random(entry));
    let seed = |text: &str| {
        let seed = text.parse::<i64>().ok().filter(|seed| *seed >= 0);
        let reason = || format!("seed must be a whole number from 0 to {1}, not “{0}”", shortened(text), i64::MAX);
        seed.map(seeded).ok_or_else(reason)
    };
    let mut values = numeric(&given.join(","), true, seed)?;
    values.extend(random.iter().take(MOST_CELLS + 1).map(|_| seeded(random_seed())));
    Ok(values)
}

fn seeded(seed: i64) -> Value {
    Value { label: seed.to_string(), change: Change::Seed(seed) }
}

fn words(text: &str) -> Value {
    Value { label: text.to_owned(), change: Change::Words(text.to_owned()) }
}

/// A name may have commas in it: a line is looked for whole first.
async fn models(db: &PgPool, kind: Kind, text: &str, target: &Target) -> Result<Values, DbError> {
    let (mut values, mut wrong): (Vec<Value>, Vec<String>) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST_CELLS + 1) {
        let whole = model(db, kind, line, target).await?;
        let parts: Vec<_> = if whole.is_some() { vec![line.to_owned()] } else { names(line) };
        for name in parts.iter().take(MOST_CELLS + 1) {
            match model(db, kind, name, target).await? {
                Some(value) if values.iter().any(|known| known.label == value.label) => {}
                Some(value) => values.push(value),
                None => wrong.push(format!("no {} named “{}”", called(kind), shortened(name))),
            }
        }
    }
    Ok(if wrong.is_empty() { Ok(values) } else { Err(wrong) })
}

const fn called(kind: Kind) -> &'static str {
    if matches!(kind, Kind::Checkpoint) { "checkpoint" } else { "LoRA" }
}

async fn model(db: &PgPool, kind: Kind, name: &str, target: &Target) -> Result<Option<Value>, DbError> {
    if kind == Kind::Checkpoint {
        let found = named_checkpoint(db, name).await?;
        return Ok(found.map(|found| Value {
            label: found.label().to_owned(),
            change: Change::Checkpoint(Box::new(found.into())),
        }));
    }
    if name.eq_ignore_ascii_case("none") {
        return Ok(Some(Value { label: "No LoRA".to_owned(), change: Change::Lora(None) }));
    }
    let found = named_lora(db, name, target).await?;
    Ok(found.map(|found| Value { label: found.label().to_owned(), change: Change::Lora(Some(Box::new(found.into()))) }))
}

/// By its own name, else as a prompt would name it.
async fn named_lora(db: &PgPool, name: &str, target: &Target) -> Result<Option<Lora>, DbError> {
    if let Some(found) = lora::find_by_name(db, name).await? {
        return Ok(Some(found));
    }
    Ok(lookup::lora(db, &Model::named(name), Some(target)).await?.map(|found| found.model))
}

async fn named_checkpoint(db: &PgPool, name: &str) -> Result<Option<Checkpoint>, DbError> {
    if let Some(found) = checkpoint::find_by_name(db, name).await? {
        return Ok(Some(found));
    }
    Ok(lookup::checkpoint(db, &Model::named(name)).await?.map(|found| found.model))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_labels(values: Values) -> Vec<String> {
        values.unwrap().into_iter().map(|value| value.label).collect()
    }

    #[test]
    fn settings_are_held_to_their_own_limits() {
        let steps = |text| numeric(text, true, |number| setting(Kind::Steps, number));
        assert_eq!(read_labels(steps("20, 30-40 by 5")), ["20", "30", "35", "40"]);
        let wrong = steps("0, 20, many, 200, 2.5").unwrap_err();
        assert_eq!(wrong.len(), 4);
        assert_eq!(wrong[2], "must be a whole number from 1 to 150, not “200”");
        assert!(numeric("-5", false, weight).unwrap_err()[0].contains("must be a number from -4 to 4"));
        assert_eq!(read_labels(numeric("-1-1 by 1", false, weight)), ["-1", "0", "1"]);
    }

    #[test]
    fn samplers_are_taken_by_either_name_and_called_by_the_usual_one() {
        let read = |text| each(names(text).iter().map(String::as_str), |name| setting(Kind::Sampler, name));
        assert_eq!(read_labels(read("euler_ancestral, Euler a, euler")), ["Euler a", "Euler"]);
        assert_eq!(read_labels(read("Euler a, DPM++ 2M Karras")), ["Euler a", "DPM++ 2M Karras"]);
        assert!(read("Euler a\nbest").unwrap_err()[0].contains("not “best”"));
    }

    #[test]
    fn random_seeds_are_another_one_each_time() {
        let read = read_labels(seeds("7, random, -1, 8"));
        assert_eq!((read.len(), &read[..2]), (4, &["7".to_owned(), "8".to_owned()][..]));
        assert_ne!(read[2], read[3]);
        assert!(seeds("1.5").unwrap_err()[0].contains("whole number"));
    }
}
