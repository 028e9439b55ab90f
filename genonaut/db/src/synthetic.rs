//! Made-up models for trying things out at size: realistic, and the same for the same seed.

mod dice;
mod words;

use crate::capital::capital;
use dice::Dice;
use words::{ADJECTIVES, BASES, FAMILIES, NOUNS, TAGS};

/// How many of `rows` are checkpoints and how many LoRAs: about one in ten is a checkpoint.
pub fn split(rows: u64) -> (u64, u64) {
    let checkpoints = rows.div_ceil(10);
    (checkpoints, rows - checkpoints)
}

/// A row whose fields stand in the order of its table's `COLUMNS`; `None` is NULL.
pub struct Row(pub Vec<Option<String>>);

pub const CHECKPOINT_COLUMNS: [&str; 9] =
    ["path", "name", "version", "architecture", "family", "description", "rating", "tags", "metadata"];

pub const LORA_COLUMNS: [&str; 11] = [
    "path",
    "name",
    "version",
    "compatible_architectures",
    "family",
    "description",
    "rating",
    "tags",
    "trigger_words",
    "optimal_checkpoints",
    "metadata",
];

/// Checkpoint number `index`; depends on nothing but `seed` and `index`.
pub fn checkpoint(seed: u64, index: u64) -> Row {
    let mut dice = Dice::new(seed, index * 2);
    let name = checkpoint_name(seed, index);
    let (base, spelling) = base(&mut dice);
    let size = if base == "sd1" { 512 } else { 1024 };
    let metadata = format!(
        r#"{{"synthetic": true, "defaults": {{"width": {size}, "height": {size}, "steps": {}, "cfg": {}.5, "sampler": "dpmpp_2m", "scheduler": "karras"}}}}"#,
        20 + dice.below(20),
        3 + dice.below(6),
    );
    Row(vec![
        Some(format!("models/checkpoints/synthetic/{name}.safetensors")),
        (!dice.one_in(20)).then(|| name.clone()),
        (!dice.one_in(12)).then(|| version(&mut dice)),
        (!dice.one_in(25)).then(|| spelling.to_owned()),
        (!dice.one_in(10)).then(|| dice.pick(&FAMILIES).to_owned()),
        (!dice.one_in(9)).then(|| description(&mut dice, "checkpoint")),
        rating(&mut dice),
        Some(list(tags(&mut dice))),
        Some(metadata),
    ])
}

/// LoRA number `index`, made to go with some checkpoints of its own base; depends on nothing but `seed` and `index`.
pub fn lora(seed: u64, index: u64) -> Row {
    let mut dice = Dice::new(seed, index * 2 + 1);
    let name = format!("{}_{}_{}", dice.pick(&ADJECTIVES), dice.pick(&NOUNS), code(seed, index));
    let (made_for, spelling) = base(&mut dice);
    let mut architectures = vec![spelling.to_owned()];
    if dice.one_in(8) {
        architectures.push(base(&mut dice).1.to_owned());
    }
    if dice.one_in(30) {
        architectures.clear();
    }
    let weight = 40 + 5 * dice.below(17);
    Row(vec![
        Some(format!("models/loras/synthetic/{name}.safetensors")),
        (!dice.one_in(20)).then(|| name.clone()),
        (!dice.one_in(12)).then(|| version(&mut dice)),
        Some(list(architectures)),
        (!dice.one_in(10)).then(|| dice.pick(&FAMILIES).to_owned()),
        (!dice.one_in(9)).then(|| description(&mut dice, "LoRA")),
        rating(&mut dice),
        Some(list(tags(&mut dice))),
        Some(list(trigger_words(&mut dice))),
        Some(list(optimal(&mut dice, seed, index, made_for))),
        Some(format!(
            r#"{{"synthetic": true, "recommended_weight": {}}}"#,
            f64::from(u32::try_from(weight).unwrap_or(100)) / 100.0
        )),
    ])
}

/// Appends the row as one line of PostgreSQL's COPY text format.
pub fn write_copy(out: &mut String, row: &Row) {
    for (number, field) in row.0.iter().enumerate() {
        if number > 0 {
            out.push('\t');
        }
        match field {
            // No field holds a tab, a line end or NUL; a backslash comes only from a list's quotes.
            Some(text) => out.push_str(&text.replace('\\', "\\\\")),
            None => out.push_str("\\N"),
        }
    }
    out.push('\n');
}

fn checkpoint_name(seed: u64, index: u64) -> String {
    let mut dice = Dice::new(seed ^ 0x5eed, index);
    let adjective = dice.pick(&ADJECTIVES);
    format!("{adjective}{}_{}", capital(dice.pick(&NOUNS)), code(seed, index))
}

/// What makes a name one row's alone: the index, and the seed where it is not the usual one.
fn code(seed: u64, index: u64) -> String {
    if seed == 0 { format!("{index:x}") } else { format!("{seed:x}x{index:x}") }
}

/// A base as often as people have it, and one of the ways they spell it.
fn base(dice: &mut Dice) -> (&'static str, &'static str) {
    let mut left = dice.below(100);
    for (base, share, spellings) in BASES {
        if left < share {
            return (base, dice.pick(spellings));
        }
        left -= share;
    }
    ("sd1", "SD 1.5")
}

fn version(dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => format!("{}", 1 + dice.below(9)),
        1 => format!("{}.{}", 1 + dice.below(4), dice.below(10)),
        _ => format!("v{}.0", 1 + dice.below(6)),
    }
}

fn description(dice: &mut Dice, kind: &str) -> String {
    let (look, of, light) = (dice.pick(&ADJECTIVES), dice.pick(&NOUNS), dice.pick(&TAGS));
    match dice.below(4) {
        0 => format!("A {look} {kind} for {of} images with strong {light}"),
        1 => format!("{} {of} scenes, trained on {} images", capital(look), 20 + dice.below(4000)),
        2 => format!("Brings {light} and {look} detail to every {of}"),
        _ => format!("{} {light} {kind}: steady faces, clean {of}", capital(look)),
    }
}

/// Bell-shaped around 0.72; one in twenty is not rated.
fn rating(dice: &mut Dice) -> Option<String> {
    if dice.one_in(20) {
        return None;
    }
    let sum: u64 = (0..4).map(|_| dice.below(1401)).sum();
    let rating = (sum + 4400).min(10_000);
    Some(format!("0.{rating:04}").replace("0.10000", "1"))
}

/// Some tags are everywhere and most are rare: the smaller of two throws, twice.
fn tags(dice: &mut Dice) -> Vec<String> {
    let count = dice.below(6);
    let tag = |dice: &mut Dice| {
        let throw = (0..3).map(|_| dice.below(TAGS.len() as u64 * 6)).min().unwrap_or(0);
        let (word, variant) = (TAGS[(throw % TAGS.len() as u64) as usize], throw / TAGS.len() as u64);
        if variant == 0 { word.to_owned() } else { format!("{word} {variant}") }
    };
    (0..count).map(|_| tag(dice)).collect()
}

fn trigger_words(dice: &mut Dice) -> Vec<String> {
    (0..dice.below(4)).map(|_| format!("{} {}", dice.pick(&ADJECTIVES), dice.pick(&NOUNS))).collect()
}

/// A library with LoRA `index` has at least `index / 9 + 1` checkpoints, see `split`: only those are named.
fn optimal(dice: &mut Dice, seed: u64, index: u64, made_for: &str) -> Vec<String> {
    let tries = 4 * dice.below(3);
    let throws: Vec<_> = (0..tries).map(|_| dice.below(index / 9 + 1)).collect();
    let fitting = throws.into_iter().filter(|number| checkpoint_base(seed, *number) == made_for);
    fitting.take(3).map(|number| checkpoint_name(seed, number)).collect()
}

/// The first throw of `checkpoint`.
fn checkpoint_base(seed: u64, index: u64) -> &'static str {
    base(&mut Dice::new(seed, index * 2)).0
}

/// A PostgreSQL array literal. Words of ours need no escaping.
fn list(words: Vec<String>) -> String {
    let mut kept: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        if !kept.contains(&word) {
            kept.push(word);
        }
    }
    format!("{{{}}}", kept.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn the_same_seed_and_number_give_the_same_row() {
        assert_eq!(lora(7, 12345).0, lora(7, 12345).0);
        assert_ne!(lora(7, 12345).0, lora(8, 12345).0);
        assert_eq!(checkpoint(0, 3).0, checkpoint(0, 3).0);
    }

    #[test]
    fn paths_and_names_are_one_rows_alone() {
        let mut seen = HashSet::new();
        for index in 0..50_000 {
            assert!(
                seen.insert(lora(0, index).0[0].clone()) && seen.insert(checkpoint(0, index).0[0].clone()),
                "{index}"
            );
        }
    }

    #[test]
    fn rows_are_as_mixed_as_a_real_library() {
        let rows: Vec<_> = (0..10_000).map(|index| lora(0, index).0).collect();
        let share = |wanted: &dyn Fn(&Vec<Option<String>>) -> bool| {
            rows.iter().filter(|row| wanted(row)).count() as f64 / 10_000.0
        };
        let unrated = share(&|row| row[6].is_none());
        assert!((0.04..0.06).contains(&unrated), "{unrated}");
        let ratings: Vec<f64> = rows.iter().filter_map(|row| row[6].as_ref()?.parse().ok()).collect();
        assert!(ratings.iter().all(|rating| (0.0..=1.0).contains(rating)));
        let mean = ratings.iter().sum::<f64>() / ratings.len() as f64;
        assert!((0.70..0.74).contains(&mean), "{mean}");
        for (field, low, high) in [(1, 0.03, 0.07), (5, 0.08, 0.14)] {
            let missing = share(&|row: &Vec<Option<String>>| row[field].is_none());
            assert!((low..high).contains(&missing), "field {field}: {missing}");
        }
    }
    #[test]
    fn loras_name_checkpoints_that_exist_and_are_of_their_base() {
        let (checkpoints, loras) = split(2_000);
        let known: HashMap<_, _> =
            (0..checkpoints).map(|index| (checkpoint_name(0, index), checkpoint_base(0, index))).collect();
        let mut naming = 0;
        for index in 0..loras {
            let (row, spelled) = (lora(0, index).0, lora(0, index).0[3].clone().unwrap());
            let named = row[9].as_deref().unwrap().trim_matches(['{', '}']);
            naming += u64::from(!named.is_empty());
            for name in named.split(',').filter(|name| !name.is_empty()) {
                let base = known[name.trim_matches('"')];
                let spellings = BASES.iter().find(|(known, ..)| *known == base).unwrap().2;
                assert!(spelled == "{}" || spellings.iter().any(|spelling| spelled.contains(spelling)), "{index}");
            }
        }
        assert!(naming > loras / 3, "{naming}");
    }

    #[test]
    fn a_checkpoints_first_throw_is_its_base() {
        for index in 0..1_000 {
            let spelled = checkpoint(0, index).0[3].clone();
            let spellings = BASES.iter().find(|(base, ..)| *base == checkpoint_base(0, index)).unwrap().2;
            assert!(spelled.is_none_or(|spelled| spellings.contains(&spelled.as_str())), "{index}");
        }
    }
}
