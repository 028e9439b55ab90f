//! Numbers as people and other programs write them.

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Vec<String> {
    let (found, wrong) = numbers(text, false);
    assert_eq!(wrong, [] as [&str; 0]);
    found.iter().map(Number::to_string).collect()
}

#[test]
fn lists_and_ranges_are_read_however_they_are_written() {
    for (text, expected) in [
        ("20, 30", vec!["20", "30"]),
        ("20\n30\n", vec!["20", "30"]),
        ("0.4-1.0 by 0.2", vec!["0.4", "0.6", "0.8", "1"]),
        ("0.4 to 1 by 0.25", vec!["0.4", "0.65", "0.9"]),
        ("1..3", vec!["1", "2", "3"]),
        ("3–1", vec!["3", "2", "1"]),
        ("1-5 (+2)", vec!["1", "3", "5"]),
        ("10-5 (-3)", vec!["10", "7"]),
        ("0-1 [3]", vec!["0", "0.5", "1"]),
        ("-1--0.5 by .25", vec!["-1", "-0.75", "-0.5"]),
        ("1, 2, .., 5", vec!["1", "2", "3", "4", "5"]),
        ("9, 7, ..., 1", vec!["9", "7", "5", "3", "1"]),
        ("20, 20, 15-25 by 5", vec!["20", "15", "25"]),
        ("9223372036854775807", vec!["9223372036854775807"]),
        (" , ", vec![]),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn a_count_over_whole_numbers_is_what_a1111_makes_of_it() {
    let read: Vec<_> = numbers("1-10 [5]", true).0.iter().map(Number::to_string).collect();
    assert_eq!(read, ["1", "3", "5", "7", "10"]);
}

#[test]
fn what_cannot_be_read_is_named() {
    for (text, says) in [
        ("twenty", "“twenty” is not a number"),
        ("1-", "“1-” is not a number or a range"),
        ("1e3", "“1e3” is not a number"),
        ("1-5 by", "“1-5 by” is not a number"),
        ("0.4-1.05", "“0.4-1.05” needs a step"),
        ("1-5 by 0", "“1-5 by 0” has no step"),
        ("1-9999", "“1-9999” has more than 400 values"),
        ("1-9 [0]", "“1-9 [0]” must have 1 to 400 values"),
        ("1, .., 9", "“..” needs two numbers before it"),
        ("0.1234567", "is not a number"),
    ] {
        let wrong = numbers(text, false).1.join(". ");
        assert!(wrong.contains(says), "{text}: {wrong}");
    }
    let (found, wrong) = numbers("a, 1, b", false);
    assert_eq!((found.len(), wrong.len()), (1, 2));
}

proptest! {
    #[test]
    fn a_number_is_read_as_it_is_written(millionths in -1_000_000_000_000i128..1_000_000_000_000) {
        let number = Number(millionths);
        prop_assert_eq!(numbers(&number.to_string(), false), (vec![number], Vec::new()));
    }

    #[test]
    fn a_range_starts_and_stays_within_its_ends(first in -500i128..500, last in -500i128..500, step in 1i128..300) {
        let (first, last) = (Number(first * ONE / 100), Number(last * ONE / 100));
        let text = format!("{first} to {last} by {}", Number(step * ONE / 10));
        let read = numbers(&text, false).0;
        prop_assert_eq!(read[0], first);
        let within = first.min(last)..=first.max(last);
        prop_assert!(read.iter().all(|number| within.contains(number)));
    }

    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,40}") {
        let _ = numbers(&text, true);
    }
}
