//! Whole headers of 543 models and adapters, as the reference implementations' classes make them, and of 18 published
//! files. Names and shapes are theirs; number types are placeholders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::LazyLock;

use flate2::read::GzDecoder;
use genonaut_sources::identify::Identity;
use regex::Regex;
use serde_json::{Map, Value};

use crate::score::{Expected, RULES, Rows, in_memory, through_a_file, wrong};

/// Sparse files above this size (64 GB) are more than some file systems allow.
const LARGEST: u64 = 64_000_000_000;

/// The others come out as something that their headers cannot be told from.
const EXACT: usize = 547;

#[test]
fn every_derived_header_is_identified() {
    let answers = || INDEX.iter().map(|(expected, rows)| (expected, RULES.identify(&in_memory(rows), "")));
    let errors: Vec<_> = answers().filter_map(|(expected, got)| wrong(expected, &got)).collect();
    assert!(errors.is_empty(), "{} wrong:\n{}", errors.len(), errors.join("\n"));
    let is_exact = |(expected, got): &(&Expected, Identity)| {
        expected.answer["architecture"].as_str() == got.detection.architecture.as_deref()
    };
    assert_eq!(answers().filter(is_exact).count(), EXACT);
}

#[test]
fn every_derived_header_is_identified_from_an_excerpt_in_a_sparse_file() {
    let folder = tempfile::tempdir().unwrap();
    let blocks = Regex::new(BLOCKS).unwrap();
    let mut errors = Vec::new();
    for (expected, rows) in INDEX.iter() {
        let rows = excerpt(rows, &blocks);
        if rows.iter().map(|(_, _, shape)| shape.iter().product::<u64>() * 2).sum::<u64>() <= LARGEST {
            errors.extend(wrong(expected, &through_a_file(folder.path(), &expected.id, &rows, &[])));
        }
    }
    assert!(errors.is_empty(), "{} wrong:\n{}", errors.len(), errors.join("\n"));
}

static INDEX: LazyLock<Vec<(Expected, Rows)>> = LazyLock::new(index);

fn index() -> Vec<(Expected, Rows)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/derived");
    let index = fs::read_to_string(folder.join("index.jsonl")).unwrap();
    let row = |line| {
        let answer: Value = serde_json::from_str(line).unwrap();
        let file = File::open(folder.join(answer["path"].as_str().unwrap())).unwrap();
        let header: Map<String, Value> = serde_json::from_reader(GzDecoder::new(file)).unwrap();
        let id = answer["id"].as_str().unwrap().to_owned();
        (Expected { id, answer }, header.into_iter().map(tensor).collect())
    };
    let rows: Vec<_> = index.lines().map(row).collect();
    assert_eq!(rows.len(), 561);
    rows
}

fn tensor((name, entry): (String, Value)) -> (String, String, Vec<u64>) {
    let shape = entry["shape"].as_array().into_iter().flatten().map(|length| length.as_u64().unwrap());
    (name, entry["dtype"].as_str().unwrap_or("F16").to_owned(), shape.collect())
}

const BLOCKS: &str =
    r"((?:^|[._])[A-Za-z_]*(?:blocks?|layers|resblocks|layer|embedders|attentions|resnets))[._](\d+)[._]";

/// All tensors outside of numbered blocks, and of those the first two and the last two.
fn excerpt(rows: &Rows, blocks: &Regex) -> Rows {
    // Rules look at several blocks of UNets: those stay whole.
    let is_unet = |name: &str| {
        ["input_blocks.", "input_blocks_", "down_blocks.", "down_blocks_"].iter().any(|p| name.contains(p))
    };
    if rows.iter().any(|(name, ..)| is_unet(name)) {
        return rows.clone();
    }
    let block = |name: &str| {
        let found = blocks.captures(name)?;
        Some((name[..found.get(1).unwrap().end()].to_owned(), found[2].parse::<u32>().unwrap()))
    };
    let mut families: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for (family, number) in rows.iter().filter_map(|(name, ..)| block(name)) {
        families.entry(family).or_default().insert(number);
    }
    let stays = |family: &str, number: u32| {
        let numbers = &families[family];
        numbers.iter().take(2).chain(numbers.iter().rev().take(2)).any(|kept| *kept == number)
    };
    let keep = |name: &str| block(name).is_none_or(|(family, number)| stays(&family, number));
    rows.iter().filter(|(name, ..)| keep(name)).cloned().collect()
}
